"""Playing a script: says what is due, does none of it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsim.engine.script import Script
    from streamsim.engine.trace import Trace
    from streamsim.traffic.replica import Stream

# Bytes handed over at once at most, so that a slow reader's backlog stays in the plan and not in our memory.
BATCH = 256 << 10


class Playback:
    """Walks one script. Ask :meth:`due` whenever ``next_ns`` has come. Without ``coalesce`` it gives single steps.

    Attributes:
        next_ns: When there is something to do, on the shell's clock; None when there is nothing, ever.
        finished: The last step was handed over (a hang that runs out included).

    """

    __slots__ = ("_coalesce", "_hung", "_step", "finished", "next_ns", "script", "trace")

    def __init__(self, script: Script, trace: Trace, *, coalesce: bool = True) -> None:
        self.script = script
        self.trace = trace
        self.finished = False
        self.next_ns: int | None = trace.started_ns + script.ats[0]
        self._coalesce = coalesce
        self._hung = False
        self._step = 0

    def due(self, now_ns: int) -> bytes:
        """Return all bytes due at ``now_ns``, or as many steps of them as make one batch."""
        next_ns = self.next_ns
        if next_ns is None or now_ns < next_ns or self.finished:
            return b""
        if self._hung:
            self.finished = True
            return b""
        trace, start = self.trace, self._step
        ats, elapsed_ns = self.script.ats, now_ns - trace.started_ns
        stop = start + 1
        if self._coalesce and stop < len(ats) and ats[stop] <= elapsed_ns:
            stop = self._batch(start, bisect_right(ats, elapsed_ns, start))
        self._step = stop
        trace.wrote(stop, elapsed_ns)
        if stop == len(ats):
            self._last(now_ns)
        else:
            self.next_ns = trace.started_ns + ats[stop]
        return self.script.wires[start] if stop == start + 1 else self.script.joined(start, stop)

    def _batch(self, start: int, due: int) -> int:
        """Return up to which step to play, all before ``due`` being due: one, or as many as make a batch."""
        offsets = self.script.offsets
        most = offsets[start] + BATCH
        return due if offsets[due] <= most else max(start + 1, bisect_right(offsets, most, start) - 1)

    def _last(self, now_ns: int) -> None:
        if self.script.close != "hang":
            self.finished = True
        elif self.script.hang_ns is None:
            self.next_ns = None
        else:
            self._hung = True
            self.next_ns = now_ns + self.script.hang_ns


class UnderLoad(Playback):
    """Walks one script as far as ``stream`` has come, which knows of load when a step is due.

    ``next_ns`` is None while its turn comes from there.
    """

    __slots__ = ("_stream",)

    def __init__(self, script: Script, trace: Trace, stream: Stream, *, coalesce: bool = True) -> None:
        super().__init__(script, trace, coalesce=coalesce)
        self.next_ns = None
        self._stream = trace.stream = stream

    def due(self, now_ns: int) -> bytes:
        """Return all bytes that are due by now, or as many steps of them as make one batch."""
        if self._hung:
            return super().due(now_ns)
        script, trace = self.script, self.trace
        start, ready = trace.steps, len(self._stream.dues)
        if start == ready:
            return b""
        stop = self._batch(start, ready if self._coalesce else start + 1)
        trace.wrote(stop, now_ns - trace.started_ns)
        self.next_ns = None if stop == ready else now_ns
        if stop == len(script.ats):
            self._last(now_ns)
        return script.joined(start, stop)
