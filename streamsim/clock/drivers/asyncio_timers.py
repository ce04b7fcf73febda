"""The timers of an event loop in virtual time: first come first served, and exact to the nanosecond.

Law: a delay is whole nanoseconds from the clock's now, never a difference of floats. The loop's seconds are the clock's
plus a whole number, so what is rounded to whole seconds (aiohttp does) comes at the same virtual instant in every run.
A callback sees a time that is not before the one it was asked for, however floats round.
"""

from __future__ import annotations

import asyncio
import math
from heapq import heappush
from itertools import count
from typing import TYPE_CHECKING

from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    from streamsim.clock.core import VirtualClock

# Later than anything: the deadline of a timer that never fires, which asyncio allows.
NEVER_NS = 1 << 63
_TURNS = 1 << 64


class Timer(asyncio.TimerHandle):
    """A handle that knows its nanosecond and its turn; asyncio's own compares floats only, in no order when equal."""

    __slots__ = ("_asked", "_times", "key")

    def __init__(
        self,
        times: LoopTimes,
        ns: int,
        asked: float | None,
        callback: Callable[..., object],
        args: tuple[object, ...],
        context: Context | None,
    ) -> None:
        super().__init__(times.seconds(ns), callback, args, times.loop, context)
        self._times = times
        self._asked = asked
        self.key = ns * _TURNS + next(times.turns)
        self._scheduled = True

    def __lt__(self, other: asyncio.TimerHandle) -> bool:
        if type(other) is Timer:
            return self.key < other.key
        return self.when() < other.when()

    def __gt__(self, other: asyncio.TimerHandle) -> bool:
        if type(other) is Timer:
            return self.key > other.key
        return self.when() > other.when()

    def _run(self) -> None:
        asked = self._asked
        if asked is None:
            super()._run()
            return
        self._times.floor = asked
        try:
            super()._run()
        finally:
            self._times.floor = -math.inf

    def when(self) -> float:
        """Return the loop's time it was asked for."""
        return super().when() if self._asked is None else self._asked

    def rekey(self, ns: int) -> None:
        """Take part in another virtual time, with a new turn."""
        self.key = ns * _TURNS + next(self._times.turns)

    def shift(self, seconds: float) -> None:
        """Move with the loop's time."""
        self._when: float = super().when() + seconds
        if self._asked is not None:
            self._asked += seconds


class LoopTimes:
    """What ``time``, ``call_later`` and ``call_at`` of one loop are in virtual time.

    Attributes:
        base: The loop's time, in seconds, at the clock's zero.
        floor: While a timer's callback runs: the time it was asked for.
        resolution: How far apart two times are surely told apart.

    """

    __slots__ = ("_clock", "_scheduled", "base", "floor", "loop", "resolution", "turns")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: VirtualClock,
        base: float,
        scheduled: Callable[[], list[asyncio.TimerHandle]],
    ) -> None:
        self.loop = loop
        self.base = base
        self.floor = -math.inf
        self.turns = count()
        self.resolution = max(0.5 / SECOND, 2 * math.ulp(base))
        self._clock = clock
        self._scheduled = scheduled

    def seconds(self, ns: int) -> float:
        """Return the loop's time when the clock's is ``ns``."""
        return self.base + ns / SECOND if ns < NEVER_NS else math.inf

    def time(self) -> float:
        """Return the loop's time."""
        now = self.base + self._clock.now_ns() / SECOND
        return max(now, self.floor)

    def ns(self, when: float) -> int:
        """Return the clock's time at the loop's time ``when``: the nearest nanosecond as seen from now."""
        if when == math.inf:
            return NEVER_NS
        now_ns = self._clock.now_ns()
        delay_ns = round((when - self.time()) * SECOND)
        if self.resolution * SECOND > 1 and abs(delay_ns - round(delay_ns, -3)) <= self.resolution * SECOND:
            delay_ns = round(delay_ns, -3)  # after months without a restart floats cannot tell nanoseconds apart
        return now_ns + max(0, delay_ns)

    def due_ns(self, handle: asyncio.TimerHandle) -> int:
        """Return when ``handle`` is due."""
        return handle.key // _TURNS if type(handle) is Timer else self.ns(handle.when())

    def call_later(
        self, delay: float | None, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Stand in for the loop's ``call_later``."""
        if delay is None:
            raise TypeError("delay must not be None")
        ns = NEVER_NS if delay == math.inf else self._clock.now_ns() + max(0, round(delay * SECOND))
        return self._put(Timer(self, ns, None, callback, args, context))

    def call_at(
        self, when: float | None, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Stand in for the loop's ``call_at``."""
        if when is None:
            raise TypeError("when cannot be None")
        return self._put(Timer(self, self.ns(when), when, callback, args, context))

    def _put(self, timer: Timer) -> Timer:
        if self.loop.is_closed():
            raise RuntimeError("Event loop is closed")
        heappush(self._scheduled(), timer)
        return timer
