"""Real time: the machine's monotonic clock, and one agenda of absolute deadlines for a whole process.

Law: never early, never drifting. Deadlines are absolute and come from one heap with one armed timer; ``sleep(gap)``
for each stream would be late by a little more at every event, for ever. The clock is read again at every tick, because
event loops round.
"""

from __future__ import annotations

import time
from heapq import heappop, heappush, heapreplace
from itertools import count
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

    from streamsim.clock.core import Clock

# Entries handled in one tick before the loop may read sockets again.
BATCH = 256


class RealClock:
    """The monotonic clock."""

    __slots__ = ()

    def now_ns(self) -> int:
        """Return nanoseconds since some moment before the process began."""
        return time.monotonic_ns()


def wall_clock() -> str:
    """Return the date and time in UTC to the second, as RFC 3339 writes it; only for a recording's header."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Entry(Protocol):
    """Who wants to be woken.

    ``due_ns`` is its one valid deadline: a place in the heap that says otherwise is ignored.
    """

    due_ns: int | None

    def wake(self, now_ns: int) -> None:
        """Do what is due and set ``due_ns`` to the next deadline, without calling :meth:`Agenda.put`."""
        ...


class Agenda:
    """Wakes entries at their deadlines, those with equal deadlines in the order they were put in."""

    __slots__ = ("_armed_ns", "_clock", "_count", "_handle", "_heap", "_loop", "_running")

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        self._loop = loop
        self._clock = clock
        self._heap: list[tuple[int, int, Entry]] = []
        self._count = count()
        self._armed_ns: int | None = None
        self._handle: asyncio.Handle | None = None
        self._running = False

    def put(self, entry: Entry) -> None:
        """Wake ``entry`` at its ``due_ns``."""
        due_ns = entry.due_ns
        if due_ns is None:
            return
        heappush(self._heap, (due_ns, next(self._count), entry))
        if not self._running and (self._armed_ns is None or due_ns < self._armed_ns):
            self._arm(due_ns)

    def _arm(self, due_ns: int) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._armed_ns = due_ns
        delay_s = (due_ns - self._clock.now_ns()) / 1e9
        self._handle = self._loop.call_later(delay_s, self._tick) if delay_s > 0 else self._loop.call_soon(self._tick)

    def _tick(self) -> None:
        self._handle = self._armed_ns = None
        self._running = True
        try:
            self._work()
        finally:
            self._running = False
            if self._heap:
                self._arm(self._heap[0][0])

    def _work(self) -> None:
        heap = self._heap
        now_ns = self._clock.now_ns()
        for _ in range(BATCH):
            if not heap:
                return
            due_ns, _number, entry = heap[0]
            if due_ns > now_ns:
                now_ns = self._clock.now_ns()
                if due_ns > now_ns:
                    return
            if entry.due_ns != due_ns:
                heappop(heap)
                continue
            entry.wake(now_ns)
            self._settle(entry)

    def _settle(self, entry: Entry) -> None:
        """Put ``entry`` back at its new deadline, in place where it is still on top."""
        heap = self._heap
        due_ns = entry.due_ns
        on_top = heap[0][2] is entry
        if due_ns is None:
            if on_top:
                heappop(heap)
        elif on_top:
            heapreplace(heap, (due_ns, next(self._count), entry))
        else:
            heappush(heap, (due_ns, next(self._count), entry))
