"""A real server in a thread of its own, with its own event loop: for any client, in real time."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from streamsim.clock.drivers.realtime import RealClock
from streamsim.errors import UsageError
from streamsim.shells.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.engine.core import Engine
    from streamsim.shells.server import Forward

# How long to wait, at most, for the thread to begin and to end; and between two looks at what it does.
LIMIT_S = 10.0
LOOK_S = 0.002


class Aside:
    """Serves ``engine`` on loopback until :meth:`stop`.

    Attributes:
        engine: What it answers.
        url: Where clients find it.

    """

    def __init__(self, engine: Engine, forward: Forward | None = None) -> None:
        """Start.

        Raises:
            UsageError: It cannot listen.

        """
        self.url = ""
        self.engine = engine
        self._forward = forward
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="streamsim server", daemon=True)
        self._thread.start()
        self._ready.wait(LIMIT_S)
        if not self.url:
            raise UsageError("real=True", f"the server does not start: {self._failure}", "is loopback there?")

    def stop(self) -> None:
        """Stop serving; connections that are open are dropped."""
        loop, over = self._loop, self._over
        if loop is not None and over is not None and not loop.is_closed():
            loop.call_soon_threadsafe(over.set)
            self._thread.join(LIMIT_S)

    def eventually(self, condition: Callable[[], bool], limit_s: float = 1.0) -> None:
        """Wait until ``condition()`` holds, but not for long: the server is a moment behind its clients."""
        waiting = threading.Event()
        for _ in range(int(limit_s / LOOK_S)):
            if condition():
                return
            waiting.wait(LOOK_S)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - told to who started the thread
            self._failure = error
        self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with Server(self.engine, clock=RealClock(), forward=self._forward) as server:
            self.url = server.url
            self._ready.set()
            await self._over.wait()
