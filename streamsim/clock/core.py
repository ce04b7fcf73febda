"""Time as whole nanoseconds, and a clock that only moves when told to.

The law of :class:`VirtualClock`: callbacks run in the order of their deadlines, those with equal deadlines in the order
they were asked for, and time never goes back.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from heapq import heapify, heappop, heappush, heapreplace
from typing import TYPE_CHECKING, Protocol

import msgspec

from streamsim.units import SECOND, parse_duration

if TYPE_CHECKING:
    from collections.abc import Generator

# Where virtual dates begin: 2026-01-01T00:00:00Z.
EPOCH_NS = 1_767_225_600 * SECOND

# Timers in a heap before it is worth looking for cancelled ones.
ROOM = 1024


class Clock(Protocol):
    """Anything that can tell the time."""

    def now_ns(self) -> int:
        """Return nanoseconds since some fixed moment; never less than the last answer."""
        ...


class Timer(msgspec.Struct, eq=False):
    """One callback and its deadline; ``cancel()`` makes the clock forget it."""

    deadline_ns: int
    callback: Callable[[], object] | None

    def cancel(self) -> None:
        """Make sure that the callback never runs (again)."""
        self.callback = None


class VirtualClock:
    """A discrete-event clock: waiting for an hour takes no time.

    It moves when told to, by whoever owns the time: a test, an event loop it is attached to, a blocked reader. While
    somebody :meth:`hold`s it, drivers do not move it.
    """

    __slots__ = ("_heap", "_holds", "_now_ns", "_room", "_turn", "epoch_ns")

    def __init__(self, start_ns: int = 0, *, epoch_ns: int = EPOCH_NS) -> None:
        self._now_ns = start_ns
        self._turn = 0
        self._heap: list[tuple[int, int, Timer]] = []
        self._holds = 0
        self._room = ROOM
        self.epoch_ns = epoch_ns

    def now_ns(self) -> int:
        """Return the virtual time."""
        return self._now_ns

    def now(self) -> float:
        """Return the virtual time in seconds, for people; compare :meth:`now_ns`."""
        return self._now_ns / SECOND

    def wall_ns(self) -> int:
        """Return nanoseconds since 1970 in virtual time: the date and time that the clock's zero stands for, and on."""
        return self.epoch_ns + self._now_ns

    @property
    def held(self) -> bool:
        """Whether somebody does work that this clock cannot see."""
        return self._holds > 0

    @contextmanager
    def hold(self) -> Generator[None]:
        """Keep drivers from moving the clock meanwhile: work is under way that takes none of its time.

        For threads that sleep, other processes, real sockets. Whoever moves it by hand still can.
        """
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1

    def call_at_ns(self, deadline_ns: int, callback: Callable[[], object]) -> Timer:
        """Run ``callback`` when the time comes; a deadline in the past comes now."""
        deadline_ns = deadline_ns if deadline_ns > self._now_ns else self._now_ns  # noqa: FURB136 - a call takes longer
        timer = Timer(deadline_ns, callback)
        heap, self._turn = self._heap, self._turn + 1
        if heap and heap[0][2].callback is None:
            # As where a callback asks for its next turn: cheaper than to pop and to push.
            heapreplace(heap, (deadline_ns, self._turn, timer))
            return timer
        heappush(heap, (deadline_ns, self._turn, timer))
        if len(heap) > self._room:
            self._tidy()
        return timer

    def _tidy(self) -> None:
        """Let go of cancelled timers: time-outs are nearly always cancelled, long before their time comes."""
        self._heap[:] = [place for place in self._heap if place[2].callback is not None]
        heapify(self._heap)
        self._room = max(ROOM, 2 * len(self._heap))

    def next_ns(self) -> int | None:
        """Return the earliest deadline, or None when nothing waits."""
        heap = self._heap
        while heap and heap[0][2].callback is None:
            heappop(heap)
        return heap[0][0] if heap else None

    def run_next(self) -> bool:
        """Move to the earliest deadline and run its callback; return False when nothing waits."""
        heap = self._heap
        while heap:
            deadline_ns, _, timer = heap[0]  # left there, done with: its place is free for the next timer
            callback, timer.callback = timer.callback, None
            if callback is not None:
                self._now_ns = deadline_ns
                callback()
                return True
            heappop(heap)
        return False

    def run(self) -> None:
        """Run all that waits and all that comes of it, until nothing waits."""
        heap = self._heap
        while heap:  # as `run_next`, again and again: that is what simulations are made of
            deadline_ns, _, timer = heap[0]
            callback, timer.callback = timer.callback, None
            if callback is not None:
                self._now_ns = deadline_ns
                callback()
            else:
                heappop(heap)

    def advance_to_ns(self, target_ns: int) -> None:
        """Move to ``target_ns``, running on the way all that is due by then."""
        while self._heap and (deadline := self.next_ns()) is not None and deadline <= target_ns:
            self.run_next()
        self._now_ns = max(self._now_ns, target_ns)

    def advance(self, duration: str | float) -> None:
        """Move by ``duration``: ``"90s"``, or a number of seconds."""
        ns = parse_duration(duration) if isinstance(duration, str) else round(duration * SECOND)
        self.advance_to_ns(self._now_ns + ns)
