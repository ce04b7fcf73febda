"""Real time: the machine's monotonic clock, and one agenda of absolute deadlines for a whole process.

Law: never early, never drifting. Deadlines are absolute and come from one heap with one armed timer; ``sleep(gap)``
for each stream would be late by a little more at every event, for ever. The clock is read again at every tick, because
event loops round.
"""

from __future__ import annotations

import time
from heapq import heapify, heappop, heappush, heapreplace
from itertools import count
from typing import TYPE_CHECKING

from streamsim.clock.core import VirtualClock

if TYPE_CHECKING:
    import asyncio

    from streamsim.clock.core import Clock, Timer

# Entries handled in one tick before the loop may read sockets again.
BATCH = 256
# Places in the heap that may be void before it is worth clearing them away.
VOID = 256


class RealClock:
    """The monotonic clock."""

    __slots__ = ()

    def now_ns(self) -> int:
        """Return nanoseconds since some moment before the process began."""
        return time.monotonic_ns()


def wall_clock() -> str:
    """Return the date and time in UTC to the second, as RFC 3339 writes it; only for a recording's header."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Entry:
    """Who wants to be woken.

    Attributes:
        due_ns: When; None: never. Whoever changes it calls :meth:`Agenda.put`.
        place_ns: The agenda's: where in its heap the entry stands. A place further on is void.
        turn: The agenda's: which comes first among entries with equal deadlines.

    """

    __slots__ = ("due_ns", "place_ns", "turn")

    def __init__(self) -> None:
        self.due_ns: int | None = None
        self.place_ns: int | None = None
        self.turn = 0

    def wake(self, now_ns: int) -> None:
        """Do what is due and set ``due_ns`` to the next deadline, without calling :meth:`Agenda.put`."""
        raise NotImplementedError


class Agenda:
    """Wakes entries at their deadlines, those with equal deadlines in the order they were put in.

    A deadline that moves back leaves its entry where it stands, to be moved when its old time comes: so the idle time
    of a busy connection, which moves with every request, costs nothing.

    On a virtual clock it is that clock which wakes it, to the nanosecond, and the loop is left alone: whoever moves the
    clock wakes the entries.
    """

    __slots__ = ("_armed_ns", "_clock", "_count", "_handle", "_heap", "_loop", "_running", "_void")

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        self._loop = loop
        self._clock = clock
        self._heap: list[tuple[int, int, Entry]] = []
        self._count = count()
        self._void = 0
        self._armed_ns: int | None = None
        self._handle: asyncio.Handle | Timer | None = None
        self._running = False

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, entry: Entry) -> None:
        """Wake ``entry`` at its ``due_ns``, and at no other time."""
        due_ns, place_ns = entry.due_ns, entry.place_ns
        entry.turn = next(self._count)
        if due_ns is None:
            entry.place_ns = None
        elif place_ns is not None and place_ns <= due_ns:
            return
        else:
            self._place(entry, due_ns)
        if place_ns is not None:
            self._count_void()

    def _place(self, entry: Entry, due_ns: int) -> None:
        entry.place_ns = due_ns
        heappush(self._heap, (due_ns, entry.turn, entry))
        if not self._running and (self._armed_ns is None or due_ns < self._armed_ns):
            self._arm(due_ns)

    def _count_void(self) -> None:
        """Clear the void places away when they are the most; a heap keeps its entries alive otherwise."""
        self._void += 1
        if self._void > VOID and 2 * self._void > len(self._heap):
            self._heap[:] = [place for place in self._heap if place[0] == place[2].place_ns]
            heapify(self._heap)
            self._void = 0

    def _arm(self, due_ns: int) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._armed_ns = due_ns
        if isinstance(self._clock, VirtualClock):
            self._handle = self._clock.call_at_ns(due_ns, self._tick)
            return
        delay_s = (due_ns - self._clock.now_ns()) / 1e9
        self._handle = self._loop.call_later(delay_s, self._tick) if delay_s > 0 else self._loop.call_soon(self._tick)

    def stop(self) -> None:
        """Wake nobody any more."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._armed_ns = None
        self._heap.clear()

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
            place_ns, _turn, entry = heap[0]
            if place_ns > now_ns:
                now_ns = self._clock.now_ns()
                if place_ns > now_ns:
                    return
            if entry.place_ns != place_ns:
                heappop(heap)
                self._void -= 1
            else:
                self._wake(entry, now_ns)

    def _wake(self, entry: Entry, now_ns: int) -> None:
        """Wake the entry whose place is on top, if it is time, and move it to its next place."""
        try:
            if entry.due_ns is not None and entry.due_ns <= now_ns:
                entry.due_ns = None  # what fails is not tried again and again
                entry.turn = next(self._count)
                entry.wake(now_ns)
        finally:
            self._move(entry)

    def _move(self, entry: Entry) -> None:
        heap = self._heap
        due_ns = entry.place_ns = entry.due_ns
        on_top = bool(heap) and heap[0][2] is entry
        if due_ns is None:
            if on_top:
                heappop(heap)
        elif on_top:
            heapreplace(heap, (due_ns, entry.turn, entry))
        else:  # somebody was put before it meanwhile
            heappush(heap, (due_ns, entry.turn, entry))
            self._void += 1
