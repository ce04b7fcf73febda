"""One exchange with the upstream: the request goes out, and what comes back is recorded as it is passed on.

Law: a tee. Bytes are handed to the client before they are looked at; the recording never delays or alters them. What
decides nothing is looked at a little later, together with what came meanwhile.
The connection to the upstream is kept for the client's next request when both sides allow it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from streamsim.engine.answers import error_answer
from streamsim.errors import UpstreamError
from streamsim.shells.delivery import reset, when_delivered
from streamsim.shells.recorder.outgoing import outgoing

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.engine.capture import Cause
    from streamsim.engine.requests import Request
    from streamsim.shells.recorder.session import Session
    from streamsim.shells.recorder.upstream import Upstream

# How long a client that left after the last event is waited for, so that the end is seen.
TERMINAL_S = 1.0
# Bytes that may wait for a slow client before the upstream has to wait too, and how often that is looked at.
BACKLOG = 1 << 20
LOOK_S = 0.005


class Relay:
    """Carries the exchanges of one client connection, one after the other."""

    def __init__(
        self,
        session: Session,
        upstream: Upstream,
        *,
        silence_s: float,
        keep_encoding: bool = False,
        terminal_s: float = TERMINAL_S,
    ) -> None:
        self.session = session
        self.silence_s = silence_s
        self.terminal_s = terminal_s
        self.origin = upstream.origin
        self._upstream = upstream
        self._keep_encoding = keep_encoding
        self._number = session.connection()
        self._line: _Line | None = None
        self._task: asyncio.Task[None] | None = None
        session.redactor.remember("authorization", upstream.credentials)

    def exchange(self, request: Request, client: asyncio.Transport | None, done: Callable[[bool], None]) -> Passage:
        """Ask the upstream; ``done`` is called with whether the client's connection may live on."""
        data = outgoing(request, self._upstream, keep_encoding=self._keep_encoding)
        passage = Passage(self, request, self._number, client, done)
        line = self._line
        if line is not None and line.usable:
            line.carry(passage, data)
        else:
            self._begin(passage, data)
        return passage

    async def connect(self) -> _Line:
        """Open a connection for the next exchange, so that its times do not hold the making of one.

        Raises:
            UpstreamError: There is no way to the upstream.

        """
        line = _Line(self._begin, self.session.buffer)
        await self._upstream.connect(lambda: line)
        self._line = line
        return line

    def _begin(self, passage: Passage, data: bytes) -> None:
        """Carry ``passage`` on a new connection."""
        self._task = asyncio.get_running_loop().create_task(self._connect(passage, data))

    async def _connect(self, passage: Passage, data: bytes) -> None:
        try:
            line = await self.connect()
        except UpstreamError as error:
            passage.unreachable(error)
        else:
            line.carry(passage, data)

    def close(self) -> None:
        """Hang up on the upstream."""
        if self._task is not None:
            self._task.cancel()
        if self._line is not None:
            self._line.close()


class _Line(asyncio.BufferedProtocol):
    """A connection to the upstream, and the passage that uses it now."""

    def __init__(self, begin_anew: Callable[[Passage, bytes], None], buffer: memoryview) -> None:
        self.transport: asyncio.Transport | None = None
        self._begin_anew = begin_anew
        self._buffer = buffer
        self._passage: Passage | None = None
        self._asked = b""
        self._used = False

    @property
    def usable(self) -> bool:
        """Whether it is open and free."""
        return self.transport is not None and not self.transport.is_closing() and self._passage is None

    def carry(self, passage: Passage, data: bytes) -> None:
        """Send the request of ``passage``, and let it have what comes back."""
        if passage.over:
            self.close()
            return
        self._passage = passage
        passage.line = self
        if self.transport is None:  # it was lost as soon as it was made
            self.connection_lost(None)
            return
        # An upstream may close an idle connection while the next request is on its way: that one is sent again.
        self._asked = data if self._used else b""
        self._used = True
        self.transport.write(data)

    def release(self, *, reusable: bool) -> None:
        """Be free for another passage, or of no more use."""
        self._passage = None
        if not reusable:
            self.close()

    def read(self, *, on: bool) -> None:
        """Read on, or let the upstream wait."""
        transport = self.transport
        if transport is not None and not transport.is_closing():
            (transport.resume_reading if on else transport.pause_reading)()

    def close(self) -> None:
        """Close the connection."""
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a TCP client gets
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the protocol's signature
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._asked = b""
        if self._passage is None:
            self.close()  # bytes that nobody asked for: the connection cannot be trusted any more
        else:
            self._passage.arrived(bytes(self._buffer[:nbytes]), self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        passage, self._passage = self._passage, None
        if passage is None:
            return
        if self._asked:
            self._begin_anew(passage, self._asked)
        else:
            passage.lost(_cause(exc))


def _cause(exc: Exception | None) -> Cause:
    if exc is None:
        return "fin"
    return "timeout" if isinstance(exc, TimeoutError) else "reset"


class Passage:
    """One exchange on its way.

    Attributes:
        line: The connection it uses, once there is one.
        capture: What takes its response.
        over: Its end was recorded.

    """

    def __init__(
        self,
        relay: Relay,
        request: Request,
        connection: int,
        client: asyncio.Transport | None,
        done: Callable[[bool], None],
    ) -> None:
        self.line: _Line | None = None
        self.over = False
        self._session = session = relay.session
        self.capture = session.begin(request, connection, relay.origin)
        self._client = client
        self._done = done
        self._silence_s = relay.silence_s
        self._terminal_s = relay.terminal_s
        self._left = False
        self._begun = False
        self._paused = False
        self._loop = asyncio.get_running_loop()
        self._heard_us = session.now_us()
        self._timer = self._loop.call_later(self._silence_s, self._silent)

    def arrived(self, data: bytes, line: _Line) -> None:
        """Pass ``data`` on, then record it."""
        session, client = self._session, self._client
        self._heard_us = at_us = session.now_us()
        if client is not None and not self._left:
            self._begun = True
            client.write(data)
            if client.get_write_buffer_size() > BACKLOG and not self._paused:
                self._wait_for_client(client, line)
        session.waiting.add(self, data, at_us)

    def recorded(self) -> None:
        """Take note that what was read is recorded; the response may be complete with it."""
        if self.capture.cause is not None and not self.over:
            self._finish(lives=self.capture.keep_alive)

    def lost(self, cause: Cause) -> None:
        """Take note that the upstream has closed, and close the client's side the same way."""
        self._session.waiting.record()
        if self.over:
            return
        client = None if self._left else self._client
        if client is not None and cause == "reset":
            # Before whoever is told of the end can close it.
            when_delivered(self._loop, client, lambda: reset(client))
        self._end(cause)

    def unreachable(self, error: UpstreamError) -> None:
        """Tell the client that there is no upstream."""
        if not self.over:
            self._tell(502, "Bad Gateway", str(error))
            self._end("unreachable")

    def client_left(self) -> None:
        """Hang up on the upstream; after the terminal event, wait a little for its end first."""
        self._session.waiting.record()
        if self.over or self._left:
            return
        self._left = True
        if self.capture.terminal:
            self._loop.call_later(self._terminal_s, self.cancel)
        else:
            self.cancel()

    def cancel(self) -> None:
        """Hang up on the upstream now."""
        if not self.over:
            self._end("cancelled")

    def _silent(self) -> None:
        """Look whether the upstream has been silent for too long; one that has to wait for the client has not."""
        now_us = self._session.now_us()
        if self._paused:
            self._heard_us = now_us
        left_s = self._silence_s - (now_us - self._heard_us) / 1e6
        if left_s > 0:
            self._timer = self._loop.call_later(left_s, self._silent)
            return
        self._tell(504, "Gateway Timeout", f"the upstream was silent for {self._silence_s:g} s")
        self._end("timeout")

    def _tell(self, status: int, reason: str, message: str) -> None:
        """Answer in the upstream's place, if nothing of an answer was passed on yet."""
        if self._client is not None and not self._left and not self._begun:
            self._client.write(b"".join(error_answer(status, reason, message, close=True).wires))

    def _wait_for_client(self, client: asyncio.Transport, line: _Line) -> None:
        """Stop reading until the client has caught up."""
        line.read(on=False)
        self._paused = True

        def look() -> None:
            if not client.is_closing() and client.get_write_buffer_size() > BACKLOG // 2:
                self._loop.call_later(LOOK_S, look)
                return
            self._paused = False
            self._heard_us = self._session.now_us()
            line.read(on=True)

        self._loop.call_later(LOOK_S, look)

    def _end(self, cause: Cause) -> None:
        self._session.waiting.record()
        if not self.over:
            self._session.end(self.capture, cause)
            self._finish(lives=False)

    def _finish(self, *, lives: bool) -> None:
        self.over = True
        self._timer.cancel()
        if self.line is not None:
            self.line.release(reusable=lives)
        self._done(lives)
