"""The same reader on each event loop that anyio runs on."""

from __future__ import annotations

import pytest

from answers.board import departures

pytestmark = [pytest.mark.anyio, pytest.mark.streamsim("starlette-events")]


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


async def test_all_departures(streamsim_replay):
    """Who has time sees the whole board."""
    async with streamsim_replay.http_client(family="httpx2") as client:
        found = await departures(client, "https://board.example/departures", seconds=60)
    assert len(found) == 4
    assert streamsim_replay.requests[0].target == "/departures"


@pytest.mark.streamsim(faults="stall:at_event=2")
async def test_a_board_that_stalls(streamsim, streamsim_replay):
    """Who has a minute goes after a minute, with what there was."""
    async with streamsim_replay.http_client(family="httpx2") as client:
        found = await departures(client, "https://board.example/departures", seconds=60)
    assert len(found) == 2
    assert streamsim.clock.now() == streamsim_replay.trace.client_left_at == 60
