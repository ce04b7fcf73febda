"""What rings at an absolute time: on an event loop, as exactly as the system allows, or on a virtual clock.

Law: an alarm rings once for each time it is set, and setting it anew replaces what was set. It may ring early or late,
as loops round; whoever is rung looks at the clock.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Protocol

from streamsim.clock.drivers import timerfd

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from streamsim.clock.core import Clock, Timer, VirtualClock

# How long a file's alarm rests at least after it rang. On a busy server somebody else is due a few microseconds later,
# and to wake up for each costs more than what is done then.
REST_NS = 1_000_000

# The system takes 64 bits: what is due after that, 146 years after the machine started, is looked at too early instead.
LATEST_NS = 1 << 62


class Alarm(Protocol):
    """Rings at one time."""

    def set(self, due_ns: int) -> None:
        """Ring at ``due_ns``, and at no other time."""
        ...

    def off(self) -> None:
        """Do not ring."""
        ...

    def close(self) -> None:
        """Never ring again."""
        ...


class LoopAlarm:
    """An event loop's own timer, which on Linux rounds up to whole milliseconds."""

    __slots__ = ("_clock", "_handle", "_loop", "_ring")

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock, ring: Callable[[], object]) -> None:
        self._loop = loop
        self._clock = clock
        self._ring = ring
        self._handle: asyncio.Handle | None = None

    def set(self, due_ns: int) -> None:
        """Ring at ``due_ns``, and at no other time."""
        self.off()
        delay_s = (due_ns - self._clock.now_ns()) / 1e9
        self._handle = self._loop.call_later(delay_s, self._ring) if delay_s > 0 else self._loop.call_soon(self._ring)

    def off(self) -> None:
        """Do not ring."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    close = off


class VirtualAlarm:
    """A timer of a virtual clock, exact to the nanosecond, rung by whoever moves the clock."""

    __slots__ = ("_clock", "_ring", "_timer")

    def __init__(self, clock: VirtualClock, ring: Callable[[], object]) -> None:
        self._clock = clock
        self._ring = ring
        self._timer: Timer | None = None

    def set(self, due_ns: int) -> None:
        """Ring at ``due_ns``, and at no other time."""
        self.off()
        self._timer = self._clock.call_at_ns(due_ns, self._ring)

    def off(self) -> None:
        """Do not ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    close = off


class FileAlarm:
    """A timer that is a file, exact to some microseconds on any loop that can watch a file, for the monotonic clock.

    Raises:
        OSError: The system has no such timers, or no more of them.
        NotImplementedError: The loop cannot watch a file.

    """

    __slots__ = ("_file", "_loop", "_rested_ns", "_ring")

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], object]) -> None:
        self._loop = loop
        self._ring = ring
        self._rested_ns = 0
        self._file = timerfd.create()
        try:
            loop.add_reader(self._file, self._rings)
        except NotImplementedError:
            os.close(self._file)
            raise

    def set(self, due_ns: int) -> None:
        """Ring at ``due_ns``, and at no other time."""
        timerfd.set_ns(self._file, min(max(due_ns, self._rested_ns), LATEST_NS))

    def off(self) -> None:
        """Do not ring."""
        timerfd.set_ns(self._file, 0)

    def close(self) -> None:
        """Never ring again."""
        self._loop.remove_reader(self._file)
        os.close(self._file)

    def _rings(self) -> None:
        """Ring; whoever is rung sets the alarm again, or turns it off, either of which makes the file unreadable."""
        self._rested_ns = time.monotonic_ns() + REST_NS
        self._ring()
