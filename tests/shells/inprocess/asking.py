"""What the clients in process ask, and the engines that answer: one small stream, with or without faults.

The head comes at 100 ms, the three frames of HELLO at 120, 140 and 160 ms, the end with the last.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from streamsim.clock.core import VirtualClock
from streamsim.engine.core import Engine, Settings
from streamsim.plan.faults import parse_fault
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from streamsim.shells.inprocess.clients import client
from tests.builders import exchange, recording

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from streamsim.recording.model import Exchange

MS = 1_000_000
S = 1000 * MS
URL = "https://api.example.test/v1/chat/completions"
STREAM = (("content-type", "text/event-stream"), ("transfer-encoding", "chunked"))
ASK: dict[str, Any] = {"content": b'{"stream":true}', "headers": {"content-type": "application/json"}}

Runner: TypeAlias = Literal["sync", "asyncio", "trio"]
RUNNERS: tuple[Runner, ...] = ("sync", "asyncio", "trio")


def engine(*faults: str, of: Exchange | None = None) -> Engine:
    """Return an engine that answers with ``of``, or the small stream, and ``faults``."""
    profile = Profile(faults=tuple(parse_fault(fault) for fault in faults))
    return Engine([Planner(recording(of or exchange(headers=STREAM)))], Settings(profile=profile))


class Seen:
    """What one client saw of one answer: its status, what came when, and which error ended it when."""

    def __init__(self) -> None:
        self.status = 0
        self.parts: list[tuple[int, bytes]] = []
        self.error: tuple[str, str] | None = None
        self.over_ns = 0

    def told(self) -> tuple[object, ...]:
        return self.status, self.parts, self.error, self.over_ns


def run(main: Callable[[], Awaitable[None]], runner: Runner) -> None:
    """Run the coroutine function ``main`` under asyncio or trio."""
    if runner == "trio":
        import trio  # noqa: PLC0415 - loaded where it is used

        trio.run(main)
    else:
        import asyncio  # noqa: PLC0415

        async def wrapped() -> None:
            await main()

        asyncio.run(wrapped())


def see(runner: Runner, family: Literal["httpx", "httpx2"], served: Engine, **options: Any) -> Seen:
    """Return what a client saw of the answer of ``served``, on a clock of its own."""
    clock, seen = VirtualClock(), Seen()
    make = partial(client, served, clock, family=family, **options)
    try:
        if runner == "sync":
            _see(make(asynchronous=False), clock, seen)
        else:
            run(partial(_see_in_tasks, make, clock, seen), runner)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was seen
        seen.error = (type(error).__name__, str(error))
    seen.over_ns = clock.now_ns()
    return seen


def _see(asked: Any, clock: VirtualClock, seen: Seen) -> None:
    with asked, asked.stream("POST", URL, **ASK) as response:
        seen.status = response.status_code
        for part in response.iter_raw():
            seen.parts.append((clock.now_ns(), part))


async def _see_in_tasks(make: Callable[..., Any], clock: VirtualClock, seen: Seen) -> None:
    async with make(asynchronous=True) as asked, asked.stream("POST", URL, **ASK) as response:
        seen.status = response.status_code
        async for part in response.aiter_raw():
            seen.parts.append((clock.now_ns(), part))
