"""The real server under load, with real sockets, on a loop in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from streamsim.engine.core import Engine, Settings
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile, repaced
from streamsim.traffic.model import NO_LOAD, reloaded
from tests.builders import exchange, recording
from tests.shells.raw import request
from tests.shells.virtual import STREAM, play

if TYPE_CHECKING:
    from streamsim.clock.core import VirtualClock
    from streamsim.shells.server import Server

MS = 1_000_000


def engine(**load: str) -> Engine:
    profile = Profile(pacing=repaced(Pacing(), {"itl": "20ms"}, where="--"), load=reloaded(NO_LOAD, load, where="--"))
    return Engine([Planner(recording(exchange(headers=STREAM)))], Settings(profile=profile, headers=False))


async def reads(clock: VirtualClock, server: Server, after_ms: int, until_ms: int | None = None) -> list[int]:
    """Ask after some time; return when something came, in ms, up to the answer's end or until it is left."""
    await asyncio.sleep(after_ms / 1000)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request())
    seen: list[int] = []

    async def read() -> None:
        data = b""
        while not data.endswith(b"0\r\n\r\n") and not data.startswith(b"HTTP/1.1 4"):
            data = await reader.read(1 << 16)
            seen.append(clock.now_ns() // MS)

    patience_s = None if until_ms is None else (until_ms - after_ms) / 1000
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(read(), patience_s)
    writer.close()
    return seen


def seen_by(served: Engine, *askers: tuple[int, int | None]) -> list[list[int]]:
    results: list[list[int]] = []

    async def main(clock: VirtualClock, server: Server) -> None:
        results.extend(await asyncio.gather(*(reads(clock, server, *asker) for asker in askers)))

    play(main, served)
    return results


def test_streams_slow_each_other_wait_and_are_refused() -> None:
    """Two run at half speed, the third waits, the fourth is refused, each at its instant."""
    served = engine(itl_per_stream="20ms", max_concurrency="2", max_queue="1")
    seen = seen_by(served, (0, None), (60, None), (70, None), (80, None))
    assert seen == [[140, 180, 220, 260], [260, 300, 340, 380], [420, 440, 460, 480], [80]]


def test_who_leaves_frees_a_place_at_that_instant() -> None:
    """One leaves while its answer is played, one while it waits; the last one begins when the first has left."""
    seen = seen_by(engine(max_concurrency="1"), (0, 130), (10, 120), (20, None))
    assert seen == [[100, 120], [], [230, 250, 270, 290]]
