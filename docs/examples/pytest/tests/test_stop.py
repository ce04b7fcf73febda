"""The stop button: what is saved by it."""

from __future__ import annotations

import asyncio

import anthropic

from answers.stop import write


async def test_stopping_saves_the_rest(streamsim):
    """Who presses stop after one second keeps what was said by then, and the rest is never delivered."""
    replay = streamsim.replay("llama-messages")
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(1.0, stop.set)
    async with anthropic.AsyncAnthropic(http_client=replay.http_client()) as client:
        text = await write(client, "A story, please.", stop)
    trace = replay.trace
    assert trace.client_left_at == 1.0
    assert trace.outcome == "client left"
    assert text == trace.delivered.text
    assert trace.never_delivered.tokens == 24
    assert trace.delivered.tokens + trace.never_delivered.tokens == trace.planned.tokens == 44


async def test_who_does_not_stop_gets_it_all(streamsim):
    """Without stop the answer is whole."""
    replay = streamsim.replay("llama-messages")
    async with anthropic.AsyncAnthropic(base_url=replay.base_url) as client:
        text = await write(client, "A story, please.", asyncio.Event())
    assert text == replay.trace.planned.text
    replay.trace.assert_complete()
