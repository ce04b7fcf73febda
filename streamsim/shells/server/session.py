"""One client's socket. It decides nothing: bytes go to the connection's mind, deeds come back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from streamsim.engine.connection import Connection, Deed
from streamsim.engine.playback import BATCH
from streamsim.shells.delivery import reset, unacknowledged, when_delivered

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.engine.requests import Request
    from streamsim.shells.server.listener import Server

LINGER_S = 2.0


class Forward(Protocol):
    """Who answers what no recording does."""

    def __call__(self, request: Request, client: asyncio.Transport, done: Callable[[bool], None]) -> Callable[[], None]:
        """Answer ``request`` on ``client``, then call ``done`` with whether the connection may live on.

        Returns:
            What to call when the client leaves before that.

        """
        ...


class Session(asyncio.Protocol):
    """A connection with its socket and its place on the agenda."""

    __slots__ = ("_closing", "_hang_up", "_mind", "_paused", "_server", "_transport", "due_ns")

    def __init__(self, server: Server) -> None:
        self.due_ns: int | None = None
        self._server = server
        self._mind = Connection(server.engine, server.next_number(), server.clock.now_ns())
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._closing = False
        self._hang_up: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the new connection."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a TCP server gets
        self._transport = transport
        transport.set_write_buffer_limits(high=BATCH)
        self._server.sessions.add(self)
        self.wake(self._server.clock.now_ns())
        self._server.agenda.put(self)

    def data_received(self, data: bytes) -> None:
        """Hand over what arrived, and do what is due."""
        if self._closing:
            return
        now_ns = self._server.clock.now_ns()
        self._mind.receive(data, now_ns)
        self.look(now_ns)

    def eof_received(self) -> None:
        """Take the client's FIN for its leaving, as Node's and most other servers do."""
        self._left()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """Forget the connection."""
        self._left()
        self._transport = None
        self._server.sessions.discard(self)

    def pause_writing(self) -> None:
        """The client reads too slowly: what is due stays in the plan until it reads again."""
        self._paused = True

    def resume_writing(self) -> None:
        """The client reads again: what has become due meanwhile goes out at once."""
        self._paused = False
        self._mind.resume()
        self.look(self._server.clock.now_ns())

    @property
    def waiting(self) -> bool:
        """Whether its next answer depends on one that the upstream is giving to another client."""
        return self._mind.waiting

    def look(self, now_ns: int) -> None:
        """Do what is due and make an appointment for the rest."""
        before_ns = self.due_ns
        self.wake(now_ns)
        if self.due_ns != before_ns:
            self._server.agenda.put(self)

    def wake(self, now_ns: int) -> None:
        """Do what is due."""
        transport = self._transport
        if transport is None or self._closing:
            self.due_ns = None
            return
        deed = self._mind.play(now_ns)
        if deed.data:
            transport.write(deed.data)
        self.due_ns = deed.next_ns
        if deed.close is not None:
            self._close(transport, deed)
        elif deed.forward is not None:
            self._forward(transport, deed.forward)
        elif self._paused:
            self.due_ns = self._mind.pause(now_ns) if deed.data else deed.next_ns

    def _close(self, transport: asyncio.Transport, deed: Deed) -> None:
        self._closing = True
        loop = self._server.loop
        if deed.close == "reset":
            when_delivered(loop, transport, lambda: reset(transport))
        elif deed.close == "fin":
            when_delivered(loop, transport, transport.close)
        else:
            transport.write_eof()
            loop.call_later(LINGER_S, transport.close)

    def _forward(self, transport: asyncio.Transport, request: Request) -> None:
        """Let somebody else answer ``request``."""

        def done(lives: bool) -> None:  # noqa: FBT001 - one fact
            self._hang_up = None
            self._server.engine.asked(request)
            if lives and not self._closing:
                now_ns = self._server.clock.now_ns()
                self._mind.back(now_ns)
                self.look(now_ns)
            else:
                when_delivered(self._server.loop, transport, transport.close)
            self._server.wake_waiting()

        self._hang_up = self._server.forward(request, transport, done)

    def drop(self) -> None:
        """Close now, because the server stops."""
        if self._transport is not None:
            self._transport.abort()

    def _left(self) -> None:
        transport = self._transport
        if transport is None or self._closing:
            return
        self._closing = True
        self.due_ns = None
        if self._hang_up is not None:
            self._hang_up()
        unread = transport.get_write_buffer_size()
        queued = unacknowledged(transport.get_extra_info("socket"))
        self._mind.left(self._server.clock.now_ns(), None if queued is None else unread + queued)
