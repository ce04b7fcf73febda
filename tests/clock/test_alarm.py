"""Alarms, on real loops, and what stands in for those that a system does not have."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import TYPE_CHECKING, NoReturn

import pytest

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers import timerfd
from streamsim.clock.drivers.alarm import REST_NS, Alarm, FileAlarm, LoopAlarm, VirtualAlarm
from streamsim.clock.drivers.realtime import Agenda, Entry, RealClock

if TYPE_CHECKING:
    from collections.abc import Callable

MS = 1_000_000
needs_files = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has timers that are files")


class Bell:
    """Notes when it rings, and what it is to do then."""

    def __init__(self, *, rings: int = 1) -> None:
        self.rung: list[int] = []
        self.over = asyncio.Event()
        self.alarm: Alarm | None = None
        self._rings = rings

    def __call__(self) -> None:
        self.rung.append(time.monotonic_ns())
        assert self.alarm is not None
        if len(self.rung) >= self._rings:
            self.alarm.off()
            self.over.set()
        else:
            self.alarm.set(time.monotonic_ns())


def by_loop(ring: Callable[[], object]) -> Alarm:
    """Return an alarm of the loop's own."""
    return LoopAlarm(asyncio.get_running_loop(), RealClock(), ring)


def by_file(ring: Callable[[], object]) -> Alarm:
    """Return an alarm that is a file."""
    return FileAlarm(asyncio.get_running_loop(), ring)


KINDS = [by_loop, pytest.param(by_file, marks=needs_files)]


@pytest.mark.parametrize("kind", KINDS)
def test_it_rings_for_what_was_set_last(kind: Callable[[Callable[[], object]], Alarm]) -> None:
    """What was set before is forgotten; a time that is over rings at once; one that is turned off rings never."""

    async def main() -> None:
        bell = Bell()
        bell.alarm = kind(bell)
        for due_ns in (3_600_000 * MS + time.monotonic_ns(), time.monotonic_ns(), time.monotonic_ns() + MS):
            bell.alarm.set(due_ns)
        await bell.over.wait()
        assert len(bell.rung) == 1
        bell.over.clear()
        bell.alarm.set(1)
        await bell.over.wait()
        assert len(bell.rung) == 2
        bell.alarm.set(1)
        bell.alarm.off()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        bell.alarm.close()
        assert len(bell.rung) == 2

    asyncio.run(main())


@needs_files
def test_a_file_is_never_early_and_takes_its_rest() -> None:
    """A timer that is a file rings at its time or later, and after it rang not before it has rested."""

    async def main() -> None:
        bell = Bell(rings=4)
        bell.alarm = by_file(bell)
        due_ns = time.monotonic_ns() + MS
        bell.alarm.set(due_ns)
        await bell.over.wait()
        bell.alarm.close()
        first, *others = bell.rung
        assert first >= due_ns
        assert all(after >= before + REST_NS for before, after in zip(bell.rung, others, strict=False))

    asyncio.run(main())


@needs_files
def test_a_file_takes_any_time() -> None:
    """What is due after more seconds than 64 bits hold is not taken for a time that is over."""

    async def main() -> None:
        alarm = FileAlarm(asyncio.get_running_loop(), lambda: None)
        alarm.set(((1 << 64) + 1) * 1000 * MS)
        with pytest.raises(BlockingIOError):
            os.read(alarm._file, 8)
        alarm.close()

    asyncio.run(main())


@needs_files
def test_a_file_is_closed() -> None:
    """A closed alarm has given its file back."""

    async def main() -> None:
        file = timerfd.create()
        os.close(file)
        alarm = by_file(lambda: None)
        assert os.get_blocking(file) is False
        alarm.close()
        with pytest.raises(OSError, match="descriptor"):
            os.fstat(file)

    asyncio.run(main())


class Unwatching(asyncio.SelectorEventLoop):
    """A loop that cannot watch a file."""

    def add_reader(self, *_: object) -> NoReturn:
        raise NotImplementedError


def none_left() -> NoReturn:
    """Be a system that has no timers any more."""
    raise OSError("too many")


@pytest.mark.parametrize("lacking", ["loop", "system"])
def test_a_loop_does_without_files(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are no timers that are files, or the loop cannot watch one, entries are woken by the loop's own."""

    class Guest(Entry):
        def __init__(self) -> None:
            super().__init__()
            self.woken = asyncio.Event()

        def wake(self, now_ns: int) -> None:  # noqa: ARG002 - the signature
            self.woken.set()

    async def main() -> None:
        agenda = Agenda(asyncio.get_running_loop(), RealClock())
        guest = Guest()
        due_ns = guest.due_ns = time.monotonic_ns() + MS
        agenda.put(guest)
        await guest.woken.wait()
        assert time.monotonic_ns() >= due_ns
        agenda.stop()

    if lacking == "system":
        monkeypatch.setattr(timerfd, "create", none_left)
    with asyncio.Runner(loop_factory=Unwatching if lacking == "loop" else None) as runner:
        runner.run(main())


def test_a_virtual_clock_rings_itself() -> None:
    """On a virtual clock an alarm rings at its nanosecond, once, unless it is set anew or turned off."""
    clock = VirtualClock()
    rung: list[int] = []
    alarm = VirtualAlarm(clock, lambda: rung.append(clock.now_ns()))
    alarm.set(7)
    alarm.set(5)
    clock.advance_to_ns(20)
    alarm.set(25)
    alarm.off()
    clock.advance_to_ns(30)
    assert rung == [5]
