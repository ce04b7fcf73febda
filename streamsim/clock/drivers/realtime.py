"""Real time: the machine's monotonic clock, and one agenda of absolute deadlines for a whole process.

Law: never early, never drifting. Deadlines are absolute and stand in one agenda with one alarm; ``sleep(gap)`` for each
stream would be late by a little more at every event, for ever. The clock is read again at every tick, because alarms
ring early or late.
"""

from __future__ import annotations

import time
from bisect import insort
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers.alarm import FileAlarm, LoopAlarm, VirtualAlarm

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from streamsim.clock.core import Clock
    from streamsim.clock.drivers.alarm import Alarm

# Entries handled in one tick before the loop may read sockets again.
BATCH = 256
# A page of the agenda covers this power of two in nanoseconds.
PAGE = 20
# Places on pages that may be void before it is worth clearing them away.
VOID = 256


class RealClock:
    """The monotonic clock."""

    __slots__ = ()

    now_ns = staticmethod(time.monotonic_ns)
    """Nanoseconds since some moment before the process began."""


def wall_clock() -> str:
    """Return the date and time in UTC to the second, as RFC 3339 writes it; only for a recording's header."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Entry:
    """Who wants to be woken.

    Attributes:
        due_ns: When; None: never. Whoever changes it calls :meth:`Agenda.put`.
        place_ns: The agenda's: where the entry stands. Its other places are void.
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


Place: TypeAlias = tuple[int, int, Entry]
"""Deadline and turn, both negative so that who is next stands last."""


class Agenda:
    """Wakes entries at their deadlines, those with equal deadlines in the order they were put in.

    A deadline that moves back leaves its entry where it stands, to be moved when its old time comes: so the idle time
    of a busy connection, which moves with every request, costs nothing.

    It has a page for each millisecond or so. To a page that has not come yet an entry is only added; when it is opened,
    it is put in order. In one heap of all entries every event of every stream would have to find its order.

    On a virtual clock it is that clock which wakes it, to the nanosecond, and the loop is left alone: whoever moves the
    clock wakes the entries.
    """

    __slots__ = (
        "_alarm", "_armed_ns", "_clock", "_count", "_number", "_numbers", "_open", "_pages", "_running", "_size",
        "_void",
    )  # fmt: skip

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        self._clock = clock
        self._alarm = _alarm(loop, clock, self._tick)
        self._count = count()
        self._open: list[Place] = []
        self._number = -1
        self._pages: dict[int, list[Place]] = {}
        self._numbers: list[int] = []
        self._size = 0
        self._void = 0
        self._armed_ns: int | None = None
        self._running = False

    def __len__(self) -> int:
        return self._size

    def put(self, entry: Entry) -> None:
        """Wake ``entry`` at its ``due_ns``, and at no other time."""
        due_ns, place_ns = entry.due_ns, entry.place_ns
        entry.turn = next(self._count)
        if due_ns is None:
            entry.place_ns = None
            if place_ns is not None:
                self._count_void()
        elif place_ns is None or due_ns < place_ns:
            self._place(entry, due_ns)
            if not self._running and (self._armed_ns is None or due_ns < self._armed_ns):
                self._arm(due_ns)

    def _place(self, entry: Entry, due_ns: int) -> None:
        """Write ``entry`` down for ``due_ns``; where it stands already, if anywhere, that is void."""
        self._size += 1
        before_ns, entry.place_ns = entry.place_ns, due_ns
        place = -due_ns, -entry.turn, entry
        number = due_ns >> PAGE
        page = self._pages.get(number)
        if page is not None:
            page.append(place)
        elif number <= self._number:
            insort(self._open, place)
        else:
            self._pages[number] = [place]
            heappush(self._numbers, number)
        if before_ns is not None:
            self._count_void()

    def _count_void(self) -> None:
        """Clear the void places away when they are the most; a page keeps its entries alive otherwise."""
        self._void += 1
        if self._void > VOID and 2 * self._void > self._size:
            self._open = _valid(self._open)
            pages = {number: _valid(page) for number, page in self._pages.items()}
            self._pages = {number: page for number, page in pages.items() if page}
            self._numbers = sorted(self._pages)
            self._size = len(self._open) + sum(map(len, pages.values()))
            self._void = 0

    def _arm(self, due_ns: int) -> None:
        self._armed_ns = due_ns
        self._alarm.set(due_ns)

    def stop(self) -> None:
        """Wake nobody any more, whoever may still be put in."""
        self._alarm.close()
        self._armed_ns = -1  # no deadline is earlier
        self._open.clear()
        self._pages.clear()
        self._numbers.clear()
        self._size = self._void = 0

    def _tick(self) -> None:
        self._armed_ns = None
        self._running = True
        try:
            self._work()
        finally:
            self._running = False
            if self._open:
                self._arm(-self._open[-1][0])
            elif self._numbers:
                self._arm(-max(self._pages[self._numbers[0]])[0])
            else:
                self._alarm.off()

    def _work(self) -> None:
        """Wake those whose time has come, and write each down for the next one."""
        now_ns = self._clock.now_ns()
        for _ in range(BATCH):
            if not self._open and not self._turn_page():
                return
            place_ns = -self._open[-1][0]
            if place_ns > now_ns:
                now_ns = self._clock.now_ns()
                if place_ns > now_ns:
                    return
            entry = self._open.pop()[2]
            self._size -= 1
            if entry.place_ns != place_ns:
                self._void -= 1
                continue
            entry.place_ns, due_ns = None, entry.due_ns
            try:
                if due_ns is not None and due_ns <= now_ns:
                    entry.due_ns = None  # what fails is not tried again and again
                    entry.turn = next(self._count)
                    entry.wake(now_ns)
            finally:
                if entry.due_ns is not None:
                    self._place(entry, entry.due_ns)

    def _turn_page(self) -> bool:
        """Open the next page, if its time has come."""
        if not self._numbers or self._numbers[0] > self._clock.now_ns() >> PAGE:
            return False
        self._number = heappop(self._numbers)
        self._open = self._pages.pop(self._number)
        self._open.sort()
        return True


def _alarm(loop: asyncio.AbstractEventLoop, clock: Clock, ring: Callable[[], object]) -> Alarm:
    """Return the most exact alarm that there is for ``clock``."""
    if isinstance(clock, VirtualClock):
        return VirtualAlarm(clock, ring)
    if isinstance(clock, RealClock):
        with suppress(OSError, NotImplementedError):
            return FileAlarm(loop, ring)
    return LoopAlarm(loop, clock, ring)


def _valid(page: list[Place]) -> list[Place]:
    return [place for place in page if -place[0] == place[2].place_ns]
