"""A loop in virtual time: what comes when, and in which order."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import weakref
from functools import partial
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers.asyncio_loop import attach
from streamsim.errors import VirtualDeadlock
from tests.clock.attached import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.clock.drivers.asyncio_loop import Attachment

SECOND = 10**9


@pytest.mark.parametrize("debug", [False, True])
def test_an_hour_takes_no_time_and_lands_exactly(debug: bool) -> None:  # noqa: FBT001 - a parameter
    """Sleeping moves the clock by what was slept, to the nanosecond, whatever floats make of the sum."""

    async def main(clock: VirtualClock, attachment: Attachment) -> list[int]:
        seen: list[int] = []
        before = attachment.loop.time()
        for _ in range(1000):
            await asyncio.sleep(0.03)
            seen.append(clock.now_ns())
        await asyncio.sleep(3600)
        assert attachment.loop.time() == pytest.approx(before + 3630)
        return [*seen, clock.now_ns()]

    assert run(main, debug=debug) == [*range(30_000_000, 30_000_000_001, 30_000_000), 3630 * SECOND]


def test_chained_deadlines_do_not_drift() -> None:
    """Ten thousand deadlines each computed from the loop's time are exact to the nanosecond, none too early."""

    async def main(clock: VirtualClock, attachment: Attachment) -> int:
        loop = attachment.loop
        for _ in range(10_000):
            with anyio.move_on_after(0.0137):
                await anyio.sleep_forever()
        done = loop.create_future()

        def again(left: int, due: float) -> None:
            assert loop.time() >= due
            if left:
                due = loop.time() + 0.0137
                loop.call_at(due, again, left - 1, due)
            else:
                done.set_result(None)

        again(10_000, 0)
        await done
        return clock.now_ns()

    assert run(main) == 20_000 * 13_700_000


@given(st.lists(st.sampled_from([0, 1, 1, 2, 3]), max_size=30))
def test_equal_deadlines_are_first_come_first_served(delays: list[int]) -> None:
    """Timers fire in the order of their deadlines, equal ones in the order they were set."""

    async def main(_: VirtualClock, attachment: Attachment) -> list[tuple[int, int]]:
        seen: list[tuple[int, int]] = []
        for number, delay in enumerate(delays):
            attachment.loop.call_later(delay, seen.append, (delay, number))
        await asyncio.sleep(4)
        return seen

    assert run(main) == sorted((delay, number) for number, delay in enumerate(delays))


def test_the_clocks_callbacks_come_before_timers() -> None:
    """At one instant what the clock brings, and all that follows from it, comes before any time-out."""

    async def main(clock: VirtualClock, attachment: Attachment) -> str:
        arrived = asyncio.Event()

        async def relay() -> str:
            await arrived.wait()
            for _ in range(5):
                await asyncio.sleep(0)
            return "data"

        attachment.loop.call_soon(lambda: clock.call_at_ns(10 * SECOND, arrived.set))
        try:
            return await asyncio.wait_for(relay(), 10)
        except TimeoutError:
            return "time-out"

    assert run(main) == "data"


def test_all_callbacks_of_the_clock_come_before_timers() -> None:
    """At one instant a second callback of the clock comes before a timer, too, if the first one woke somebody."""

    async def main(clock: VirtualClock, attachment: Attachment) -> list[str]:
        seen: list[str] = []
        first = attachment.loop.create_future()
        clock.call_at_ns(SECOND, lambda: first.set_result(None))
        clock.call_at_ns(SECOND, lambda: seen.append("second"))
        attachment.loop.call_later(1, seen.append, "timer")
        await first
        seen.append("first")
        await asyncio.sleep(1)
        return seen

    assert run(main) == ["first", "second", "timer"]


def test_a_timer_set_around_the_loops_methods_is_in_its_place() -> None:
    """Whoever calls ``call_at`` of the loop's class, or kept the loop's own from before, is in virtual time, too."""

    async def main(clock: VirtualClock, attachment: Attachment) -> list[tuple[str, int]]:
        loop, seen = attachment.loop, list[tuple[str, int]]()
        loop.call_later(2, lambda: seen.append(("later", clock.now_ns())))
        type(loop).call_at(loop, loop.time() + 1, lambda: seen.append(("around", clock.now_ns())))
        await asyncio.sleep(3)
        return seen

    assert run(main) == [("around", SECOND), ("later", 2 * SECOND)]


def test_files_that_are_ready_come_before_timers() -> None:
    """A timer that is due runs behind the callbacks of the files that are ready at its instant."""

    async def main(_: VirtualClock, attachment: Attachment) -> list[str]:
        loop, seen = attachment.loop, list[str]()
        mine, other = socket.socketpair()
        with mine, other:
            other.send(b"!")

            def read() -> None:
                seen.append("file")
                loop.remove_reader(mine)

            loop.add_reader(mine, read)
            loop.call_later(0, seen.append, "timer")
            await asyncio.sleep(1)
        return seen

    assert run(main) == ["file", "timer"]


def test_what_comes_of_timers_comes_in_the_loops_own_order() -> None:
    """Timers of one instant all run first, then the tasks they wake, then the files they wrote to, then the rest."""

    async def main(_: VirtualClock, attachment: Attachment) -> list[str]:
        loop = attachment.loop
        seen: list[str] = []
        here, there = socket.socketpair()

        async def sleep(name: str) -> None:
            await asyncio.sleep(0.001)
            seen.append(name)
            loop.call_soon(seen.append, f"after {name}")

        def write() -> None:
            there.send(b"read")
            cancelled.cancel()
            loop.call_later(0, seen.append, "a timer of a timer")
            seen.append("wrote")

        with here, there:
            loop.add_reader(here, lambda: seen.append(here.recv(9).decode()))
            first = asyncio.ensure_future(sleep("first"))
            await asyncio.sleep(0)
            loop.call_later(0.001, write)
            cancelled = loop.call_later(0.001, seen.append, "cancelled")
            await asyncio.gather(first, sleep("second"))
            await asyncio.sleep(0.001)
            loop.remove_reader(here)
        return seen

    assert run(main) == ["wrote", "first", "second", "read", "after first", "after second", "a timer of a timer"]


def test_who_ends_the_loop_in_a_timer_loses_no_other() -> None:
    """As by Ctrl-C: what was due at the same instant runs when the loop does again."""
    clock = VirtualClock()
    seen: list[int] = []
    loop = asyncio.SelectorEventLoop()

    def interrupt() -> None:
        raise KeyboardInterrupt

    try:
        attach(clock, loop)
        for callback in (interrupt, partial(seen.append, 1), partial(seen.append, 2)):
            loop.call_later(1, callback)
        with pytest.raises(KeyboardInterrupt):
            loop.run_forever()
        assert seen == []
        loop.run_until_complete(asyncio.sleep(1))
        assert (seen, clock.now_ns()) == ([1, 2], 2 * SECOND)
    finally:
        loop.close()


def test_many_cancelled_timers_are_let_go() -> None:
    """Time-outs that are cancelled long before their time take no memory until then."""

    async def main(_: VirtualClock, attachment: Attachment) -> int:
        timeouts = [weakref.ref(handle) for handle in _cancelled(attachment.loop, 5000)]
        return sum(handle() is not None for handle in timeouts)

    assert run(main) < 3000


def _cancelled(loop: asyncio.AbstractEventLoop, number: int) -> Iterator[asyncio.TimerHandle]:
    for _ in range(number):
        handle = loop.call_later(3600, pytest.fail, "was cancelled")
        handle.cancel()
        yield handle


def test_timers_do_not_give_way_for_ever() -> None:
    """A task that never rests cannot keep a timer that is due from firing."""

    async def main(clock: VirtualClock, attachment: Attachment) -> bool:
        flag: list[bool] = []

        async def spin() -> bool:
            while not flag:  # noqa: ASYNC110 - what is tested
                await asyncio.sleep(0)
            return flag[0]

        spinning = attachment.loop.create_future()

        def begin() -> None:
            attachment.loop.call_later(0, flag.append, True)  # noqa: FBT003 - an argument of append
            spinning.set_result(asyncio.ensure_future(spin()))

        clock.call_at_ns(5, begin)
        return await (await spinning)  # type: ignore[no-any-return]

    assert run(main)


def test_a_callback_that_fails_is_reported_and_time_goes_on() -> None:
    """An error in a callback of the clock goes to the loop's exception handler, as any callback's does."""

    async def main(clock: VirtualClock, attachment: Attachment) -> list[object]:
        errors: list[object] = []
        attachment.loop.set_exception_handler(lambda _, context: errors.append(context["exception"]))
        error = ZeroDivisionError("why")

        def fail() -> None:
            raise error

        clock.call_at_ns(5, fail)
        await asyncio.sleep(1)
        assert errors == [error]
        return errors

    run(main)


def test_infinite_and_cancelled_timers_do_not_count() -> None:
    """Sleeping for ever is no reason to move; neither is a timer that was cancelled."""

    async def main(clock: VirtualClock, attachment: Attachment) -> int:
        handle = attachment.loop.call_later(5, pytest.fail, "was cancelled")
        late = attachment.loop.call_at(math.inf, pytest.fail, "never comes")
        assert late.when() == math.inf
        task = asyncio.create_task(asyncio.sleep(math.inf))
        await asyncio.sleep(1)
        handle.cancel()
        await asyncio.sleep(10)
        with pytest.raises(VirtualDeadlock):
            await task
        return clock.now_ns()

    assert run(main) == 11 * SECOND


def test_a_timer_in_the_past_fires_now() -> None:
    """A negative delay or a time that is over is now; the loop knows when it was asked for."""

    async def main(clock: VirtualClock, attachment: Attachment) -> int:
        loop = attachment.loop
        fired = asyncio.Event()
        assert loop.call_at(3.5, fired.set).when() == 3.5
        await fired.wait()
        loop.call_later(-1, (again := asyncio.Event()).set)
        await again.wait()
        return clock.now_ns()

    assert run(main) == 0


def test_moving_by_hand_fires_what_is_over() -> None:
    """A test may move the clock itself; what became due meanwhile comes at once."""

    async def main(clock: VirtualClock, _: Attachment) -> int:
        task = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        clock.advance("90s")
        await task
        return clock.now_ns()

    assert run(main) == 90 * SECOND


@pytest.mark.parametrize("uptime", [0.0, 1.5, 12345.678, 4e6 + 0.3, 2e7 + 0.9])
def test_however_long_the_machine_runs(monkeypatch: pytest.MonkeyPatch, uptime: float) -> None:
    """The loop's time may be large: what is due still comes at its instant, and whole seconds are the clock's."""
    monkeypatch.setattr(asyncio.SelectorEventLoop, "time", lambda _: uptime)

    async def main(clock: VirtualClock, attachment: Attachment) -> list[int]:
        loop = attachment.loop
        seen: list[int] = []
        assert loop.time() == math.ceil(uptime)
        for delay in (0.03, 0.000_001, 0.123_456, 5):
            await asyncio.sleep(delay)
            seen.append(clock.now_ns())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await asyncio.Event().wait()
            seen.append(clock.now_ns())
        return seen

    assert run(main) == [
        30_000_000, 60_000_000, 60_001_000, 60_002_000, 183_458_000, 306_914_000, 5_306_914_000, 10_306_914_000,
    ]  # fmt: skip
