"""Where clients find a replay: in virtual time in memory, or in real time on a real server.

Law: a seam is made when it is first asked for, and decides nothing about what is answered.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from streamsim.testing.finish import unfinished
from streamsim.testing.thread import Aside

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from streamsim.engine.trace import Trace
    from streamsim.shells.server import Forward
    from streamsim.testing.act import Act
    from streamsim.testing.watched import Watched

# For clients of sockets that block: addresses that nobody has (RFC 5737). For those of trio: a name that nobody has.
NOBODY = "192.0.2."
NOWHERE = "http://only-through-http-client.streamsim.invalid"

# How often to let an event loop turn, so that a server on it sees who has left.
TURNS = 20

_numbers = count()


class Seam(Protocol):
    """One way to a replay."""

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        ...

    def client(self, family: str | ModuleType | None, *, asynchronous: bool, options: dict[str, Any]) -> Any:
        """Return a client of httpx or httpx2."""
        ...

    def settle(self, traces: list[Trace]) -> None:
        """Let what is under way become part of ``traces``."""
        ...

    async def leave(self, traces: list[Trace]) -> list[Trace]:
        """Close what is on the event loop that runs; return those of ``traces`` that this cuts off."""
        ...

    def until(self, condition: Callable[[], bool], limit_s: float) -> None:
        """Give what takes real time a moment to make ``condition()`` true."""
        ...

    def stop(self) -> None:
        """Close the rest."""
        ...


class Virtual:
    """In memory: a pumped socket for blocking code, loopback on the loop's own time for asyncio, clients for all."""

    def __init__(self, engine: Watched, act: Act) -> None:
        act.use()
        self._engine = engine
        self._act = act
        self._pump: Any = None
        self._pumped = ""
        self._loopback: Loopback | None = None

    @property
    def origin(self) -> str:
        """What the calling code can reach."""
        kind = self._act.kind
        self._act.go_on()
        if kind == "trio":
            return NOWHERE
        return self._on_loop() if kind == "asyncio" else self._pumping()

    def _pumping(self) -> str:
        if self._pump is None:
            from streamsim.shells.inprocess.sockets import Pump  # noqa: PLC0415 - only where it is needed

            host = f"{NOBODY}{next(_numbers) % 254 + 1}"
            self._pump = Pump(self._engine, self._act.clock, (host, 80))
            self._pump.start()
            self._pumped = f"http://{host}"
        return self._pumped

    def _on_loop(self) -> str:
        if self._loopback is None or self._loopback.gone:
            self._loopback = Loopback(self._engine, self._act)
        self.serve()
        return self._loopback.url

    def serve(self) -> None:
        """Serve on loopback, if somebody wants to and an event loop runs."""
        with suppress(RuntimeError):
            loop = asyncio.get_running_loop()
            if self._loopback is not None and self._act.kind == "asyncio":
                self._act.attach()
                self._loopback.serve(loop)

    def client(self, family: str | ModuleType | None, *, asynchronous: bool, options: dict[str, Any]) -> Any:
        """Return a client whose network is in memory, for any URL."""
        from streamsim.shells.inprocess import clients  # noqa: PLC0415 - only where it is needed

        clock = self._act.use()
        chosen: Any = family
        return clients.client(self._engine, clock, family=chosen, asynchronous=asynchronous, **options)

    def settle(self, traces: list[Trace]) -> None:
        """Do nothing: all is as it is."""

    async def leave(self, traces: list[Trace]) -> list[Trace]:
        """Stop the server on the running loop."""
        loopback, self._loopback = self._loopback, None
        if loopback is None:
            return []
        for _ in range(TURNS):
            if not unfinished(traces):
                break
            await asyncio.sleep(0)
        open_ones = unfinished(traces)
        await loopback.stop()
        return open_ones

    def until(self, condition: Callable[[], bool], limit_s: float) -> None:
        """Do nothing: nothing takes real time."""

    def stop(self) -> None:
        """Stop answering."""
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.stop()
        if self._loopback is not None:
            self._loopback.abandon()


class Loopback:
    """The real server, on an event loop in virtual time. Its socket listens before it serves."""

    def __init__(self, engine: Watched, act: Act) -> None:
        self._engine = engine
        self._act = act
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def gone(self) -> bool:
        """Whether the loop that it served on is closed."""
        return self._loop is not None and self._loop.is_closed()

    def serve(self, loop: asyncio.AbstractEventLoop) -> None:
        """Serve on ``loop``, if nowhere yet."""
        if self._task is None:
            self._loop = loop
            self._task = loop.create_task(self._serve())

    async def _serve(self) -> None:
        from streamsim.shells.server import Server  # noqa: PLC0415 - only where it is needed

        async with Server(self._engine, clock=self._act.clock, sock=self._socket):
            await asyncio.get_running_loop().create_future()

    async def stop(self) -> None:
        """Stop serving."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._socket.close()

    def abandon(self) -> None:
        """Stop as far as that can be done without the loop."""
        if self._task is not None and self._loop is not None and not self._loop.is_closed():
            self._task.cancel()
        self._socket.close()


class Real:
    """A real server in a thread, for any client."""

    def __init__(self, engine: Watched, act: Act, forward: Forward | None = None) -> None:
        act.use_real()
        self._engine = engine
        self._forward = forward
        self._aside: Aside | None = None
        self._clients: list[Any] = []

    @property
    def origin(self) -> str:
        """Where the server listens."""
        return self._running().url

    def _running(self) -> Aside:
        if self._aside is None:
            self._aside = Aside(self._engine, self._forward)
        return self._aside

    def client(self, family: str | ModuleType | None, *, asynchronous: bool, options: dict[str, Any]) -> Any:
        """Return an ordinary client that asks this server, whatever the URL."""
        from streamsim.testing.reroute import client  # noqa: PLC0415 - only where it is needed

        made = client(self.origin, family, asynchronous=asynchronous, options=options)
        if asynchronous:
            self._clients.append(made)
        return made

    def settle(self, traces: list[Trace]) -> None:
        """Wait a moment for the server, which is a little behind a client that has finished."""
        if self._aside is not None:
            self._aside.eventually(lambda: all(_quiet(trace) for trace in traces))

    async def leave(self, traces: list[Trace]) -> list[Trace]:
        """Close what belongs to the running loop."""
        clients, self._clients = self._clients, []
        if not clients:
            return []
        if self._aside is not None:
            self._aside.eventually(lambda: not unfinished(traces), 0.2)
        open_ones = unfinished(traces)
        for made in clients:
            await made.aclose()
        return open_ones

    def until(self, condition: Callable[[], bool], limit_s: float) -> None:
        """Wait for ``condition()``, but not for long."""
        if self._aside is not None:
            self._aside.eventually(condition, limit_s)

    def stop(self) -> None:
        """Stop the server."""
        if self._aside is not None:
            self._aside.stop()


def _quiet(trace: Trace) -> bool:
    """Tell whether nothing is about to change: it is over, or in the middle of something."""
    return trace.outcome != "playing" or trace.steps < len(trace.script.ats) or trace.script.close == "hang"
