"""The listening server: one agenda, one engine, any number of sessions."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from streamsim.clock.drivers.realtime import Agenda, Entry, RealClock
from streamsim.engine.tally import CLOSED, OPENED
from streamsim.errors import UsageError
from streamsim.shells.server.session import Session

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from typing import Self

    from streamsim.clock.core import Clock
    from streamsim.engine.core import Engine
    from streamsim.engine.governor import Governor
    from streamsim.engine.requests import Request
    from streamsim.shells.server.session import Forward

BACKLOG = 4096
READ = 64 << 10


class Server:
    """Serves one engine on one address. Use it as ``async with Server(engine) as server``.

    Given a ``sock`` that is bound already, it listens there and closes it at the end. On a virtual clock it writes at
    the planned nanosecond when its loop is attached to that clock
    (:func:`streamsim.clock.drivers.asyncio_loop.attach`).

    Attributes:
        shared: Whether others may listen at its address, too (SO_REUSEPORT), and the system spreads clients.
        grace_s: How long, at its end, those who are being answered are heard out. To cancel that ends it at once.
        engine: What to answer.
        sessions: Connections that are open now.
        agenda: When to write what.
        buffer: Where what clients send is read into, one client at a time.

    """

    def __init__(
        self,
        engine: Engine,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        forward: Forward | None = None,
        sock: socket.socket | None = None,
    ) -> None:
        self.engine = engine
        self.clock: Clock = clock or RealClock()
        self.sessions: set[Session] = set()
        self.buffer = memoryview(bytearray(READ))
        self._sock = sock
        where: tuple[str, int] = (host, port) if sock is None else sock.getsockname()[:2]
        self._host, self._port = where
        self._forward = forward
        self.shared = False
        self.grace_s = 0.0
        self._number = 0
        self._empty: asyncio.Event | None = None
        self._forwarded = 0
        self._heard = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            UsageError: The address cannot be listened on.

        """
        self.loop = asyncio.get_running_loop()
        self.agenda = Agenda(self.loop, self.clock)
        if self.engine.load is not None:
            _Ticker(self.engine.load, self.agenda)
        try:
            self._server = await self._listen()
        except OSError as error:
            where = f"{self._host}:{self._port}"
            problem = f"cannot listen there: {error.strerror or error}"
            raise UsageError(where, problem, "choose another --host or --port; --port 0 takes a free one") from error
        return self

    async def _listen(self) -> asyncio.Server:
        if self._sock is not None:
            return await self.loop.create_server(lambda: Session(self), sock=self._sock, backlog=BACKLOG)
        return await self.loop.create_server(
            lambda: Session(self), self._host, self._port, backlog=BACKLOG, reuse_port=self.shared or None
        )

    async def __aexit__(self, *_: object) -> None:
        """Stop listening, and drop whoever is still connected, once the time to finish is over.

        Whoever answers in our place is told that the client left, and may look for the end of what was answered.
        """
        assert self._server is not None  # noqa: S101 - entered before
        self._server.close()
        try:
            if self.grace_s:
                await self._drain()
        finally:
            for session in tuple(self.sessions):
                session.drop()
            while self._forwarded:
                self._heard.clear()
                await self._heard.wait()
            await self._server.wait_closed()
            self.agenda.stop()

    async def _drain(self) -> None:
        """Wait until all that was asked is answered, but no longer than that is tolerated."""
        self.engine.draining = True
        self._empty = asyncio.Event()
        now_ns = self.clock.now_ns()
        for session in tuple(self.sessions):
            session.retire(now_ns)
        if self.sessions:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), self.grace_s)

    @property
    def port(self) -> int:
        """The port that is really listened on."""
        assert self._server is not None  # noqa: S101 - only asked while serving
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Where clients find it."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    def opened(self, session: Session) -> None:
        """Take note of a new connection."""
        self.sessions.add(session)
        if self.engine.tally is not None:
            self.engine.tally.add(OPENED)

    def closed(self, session: Session) -> None:
        """Take note of a connection that is no more."""
        self.sessions.discard(session)
        if self.engine.tally is not None:
            self.engine.tally.add(CLOSED)
        if self._empty is not None and not self.sessions:
            self._empty.set()

    def next_number(self) -> int:
        """Return the number of a new connection, from 1 on."""
        self._number += 1
        return self._number

    def forward(self, request: Request, client: asyncio.Transport, done: Callable[[bool], None]) -> Callable[[], None]:
        """Have ``request`` answered by somebody else; return what to call when the client leaves before."""
        assert self._forward is not None  # noqa: S101 - the engine only forwards when told that somebody is there

        def over(lives: bool) -> None:  # noqa: FBT001 - one fact
            self._forwarded -= 1
            self._heard.set()
            done(lives)

        self._forwarded += 1
        return self._forward(request, client, over)

    def wake_waiting(self) -> None:
        """Look again after those whose answer has just been recorded."""
        now_ns = self.clock.now_ns()
        for session in tuple(self.sessions):
            if session.waiting:
                session.look(now_ns)


class _Ticker(Entry):
    """The place of a server's load on its agenda."""

    __slots__ = ("_agenda", "_load", "_ticking")

    def __init__(self, load: Governor, agenda: Agenda) -> None:
        super().__init__()
        self._load = load
        self._agenda = agenda
        self._ticking = False
        load.on_change = self._change

    def wake(self, now_ns: int) -> None:
        """Do what is due."""
        self._ticking = True
        try:
            self._load.tick(now_ns)
        finally:
            self._ticking = False

    def _change(self, at_ns: int | None) -> None:
        self.due_ns = at_ns
        if not self._ticking:
            self._agenda.put(self)
