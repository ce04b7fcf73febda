"""The timers of an event loop in virtual time: first come first served, and exact to the nanosecond.

Law: a delay is whole nanoseconds from the clock's now, never a difference of floats. The loop's seconds are the clock's
plus a whole number, so what is rounded to whole seconds (aiohttp does) comes at the same virtual instant in every run.
A callback sees a time that is not before the one it was asked for, however floats round.
"""

from __future__ import annotations

import asyncio
import math
from heapq import heapify, heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

from streamsim.clock.core import ROOM
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable
    from contextvars import Context

    from streamsim.clock.core import VirtualClock

# What asyncio.sleep has its timer call, since 3.5.
_WAKES: object = getattr(asyncio.futures, "_set_result_unless_cancelled", None)

# Later than anything: the deadline of a timer that never fires, which asyncio allows.
NEVER_NS = 1 << 63


class _Asked(asyncio.TimerHandle):
    """A timer for a time of the loop: its callback sees none before it."""

    __slots__ = ("_times",)

    def __init__(
        self,
        times: LoopTimes,
        when: float,
        callback: Callable[..., object],
        args: tuple[object, ...],
        context: Context | None,
    ) -> None:
        super().__init__(when, callback, args, times.loop, context)
        self._times = times

    def _run(self) -> None:
        self._times.floor = self.when()
        try:
            super()._run()
        finally:
            self._times.floor = -math.inf


class LoopTimes:
    """What ``time``, ``call_later`` and ``call_at`` of one loop are in virtual time.

    The timers are kept here and not by the loop, which compares them by their floats: tuples with the nanosecond and
    the turn are compared exactly, and faster.

    Attributes:
        base: The loop's time, in seconds, at the clock's zero.
        floor: While a timer's callback runs: the time it was asked for.

    """

    __slots__ = ("_clock", "_heap", "_ready", "_resolution", "_room", "_turns", "base", "floor", "loop")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, clock: VirtualClock, base: float, ready: deque[asyncio.Handle]
    ) -> None:
        self.loop = loop
        self.base = base
        self.floor = -math.inf
        self._clock = clock
        self._ready = ready
        self._heap: list[tuple[int, int, asyncio.TimerHandle]] = []
        self._turns = count()
        self._room = ROOM
        # How far apart two times are surely told apart.
        self._resolution = max(0.5 / SECOND, 2 * math.ulp(base))

    def seconds(self, ns: int) -> float:
        """Return the loop's time when the clock's is ``ns``."""
        return self.base + ns / SECOND if ns < NEVER_NS else math.inf

    def time(self) -> float:
        """Return the loop's time."""
        now, floor = self.base + self._clock.now_ns() / SECOND, self.floor
        return now if now > floor else floor  # noqa: FURB136 - a call takes longer

    def ns(self, when: float) -> int:
        """Return the clock's time at the loop's time ``when``: the nearest nanosecond as seen from now."""
        if when == math.inf:
            return NEVER_NS
        now_ns = self._clock.now_ns()
        delay_ns = round((when - self.time()) * SECOND)
        if self._resolution * SECOND > 1 and abs(delay_ns - round(delay_ns, -3)) <= self._resolution * SECOND:
            delay_ns = round(delay_ns, -3)  # after months without a restart floats cannot tell nanoseconds apart
        return now_ns + max(0, delay_ns)

    def next_ns(self) -> int:
        """Return when the earliest timer is due."""
        heap = self._heap
        while heap and heap[0][2].cancelled():
            heappop(heap)
        return heap[0][0] if heap else NEVER_NS

    def due(self) -> bool:
        """Tell whether a timer is due by now."""
        heap = self._heap
        return bool(heap) and heap[0][0] <= self._clock.now_ns()

    def release(self) -> None:
        """Have the loop run what is due by now, in its order, behind what it has to run already."""
        heap, now_ns = self._heap, self._clock.now_ns()
        while heap and heap[0][0] <= now_ns:
            self._ready.append(heappop(heap)[2])  # it passes over those that are cancelled

    def run_due(self) -> bool:
        """Run what is due by now, in its order; what comes of it is for the loop to run.

        Return whether any of it was more than the end of a sleep, which only wakes a task.
        """
        heap, now_ns = self._heap, self._clock.now_ns()
        due: list[asyncio.TimerHandle] = []
        while heap and heap[0][0] <= now_ns:
            due.append(heappop(heap)[2])
        more = False
        for nth, timer in enumerate(due, 1):
            if timer.cancelled():
                continue
            more = more or timer._callback is not _WAKES  # type: ignore[attr-defined]  # noqa: SLF001 - since 3.4
            try:
                timer._run()  # noqa: SLF001 - as the loop does
            except BaseException:  # what ends the loop, as Ctrl-C does
                self._ready.extendleft(reversed(due[nth:]))
                raise
        return more

    def adopt(self, timers: list[asyncio.TimerHandle]) -> None:
        """Take over ``timers`` of the loop, which loses them."""
        for timer in sorted(timers):
            self._put(self.ns(timer.when()), timer)
        timers.clear()

    def give_back(self) -> list[asyncio.TimerHandle]:
        """Return all timers in their order, and keep none."""
        timers = [timer for _, _, timer in sorted(self._heap) if not timer.cancelled()]
        self._heap.clear()
        for timer in timers:
            timer._scheduled = True  # type: ignore[attr-defined]  # noqa: SLF001 - so that it counts them when cancelled
        return timers

    def call_later(
        self, delay: float | None, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Stand in for the loop's ``call_later``."""
        if delay is None:
            raise TypeError("delay must not be None")
        if delay == math.inf:
            return self._put(NEVER_NS, asyncio.TimerHandle(math.inf, callback, args, self.loop, context))
        ns = self._clock.now_ns() + (round(delay * SECOND) if delay > 0 else 0)
        return self._put(ns, asyncio.TimerHandle(self.base + ns / SECOND, callback, args, self.loop, context))

    def call_at(
        self, when: float | None, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Stand in for the loop's ``call_at``."""
        if when is None:
            raise TypeError("when cannot be None")
        return self._put(self.ns(when), _Asked(self, when, callback, args, context))

    def _put(self, ns: int, timer: asyncio.TimerHandle) -> asyncio.TimerHandle:
        if self.loop.is_closed():
            raise RuntimeError("Event loop is closed")
        heap = self._heap
        heappush(heap, (ns, next(self._turns), timer))
        if len(heap) > self._room:
            self._tidy()
        return timer

    def _tidy(self) -> None:
        """Let go of cancelled timers, which is how nearly all time-outs end."""
        self._heap[:] = [place for place in self._heap if not place[2].cancelled()]
        heapify(self._heap)
        self._room = max(ROOM, 2 * len(self._heap))
