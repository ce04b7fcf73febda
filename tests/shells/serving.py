"""A real server in the background of a synchronous test.

Whatever the event loop complains of, and any task that is left over, fails the test.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from streamsim.engine.core import Engine, Settings
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from streamsim.shells.server import Server
from tests.builders import exchange
from tests.shells.raw import request

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from streamsim.clock.core import Clock
    from streamsim.engine.trace import Trace
    from streamsim.recording.model import Exchange, Recording
    from streamsim.shells.server import Forward

_T = TypeVar("_T")

CHUNKED = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
CLOSING = (("Content-Type", "text/event-stream"), ("Connection", "close"))
GET = request("/get", method="GET")
LONG_S = 3600
INSTANT = Profile(pacing=Pacing(mode="instant"))


def stream(**more: object) -> Exchange:
    """Return an exchange whose head says that it is chunked."""
    return exchange(**({"headers": CHUNKED} | more))  # type: ignore[arg-type]


def engine(*recordings: Recording, settings: Settings | None = None) -> Engine:
    """Return an engine that serves ``recordings`` at once, whatever their times, unless ``settings`` are given."""
    return Engine([Planner(one) for one in recordings], settings or Settings(profile=INSTANT))


class Running:
    """A server that serves.

    Attributes:
        traces: Of every answer that is over.

    """

    def __init__(self, served: Engine, *, forward: Forward | None = None, clock: Clock | None = None) -> None:
        self.traces: list[Trace] = []
        self.loop = asyncio.new_event_loop()
        self.server = Server(served, forward=forward, clock=clock)
        self._complaints: list[str] = []
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run)
        served.on_trace = self.traces.append

    @property
    def port(self) -> int:
        return self.server.port

    def call(self, function: Callable[[], _T]) -> _T:
        """Return what ``function`` returns, called in the server's own thread."""

        async def called() -> _T:
            return function()

        return asyncio.run_coroutine_threadsafe(called(), self.loop).result(10)

    def eventually(self, condition: Callable[[], bool]) -> bool:
        """Let the loop turn until ``condition`` holds, for ten seconds at most."""

        async def settled() -> bool:
            for _ in range(10_000):
                if condition():
                    return True
                await asyncio.sleep(0.001)
            return False

        return asyncio.run_coroutine_threadsafe(settled(), self.loop).result(60)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        """Stop serving; fail if anything went wrong out of sight."""
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()
        assert not self._complaints
        assert not self.server.sessions

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
                runner.run(self._serve())
        except Exception as error:  # noqa: BLE001 - shown by the test
            self._complaints.append(repr(error))

    async def _serve(self) -> None:
        self.loop.set_exception_handler(self._complain)
        async with self.server:
            self._ready.set()
            await self._stop.wait()
        for _ in range(3):
            await asyncio.sleep(0)
        self._complaints += [repr(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    def _complain(self, _: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        self._complaints.append(repr(context))


@contextmanager
def serving(
    served: Engine, *, forward: Forward | None = None, clock: Clock | None = None
) -> Generator[Running, None, None]:
    """Serve ``served`` on loopback for the length of the ``with``."""
    running = Running(served, forward=forward, clock=clock)
    running.start()
    try:
        yield running
    finally:
        running.stop()
