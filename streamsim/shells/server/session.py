"""One client's socket. It decides nothing: bytes go to the connection's mind, deeds come back."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from streamsim.clock.drivers.realtime import Entry
from streamsim.engine.connection import Connection
from streamsim.engine.playback import BATCH
from streamsim.shells.delivery import reset, unacknowledged, when_delivered

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.engine.connection import Close, Deed
    from streamsim.engine.requests import Request
    from streamsim.shells.server.listener import Server

LINGER_S = 2.0

# Writes of one session before others have their turn.
WRITES = 128


class Forward(Protocol):
    """Who answers what no recording does."""

    def __call__(self, request: Request, client: asyncio.Transport, done: Callable[[bool], None]) -> Callable[[], None]:
        """Answer ``request`` on ``client``, then call ``done`` with whether the connection may live on.

        Returns:
            What to call when the client leaves before that.

        """
        ...


class Session(asyncio.BufferedProtocol, Entry):
    """A connection with its socket and its place on the agenda."""

    __slots__ = ("_closing", "_hang_up", "_mind", "_paused", "_server", "_transport", "_unsent")

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server
        self._mind = Connection(server.engine, server.next_number(), server.clock.now_ns())
        if server.engine.load is not None:
            self._mind.wake = self.look
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._unsent: int | None = None
        self._closing = False
        self._hang_up: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the new connection."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a TCP server gets
        self._transport = transport
        transport.set_write_buffer_limits(high=BATCH)
        self._server.opened(self)
        self.look(self._server.clock.now_ns())

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the protocol's signature
        """Return where to put what arrives: one place for all sessions, as each takes its bytes at once."""
        return self._server.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Hand over what arrived, and do what is due."""
        if self._closing:
            return
        now_ns = self._server.clock.now_ns()
        self._mind.receive(bytes(self._server.buffer[:nbytes]), now_ns)
        self.look(now_ns)

    def eof_received(self) -> bool:
        """Take the client's FIN for its leaving, as Node's and most other servers do."""
        transport = self._transport
        if self._closing or transport is None:
            return True  # a close is under way and takes its time
        self._left(None)
        if transport.get_write_buffer_size():
            transport.abort()  # nobody waits for the rest, and nobody may ever read it
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._left(exc)
        self._transport = None
        self.due_ns = None
        self._server.agenda.put(self)
        self._server.closed(self)

    def pause_writing(self) -> None:
        """The client reads too slowly: what is due stays in the plan until it reads again."""
        self._paused = True

    def resume_writing(self) -> None:
        """The client reads again: what has become due meanwhile goes out at once."""
        self._paused = False
        self._unsent = None
        self._mind.resume()
        self.look(self._server.clock.now_ns())

    @property
    def waiting(self) -> bool:
        """Whether its next answer depends on one that the upstream is giving to another client."""
        return self._mind.waiting

    def look(self, now_ns: int) -> None:
        """Do what is due and make an appointment for the rest."""
        self.wake(now_ns)
        self._server.agenda.put(self)

    def wake(self, now_ns: int) -> None:
        """Do what is due."""
        transport = self._transport
        if transport is None or self._closing:
            self.due_ns = None
            return
        if self._unsent is not None and self._progresses(transport):
            self._mind.pause(now_ns)
        deed = self._play(transport, now_ns)
        if deed.close is not None:
            self._close(transport, deed.close)
        elif deed.forward is not None:
            self._forward(transport, deed.forward)

    def _play(self, transport: asyncio.Transport, now_ns: int) -> Deed:
        """Write what is due, in as many writes as are asked for; return the last deed."""
        left = WRITES
        while True:
            deed = self._mind.play(now_ns)
            self.due_ns = deed.next_ns
            if deed.data:
                transport.write(deed.data)
                if self._paused:
                    self._unsent = transport.get_write_buffer_size()
                    self.due_ns = self._mind.pause(now_ns)
            left -= 1
            if self.due_ns is None or self.due_ns > now_ns or not left:
                return deed
            if transport.is_closing():  # it could not be written; the loop will say so
                self.due_ns = None
                return deed

    def _progresses(self, transport: asyncio.Transport) -> bool:
        """Tell whether a slow client has read anything since it was last looked after."""
        before, self._unsent = self._unsent, transport.get_write_buffer_size()
        return before is not None and self._unsent < before

    def _close(self, transport: asyncio.Transport, close: Close) -> None:
        self._closing = True
        self.due_ns = None
        loop = self._server.loop
        if close in ("fin", "reset"):
            when_delivered(loop, transport, lambda: self._delivered(transport, close))
        elif close == "linger":
            with suppress(OSError):  # the client may be gone
                transport.write_eof()
            loop.call_later(LINGER_S, transport.abort)
        else:
            reset(transport)

    def _delivered(self, transport: asyncio.Transport, close: Close) -> None:
        self._mind.delivered()
        if close == "reset":
            reset(transport)
        else:
            transport.close()

    def _forward(self, transport: asyncio.Transport, request: Request) -> None:
        """Let somebody else answer ``request``."""
        self.due_ns = None

        def done(lives: bool) -> None:  # noqa: FBT001 - one fact
            self._hang_up = None
            self._server.engine.asked(request)
            if lives and not self._closing:
                now_ns = self._server.clock.now_ns()
                self._mind.back(now_ns)
                self.look(now_ns)
            else:
                self._closing = True
                when_delivered(self._server.loop, transport, transport.close)
            self._server.wake_waiting()

        self._hang_up = self._server.forward(request, transport, done)

    def retire(self, now_ns: int) -> None:
        """Close as soon as all that was asked is answered."""
        self._mind.retire()
        self.look(now_ns)

    def drop(self) -> None:
        """Close now, because the server stops."""
        transport = self._transport
        assert transport is not None  # noqa: S101 - it is one of the server's open sessions
        self._mind.stop(self._server.clock.now_ns())
        if not self._closing:
            self._gone()
        transport.abort()

    def _left(self, error: Exception | None) -> None:
        transport = self._transport
        if transport is None:
            return
        if self._closing:  # what was still on its way to the client, if anything, never arrived
            self._mind.left(self._server.clock.now_ns())
            return
        self._gone()
        unsent = transport.get_write_buffer_size()
        queued = unacknowledged(transport.get_extra_info("socket"))
        thrown_away = error is not None and self._paused  # what waited in our own buffer, uncounted
        self._mind.left(self._server.clock.now_ns(), None if queued is None or thrown_away else unsent + queued)

    def _gone(self) -> None:
        """Have nothing more to do with the client."""
        self._closing = True
        if self._hang_up is not None:
            self._hang_up()
