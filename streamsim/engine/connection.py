"""One HTTP/1.1 connection of the server, without its socket.

The shell hands over what arrives and asks, when the time comes, what to write. Requests on one connection are answered
in their order (pipelining), each after the one before is complete. All time limits are here, so that a virtual clock
can test them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from streamsim.engine.playback import BATCH, Playback, UnderLoad
from streamsim.engine.requests import Refusal, Request, RequestReader
from streamsim.engine.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.engine.core import Engine
    from streamsim.engine.governor import Governor
    from streamsim.engine.script import Script

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


# fin: write, wait until delivered, close. reset: the same, with an RST. linger: write, close the writing half and read
# on until the client closes, so that it surely reads the answer. abort: RST at once, to a client that does not read.
# refuse, ignore: the attempt to connect was refused, or got no answer; asked only of shells in process.
Close: TypeAlias = Literal["fin", "reset", "linger", "abort", "refuse", "ignore"]


class Deed(msgspec.Struct, frozen=True, gc=False):
    """What the shell is to do now.

    Attributes:
        data: Bytes to write in one system call; may be empty.
        next_ns: When to ask again, at the latest; None means when something arrives.
        close: None: stay open. Else how to close, and see :data:`Close`.
        forward: A request to ask the upstream for; the connection then belongs to the shell until
            :meth:`Connection.back`.

    """

    data: bytes
    next_ns: int | None = None
    close: Close | None = None
    forward: Request | None = None


class Connection:
    """The state of one connection; ``in_process``: the shell can refuse or ignore it even now.

    Attributes:
        waiting: The next answer depends on one that the upstream is giving to another client.
        wake: Under load, called with the time when there is something to :meth:`play`.

    """

    __slots__ = (
        "_ask", "_away", "_begun", "_draining", "_engine", "_idle_until_ns", "_in_process", "_keep_alive", "_limits",
        "_number", "_playback", "_queue", "_reader", "_refused", "_request_until_ns", "_retiring", "_stuck_ns",
        "waiting", "wake",
    )  # fmt: skip

    def __init__(self, engine: Engine, number: int, now_ns: int, *, in_process: bool = False) -> None:
        self.waiting = False
        self.wake: Callable[[int], object] = _nothing
        self._engine = engine
        self._in_process = in_process
        self._limits = engine.settings.limits
        self._number = number
        self._reader = RequestReader(self._limits, engine.repeats)
        self._queue: list[tuple[Request | Refusal, int]] = []  # short, and a deque takes 600 bytes
        self._playback: Playback | None = None
        self._keep_alive = True
        self._refused = False
        self._away = False
        self._retiring = False
        self._draining: Trace | None = None
        self._ask: Request | None = None
        self._stuck_ns: int | None = None
        self._begun = 0
        self._request_until_ns = 0
        self._idle_until_ns = now_ns + self._limits.idle_ns

    @property
    def trace(self) -> Trace | None:
        """The answer being played."""
        return None if self._playback is None else self._playback.trace

    def receive(self, data: bytes, now_ns: int) -> None:
        """Take what arrived; ask :meth:`play` afterwards."""
        reader = self._reader
        for request in reader.feed(data):
            self._queue.append((request, now_ns))
        if len(self._queue) > 1 and self._overfull():
            reader.stop()
            self._queue.append((Refusal(400, "Bad Request", "too many requests at once"), now_ns))
        if reader.begun != self._begun:
            self._begun = reader.begun
            self._request_until_ns = now_ns + self._limits.request_ns

    def _overfull(self) -> bool:
        """Tell whether more requests wait for their answers than we care to keep."""
        waiting = [request.body for request, _ in self._queue if isinstance(request, Request)]
        return len(waiting) > self._limits.pipelined or sum(map(len, waiting)) > self._limits.request_bytes

    def play(self, now_ns: int) -> Deed:
        """Return what is due."""
        if self._away:
            return Deed(b"")
        if self._stuck_ns is not None:
            return self._stuck(now_ns)
        data = b""
        while playback := self._playback or self._begin(now_ns):
            data += playback.due(now_ns)
            if not playback.finished:
                return Deed(data, playback.next_ns)
            close = self._finish(playback, now_ns)
            if close is not None:
                return Deed(data, None, close)
            if len(data) > BATCH:
                return Deed(data, now_ns)
        return self._rest(data, now_ns)

    def _rest(self, data: bytes, now_ns: int) -> Deed:
        """Nothing to play: say what else there is to do."""
        if self._ask is not None:
            request, self._ask, self._away = self._ask, None, True
            return Deed(data, forward=request)
        if self.waiting:
            return Deed(data)
        if self._reader.wants_continue():
            data += CONTINUE
        return self._idle(data, now_ns)

    def _begin(self, now_ns: int) -> Playback | None:
        """Start the next answer, if there is one to start."""
        self.waiting = False
        if not self._queue:
            return None
        request, at_ns = self._queue[0]
        load = self._engine.load
        if load is not None:
            load.catch_up(now_ns)
        answer = self._answer(request)
        if answer == "wait":
            self.waiting = True
            return None
        del self._queue[0]
        if answer == "forward":
            assert isinstance(request, Request)  # noqa: S101 - a refusal has a script
            self._ask = request
            return None
        playback = self._start(answer, request, at_ns)
        if load is not None and isinstance(request, Request) and answer.governed:
            return self._govern(load, playback, request, now_ns)
        return playback

    def _answer(self, request: Request | Refusal) -> Script | Literal["forward", "wait"]:
        if isinstance(request, Refusal):
            return self._engine.refuse(request)
        return self._engine.answer(request, in_process=self._in_process)

    def _start(self, script: Script, request: Request | Refusal, at_ns: int) -> Playback:
        self._refused = isinstance(request, Refusal)
        self._keep_alive = isinstance(request, Request) and request.keep_alive and script.keeps_alive
        trace = Trace(script, self._number, at_ns)
        self._engine.started(trace)
        self._playback = Playback(script, trace, coalesce=self._engine.settings.coalesce)
        return self._playback

    def _govern(self, load: Governor, playback: Playback, request: Request, now_ns: int) -> Playback:
        """Have load say when the steps of the answer that has just begun are due."""
        stream = load.admit(playback.script, request, now_ns, self.wake)
        coalesce = self._engine.settings.coalesce
        self._playback = UnderLoad(playback.script, playback.trace, stream, coalesce=coalesce)
        return self._playback

    def _finish(self, playback: Playback, now_ns: int) -> Close | None:
        """Go on to the next request, or tell how to close."""
        self._draining = playback.trace
        self._playback = None
        self._idle_until_ns = now_ns + self._limits.idle_ns
        close = self._closing(playback.script)
        if close not in ("fin", "reset"):
            self.delivered()
        return close

    def _closing(self, script: Script) -> Close | None:
        kind = script.close
        if kind == "end" and self._keep_alive and (self._queue or not self._retiring):
            return None
        if self._refused:
            return "linger"
        return kind if kind in ("reset", "refuse", "ignore") else "fin"

    def delivered(self) -> None:
        """Note that the FIN or RST that :meth:`play` asked for is being sent: all before it had been delivered."""
        trace, self._draining = self._draining, None
        if trace is not None:
            trace.close("complete" if trace.script.close == "end" else trace.script.close)
            self._engine.ended(trace)

    def _idle(self, data: bytes, now_ns: int) -> Deed:
        """Time out who is silent, and who dribbles a request."""
        reading = self._reader.reading
        until_ns = self._request_until_ns if reading else self._idle_until_ns
        if now_ns < until_ns and (reading or not self._retiring):
            return Deed(data, until_ns)
        if not reading:
            return Deed(data, None, "fin")
        self._queue.append((Refusal(408, "Request Timeout", "the request did not arrive in time"), now_ns))
        self._reader.stop()
        deed = self.play(now_ns)
        return msgspec.structs.replace(deed, data=data + deed.data)

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
        self._idle_until_ns = now_ns + self._limits.idle_ns

    def _stuck(self, now_ns: int) -> Deed:
        if self._stuck_ns is not None and now_ns < self._stuck_ns:
            return Deed(b"", self._stuck_ns)
        self._leave(now_ns, "client stuck", None)
        return Deed(b"", None, "abort")

    def left(self, now_ns: int, unacknowledged: int | None = None) -> None:
        """Note that the client has closed the connection."""
        self._leave(now_ns, "client left", unacknowledged)

    def retire(self) -> None:
        """Close once all that was asked is answered; ask :meth:`play` afterwards."""
        self._retiring = True

    def stop(self, now_ns: int) -> None:
        """Note that the server closes the connection because it stops."""
        self._leave(now_ns, "server stopped", None)

    def _leave(self, now_ns: int, outcome: str, unacknowledged: int | None) -> None:
        trace = self._draining if self._playback is None else self._playback.trace
        self._playback = self._draining = None
        self._queue.clear()
        self._reader.stop()
        if trace is not None:
            if trace.stream is not None and self._engine.load is not None:
                self._engine.load.leave(trace.stream, now_ns)
            trace.left_ns = now_ns - trace.started_ns
            trace.unacknowledged = unacknowledged
            trace.close(outcome)
            self._engine.ended(trace)


def _nothing(_: int) -> None:
    """Be played by nobody but who asks."""
