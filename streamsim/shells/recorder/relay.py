"""One exchange with the upstream: the request goes out, and what comes back is recorded as it is passed on.

Law: a tee. Bytes are handed to the client before they are looked at; the recording never delays or alters them.
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

    from streamsim.engine.capture import Capture, Cause
    from streamsim.engine.requests import Request
    from streamsim.shells.recorder.session import Session
    from streamsim.shells.recorder.upstream import Upstream

# How long a client that left after the last event is waited for, so that the end is seen.
TERMINAL_S = 1.0
# Bytes that may wait for a slow client before the upstream has to wait too.
BACKLOG = 1 << 20


class Relay:
    """Carries the exchanges of one client connection, one after the other."""

    def __init__(self, session: Session, upstream: Upstream, *, silence_s: float, keep_encoding: bool = False) -> None:
        self._session = session
        self._upstream = upstream
        self._silence_s = silence_s
        self._keep_encoding = keep_encoding
        self._number = session.connection()
        self._line: _Line | None = None
        self._task: asyncio.Task[None] | None = None

    def exchange(self, request: Request, client: asyncio.Transport | None, done: Callable[[bool], None]) -> Passage:
        """Ask the upstream; ``done`` is called with whether the client's connection may live on."""
        session = self._session
        capture = session.begin(request, self._number, session.now_us())
        passage = Passage(session, capture, client, done, self._silence_s)
        data = outgoing(request, self._upstream, keep_encoding=self._keep_encoding)
        line = self._line
        if line is not None and line.usable:
            line.send(passage, data)
        else:
            self._task = asyncio.get_running_loop().create_task(self._connect(passage, data))
        return passage

    async def connect(self) -> _Line:
        """Open a connection for the next exchange, so that its times do not hold the making of one.

        Raises:
            UpstreamError: There is no way to the upstream.

        """
        line = _Line()
        await self._upstream.connect(lambda: line)
        self._line = line
        return line

    async def _connect(self, passage: Passage, data: bytes) -> None:
        try:
            line = await self.connect()
        except UpstreamError as error:
            passage.unreachable(error)
        else:
            line.send(passage, data)

    def close(self) -> None:
        """Hang up on the upstream."""
        if self._task is not None:
            self._task.cancel()
        if self._line is not None:
            self._line.close()


class _Line(asyncio.Protocol):
    """A connection to the upstream, and the passage that uses it now."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._passage: Passage | None = None

    @property
    def usable(self) -> bool:
        """Whether it is open and free."""
        return self._transport is not None and not self._transport.is_closing() and self._passage is None

    def send(self, passage: Passage, data: bytes) -> None:
        """Use the connection for ``passage``."""
        transport = self._transport
        if transport is None or passage.over:
            self.close()
            return
        self._passage = passage
        passage.upstream = transport
        transport.write(data)

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a TCP client gets
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        passage = self._passage
        if passage is None:
            self.close()  # bytes that nobody asked for: the connection cannot be trusted any more
            return
        passage.arrived(data)
        if passage.over:
            self._passage = None
            if not passage.reusable:
                self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        passage, self._passage = self._passage, None
        if passage is not None:
            passage.lost("reset" if isinstance(exc, ConnectionError) else "fin")


class Passage:
    """One exchange on its way.

    Attributes:
        upstream: The connection it uses, once there is one.
        over: Its end was recorded.

    """

    def __init__(
        self,
        session: Session,
        capture: Capture,
        client: asyncio.Transport | None,
        done: Callable[[bool], None],
        silence_s: float,
    ) -> None:
        self.upstream: asyncio.Transport | None = None
        self.over = False
        self._session = session
        self._capture = capture
        self._client = client
        self._done = done
        self._silence_s = silence_s
        self._left = False
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(silence_s, self._silent)
        self._heard = self._loop.time()

    @property
    def reusable(self) -> bool:
        """Whether the upstream's connection may serve another exchange."""
        return self._capture.complete and self._capture.keep_alive

    def arrived(self, data: bytes) -> None:
        """Pass ``data`` on, then record it."""
        at_us = self._session.now_us()
        client = self._client
        if client is not None and not self._left:
            client.write(data)
            if client.get_write_buffer_size() > BACKLOG and self.upstream is not None:
                self._wait_for_client(client, self.upstream)
        self._heard = self._loop.time()
        capture = self._capture
        before_events, before_bytes = capture.events, capture.bytes
        lines = capture.feed(data, at_us)
        if lines:
            self._session.write(capture.exchange, lines)
        self._session.events += capture.events - before_events
        self._session.bytes += capture.bytes - before_bytes
        if capture.cause is not None:
            self._finish(lives=capture.keep_alive)

    def lost(self, cause: Cause) -> None:
        """Take note that the upstream has closed, and close the client's side the same way."""
        if self.over:
            return
        self._record_end("cancelled" if self._left and not self._capture.terminal else cause)
        self._finish(lives=False)
        client = self._client
        if client is not None and not self._left and cause == "reset":
            when_delivered(self._loop, client, lambda: reset(client))

    def unreachable(self, error: UpstreamError) -> None:
        """Tell the client that there is no upstream."""
        if self.over:
            return
        self._record_end("cancelled" if self._left else "unreachable")
        if self._client is not None and not self._left:
            script = error_answer(502, "Bad Gateway", str(error), close=True)
            self._client.write(b"".join(script.wires))
        self._finish(lives=False)

    def client_left(self) -> None:
        """Hang up on the upstream; after the terminal event, wait a little for its end first."""
        if self.over or self._left:
            return
        self._left = True
        if self._capture.terminal:
            self._loop.call_later(TERMINAL_S, self.cancel)
        else:
            self.cancel()

    def cancel(self) -> None:
        """Hang up on the upstream now."""
        if self.over:
            return
        self._record_end("cancelled")
        self._finish(lives=False)
        if self.upstream is not None:
            self.upstream.abort()

    def _silent(self) -> None:
        """Look whether the upstream has been silent for too long."""
        if self.over:
            return
        left_s = self._heard + self._silence_s - self._loop.time()
        if left_s > 0:
            self._timer = self._loop.call_later(left_s, self._silent)
            return
        self._record_end("timeout")
        if self._client is not None and not self._left and not self._capture.answered:
            told = f"the upstream was silent for {self._silence_s:g} s"
            self._client.write(b"".join(error_answer(504, "Gateway Timeout", told, close=True).wires))
        self._finish(lives=False)
        if self.upstream is not None:
            self.upstream.abort()

    def _wait_for_client(self, client: asyncio.Transport, upstream: asyncio.Transport) -> None:
        """Stop reading until the client has caught up."""
        upstream.pause_reading()

        def look() -> None:
            if upstream.is_closing():
                return
            if client.is_closing() or client.get_write_buffer_size() < BACKLOG // 2:
                upstream.resume_reading()
            else:
                self._loop.call_later(0.005, look)

        self._loop.call_later(0.005, look)

    def _record_end(self, cause: Cause) -> None:
        capture = self._capture
        before = capture.bytes
        self._session.write(capture.exchange, capture.end(cause, self._session.now_us()))
        self._session.bytes += capture.bytes - before

    def _finish(self, *, lives: bool) -> None:
        self.over = True
        self._timer.cancel()
        self._session.ended(self._capture)
        self._done(lives)
