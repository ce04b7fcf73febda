"""One HTTP/1.1 connection of the server, without its socket.

The shell hands over what arrives and asks, when the time comes, what to write. Requests on one connection are answered in
their order (pipelining), each after the one before is complete. All time limits are here, so that a virtual clock can
test them.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal, NamedTuple

from streamsim.engine.playback import Playback
from streamsim.engine.requests import Refusal, Request, RequestReader
from streamsim.engine.trace import Trace

if TYPE_CHECKING:
    from streamsim.engine.core import Engine
    from streamsim.engine.script import Script

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Deed(NamedTuple):
    """What the shell is to do now.

    Attributes:
        data: Bytes to write in one system call; may be empty.
        next_ns: When to ask again, at the latest; None means when something arrives.
        close: ``fin``: write, wait until delivered, close. ``reset``: the same, with an RST. ``linger``: close the
            writing half and read on until the client closes, so that it surely reads the answer. None: stay open.
        forward: A request to ask the upstream for; the connection then belongs to the shell until
            :meth:`Connection.back`.

    """

    data: bytes
    next_ns: int | None = None
    close: Literal["fin", "reset", "linger"] | None = None
    forward: Request | None = None


class Connection:
    """The state of one connection."""

    def __init__(self, engine: Engine, number: int, now_ns: int) -> None:
        self.waiting = False
        self._engine = engine
        self._limits = engine.settings.limits
        self._number = number
        self._reader = RequestReader(self._limits)
        self._queue: deque[tuple[Request | Refusal, int]] = deque()
        self._playback: Playback | None = None
        self._keep_alive = True
        self._refused = False
        self._continue = False
        self._away = False
        self._stuck_ns: int | None = None
        self._deadline_ns = now_ns + self._limits.idle_ns

    @property
    def trace(self) -> Trace | None:
        """The answer being played."""
        return None if self._playback is None else self._playback.trace

    def receive(self, data: bytes, now_ns: int) -> None:
        """Take what arrived; ask :meth:`play` afterwards."""
        was_reading = self._reader.reading
        for request in self._reader.feed(data):
            self._queue.append((request, now_ns))
        if len(self._queue) > self._limits.pipelined:
            self._reader.refused = True
            self._queue.append((Refusal(400, "Bad Request", "too many requests at once"), now_ns))
        if self._reader.reading and not was_reading:
            self._deadline_ns = now_ns + self._limits.request_ns
        self._continue = self._reader.wants_continue()

    def play(self, now_ns: int) -> Deed:
        """Return what is due."""
        if self._away:
            return Deed(b"")
        if self._stuck_ns is not None:
            return self._stuck(now_ns)
        data = b""
        if self._continue and self._playback is None and not self._queue:
            self._continue = False
            data = CONTINUE
        while True:
            playback = self._playback
            if playback is None:
                script = self._next()
                if isinstance(script, Deed):
                    return script
                if script is None:
                    return self._idle(data, now_ns)
                playback = self._start(script)
            data += playback.due(now_ns)
            if not playback.finished:
                return Deed(data, playback.next_ns)
            close = self._finish(playback, now_ns)
            if close is not None:
                return Deed(data, None, close)

    def _next(self) -> tuple[Script, Request | Refusal, int] | Deed | None:
        """Return the next answer to play; or that the shell has to do something first; or None."""
        self.waiting = False
        if not self._queue:
            return None
        request, at_ns = self._queue[0]
        if isinstance(request, Refusal):
            script = self._engine.refuse(request)
        else:
            answer = self._engine.answer(request)
            if answer == "wait":
                self.waiting = True
                return Deed(b"")
            if answer == "forward":
                self._queue.popleft()
                self._away = True
                return Deed(b"", None, None, request)
            script = answer
        self._queue.popleft()
        return script, request, at_ns

    def _start(self, answer: tuple[Script, Request | Refusal, int]) -> Playback:
        script, request, at_ns = answer
        self._keep_alive = isinstance(request, Request) and request.keep_alive and script.keeps_alive
        self._refused = isinstance(request, Refusal)
        trace = Trace(script, self._number, at_ns)
        self._engine.started(trace)
        self._playback = Playback(script, trace)
        return self._playback

    def _finish(self, playback: Playback, now_ns: int) -> Literal["fin", "reset", "linger"] | None:
        """Go on to the next request, or tell how to close."""
        kind = playback.script.close
        playback.trace.close("complete" if kind == "end" else kind)
        self._engine.ended(playback.trace)
        self._playback = None
        self._deadline_ns = now_ns + self._limits.idle_ns
        if kind == "end" and self._keep_alive:
            return None
        if self._refused:
            return "linger"
        return "reset" if kind == "reset" else "fin"

    def _idle(self, data: bytes, now_ns: int) -> Deed:
        """Nothing to play: time out who is silent, and who dribbles a request."""
        if now_ns < self._deadline_ns:
            return Deed(data, self._deadline_ns)
        if not self._reader.reading:
            return Deed(data, None, "fin")
        self._queue.append((Refusal(408, "Request Timeout", "the request did not arrive in time"), now_ns))
        self._reader.refused = True
        return self.play(now_ns)

    def pause(self, now_ns: int) -> int:
        """Note that the client reads too slowly; return until when that is tolerated."""
        self._stuck_ns = now_ns + self._limits.stuck_ns
        return self._stuck_ns

    def resume(self) -> None:
        """Note that the client reads again."""
        self._stuck_ns = None

    def back(self, now_ns: int) -> None:
        """Note that a forwarded request is answered."""
        self._away = False
        self._deadline_ns = now_ns + self._limits.idle_ns

    def _stuck(self, now_ns: int) -> Deed:
        if self._stuck_ns is not None and now_ns < self._stuck_ns:
            return Deed(b"", self._stuck_ns)
        self._leave(now_ns, "client stuck", None)
        return Deed(b"", None, "reset")

    def left(self, now_ns: int, unacknowledged: int | None = None) -> None:
        """Note that the client has closed the connection."""
        self._leave(now_ns, "client left", unacknowledged)

    def _leave(self, now_ns: int, outcome: str, unacknowledged: int | None) -> None:
        playback, self._playback = self._playback, None
        self._queue.clear()
        self._reader.refused = True
        if playback is not None:
            trace = playback.trace
            trace.left_ns = now_ns - trace.started_ns
            trace.unacknowledged = unacknowledged
            trace.close(outcome)
            self._engine.ended(trace)
