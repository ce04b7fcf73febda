"""A trio run on a virtual clock."""

from __future__ import annotations

import re
import socket
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
import trio
import trio.testing
from trio._core import _run

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers import trio_run
from streamsim.clock.drivers.trio_run import TrioClock, adopt
from streamsim.errors import UsageError, VirtualDeadlock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from streamsim.clock.drivers.trio_run import Adoption

S = 1_000_000_000


def run(main: Callable[[VirtualClock], Awaitable[None]]) -> VirtualClock:
    """Run ``main`` on a new clock and return that."""
    clock = VirtualClock()
    trio.run(main, clock, clock=TrioClock(clock))
    return clock


def dice() -> tuple[object, bool]:
    """Return what trio shuffles tasks with."""
    return _run._r, _run._ALLOW_DETERMINISTIC_SCHEDULING


def test_sleep_takes_exactly_as_long_as_it_says() -> None:
    """After each sleep the clock is at the nanosecond it should be, and so is trio's own time, nearly."""

    async def main(clock: VirtualClock) -> None:
        for number in range(1, 201):
            await trio.sleep(0.03)
            assert clock.now_ns() == number * 30_000_000
            assert abs(trio.current_time() - number * 0.03) < 1e-9

    run(main)


def test_time_limits_fire_at_their_instant() -> None:
    """A cancel scope ends after its time, an hour or a microsecond."""

    async def main(clock: VirtualClock) -> None:
        with trio.move_on_after(3600):
            await trio.sleep_forever()
        with pytest.raises(trio.TooSlowError), trio.fail_after(1e-6):
            await trio.sleep_forever()
        assert clock.now_ns() == 3600 * S + 1000

    run(main)


def test_the_clock_comes_before_trio_on_a_tie() -> None:
    """What the clock has at the instant of a deadline happens first, and who it wakes is not cancelled on the way."""

    async def main(clock: VirtualClock) -> None:
        for seconds in (0.1, 0.7, 1.1, 2.3):
            event = trio.Event()
            clock.call_at_ns(clock.now_ns() + round(seconds * S), event.set)
            with trio.move_on_after(seconds) as scope:
                await event.wait()
                await trio.lowlevel.checkpoint()
            assert not scope.cancelled_caught

    assert run(main).now_ns() == 4_200_000_000


def test_tasks_take_turns_in_the_order_they_were_started() -> None:
    """Whatever dice trio throws, tasks due at one instant run oldest first; afterwards trio throws them again."""
    before = dice()

    async def note(seen: list[int], number: int) -> None:
        for _ in range(3):
            await trio.sleep(1)
            seen.append(number)

    async def main(_: VirtualClock) -> None:
        seen: list[int] = []
        async with trio.open_nursery() as nursery:
            for number in range(10):
                nursery.start_soon(note, seen, number)
        assert seen == list(range(10)) * 3

    for _ in range(5):
        run(main)
    assert dice() == before


def test_work_in_a_thread_takes_no_virtual_time() -> None:
    """While trio waits for a thread the clock stands still, however long the thread takes."""

    async def main(clock: VirtualClock) -> None:
        clock.call_at_ns(5, lambda: None)
        go = threading.Event()
        timer = threading.Timer(0.08, go.set)
        timer.start()
        assert await trio.to_thread.run_sync(go.wait)
        assert clock.now_ns() == 0
        timer.join()

    run(main)


def test_a_held_clock_does_not_move() -> None:
    """While the clock is held, time limits wait with everybody."""

    async def main(clock: VirtualClock) -> None:
        token, event = trio.lowlevel.current_trio_token(), trio.Event()
        with clock.hold(), trio.move_on_after(5) as scope:
            timer = threading.Timer(0.02, partial(token.run_sync_soon, event.set))
            timer.start()
            await event.wait()
            timer.join()
        assert (clock.now_ns(), scope.cancelled_caught) == (0, False)

    run(main)


def test_waiting_for_everybody_comes_before_a_jump() -> None:
    """``wait_all_tasks_blocked`` returns before time passes."""

    async def main(clock: VirtualClock) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 9)
            await trio.testing.wait_all_tasks_blocked()
            assert clock.now_ns() == 0
        assert clock.now_ns() == 9 * S

    run(main)


def test_loopback_takes_no_time() -> None:
    """Bytes that go through the kernel and back arrive at the instant they were sent."""

    async def echo(stream: trio.SocketStream) -> None:
        async for data in stream:
            await stream.send_all(data)

    async def main(clock: VirtualClock) -> None:
        async with trio.open_nursery() as nursery:
            listeners = await nursery.start(partial(trio.serve_tcp, echo, 0, host="127.0.0.1"))
            async with await trio.testing.open_stream_to_socket_listener(listeners[0]) as stream:
                for number in range(50):
                    await trio.sleep(0.01)
                    await stream.send_all(b"x")
                    assert await stream.receive_some(1) == b"x"
                    assert clock.now_ns() == (number + 1) * 10_000_000
            nursery.cancel_scope.cancel()

    run(main)


def test_time_may_be_moved_by_hand() -> None:
    """Deadlines that a hand moved the clock past are over, and what was due on the way has happened."""

    async def main(clock: VirtualClock) -> None:
        with trio.move_on_after(5) as scope:
            clock.advance("1m")
            await trio.sleep(1)
        assert (scope.cancelled_caught, clock.now_ns()) == (True, 60 * S)

    run(main)


def test_a_deadlock_is_raised_where_the_main_task_waits() -> None:
    """Where nothing can ever happen the main task gets an error that says at what time, and where who waits."""
    remedy = "let something happen, or set a time limit"

    async def helper() -> None:
        await trio.sleep_forever()

    async def main(_: VirtualClock) -> None:
        await trio.sleep(1.5)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(helper)
            with pytest.raises(VirtualDeadlock) as caught:
                await trio.Event().wait()
            nursery.cancel_scope.cancel()
        told = re.sub(r"at \S*/(\w+\.py):\d+", r"at \1:N", str(caught.value))
        assert told.splitlines() == [
            f"virtual time 1.5s: nothing is scheduled that could wake any task; {remedy}; waiting are:",
            f"  {__name__}.{main.__qualname__} at test_trio_run.py:N",
            f"  {__name__}.{helper.__qualname__} at test_trio_run.py:N",
        ]

    run(main)


def test_a_deadlock_reaches_a_main_task_that_waits_for_others() -> None:
    """A main task that waits in its nursery is told through that."""

    async def main(_: VirtualClock) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)

    with pytest.raises(ExceptionGroup) as caught:
        run(main)
    assert [type(error) for error in caught.value.exceptions] == [VirtualDeadlock]


def test_nobody_holds_the_clock_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is held while nothing else happens is a deadlock, too, after a limit in real time."""
    monkeypatch.setattr(trio_run, "LOOKS", 20)

    async def main(clock: VirtualClock) -> None:
        with clock.hold(), pytest.raises(VirtualDeadlock) as caught:
            await trio.sleep(1)
        problem = "0 real seconds went by waiting for holds of the clock, or threads at work"
        assert str(caught.value).startswith(f"virtual time 0: {problem}; ")
        await trio.sleep(1)
        assert clock.now_ns() == S

    run(main)


def test_a_socket_may_wake_a_run_without_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for a socket is given real time, but not for ever."""
    monkeypatch.setattr(trio_run, "SOCKET_LOOKS", 2)
    monkeypatch.setattr(trio_run, "SOCKET_LOOK_S", 0.001)

    async def main(_: VirtualClock) -> None:
        one, there = socket.socketpair()
        with there, trio.socket.from_stdlib_socket(one) as here:
            with pytest.raises(VirtualDeadlock) as caught:
                await here.recv(1)
            assert "0 real seconds went by waiting for a socket" in str(caught.value)
            monkeypatch.setattr(trio_run, "SOCKET_LOOKS", 100_000)
            timer = threading.Timer(0.01, there.send, (b"x",))
            timer.start()
            assert await here.recv(1) == b"x"
            timer.join()

    run(main)


def test_a_callback_that_fails_fails_the_main_task() -> None:
    """An error in what the clock calls is raised where the main task waits, not in trio's loop."""

    async def main(clock: VirtualClock) -> None:
        clock.call_at_ns(3, lambda: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            await trio.sleep(1)
        await trio.sleep(1)
        assert clock.now_ns() == S + 3

    run(main)


def test_a_run_under_way_is_adopted() -> None:
    """From then on its time is the clock's, deadlines stay where they are, and once detached time is real again."""

    async def main() -> None:
        clock = VirtualClock()
        with trio.move_on_after(100) as scope:
            adoption = adopt(clock)
            assert adopt(clock) is adoption
            before = trio.current_time()
            await trio.sleep(60)
            assert clock.now_ns() == 60 * S
            assert abs(trio.current_time() - before - 60) < 1e-6
            await trio.sleep_forever()
        assert scope.cancelled_caught
        assert 90 * S < clock.now_ns() <= 100 * S
        adoption.detach()
        adoption.detach()
        after, now_ns = trio.current_time(), clock.now_ns()
        await trio.sleep(0.001)
        assert clock.now_ns() == now_ns
        assert 0.001 <= trio.current_time() - after < 30

    before = dice()
    trio.run(main)
    assert dice() == before


@pytest.mark.parametrize("since_boot", [3e4, 7e5, 3e6])
def test_big_numbers_are_no_less_exact(since_boot: float) -> None:
    """Where trio's time is a big number, and other deadlines lie between nanoseconds, a sleep is still exact."""

    async def tick(seconds: float) -> None:
        while True:  # noqa: ASYNC110 - time itself is what is waited for
            await trio.sleep(seconds)

    async def main(clock: VirtualClock) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(tick, 0.012_345_678_91)
            for number in range(1, 1001):
                await trio.sleep(0.03)
                assert clock.now_ns() == number * 30_000_000
            nursery.cancel_scope.cancel()

    clock = VirtualClock()
    trio.run(main, clock, clock=TrioClock(clock, now=since_boot + 1 / 3))


def test_an_adopted_run_may_be_adopted_again() -> None:
    """After a clock was detached the run takes another one."""

    async def main() -> None:
        for _ in range(2):
            clock = VirtualClock()
            adoption = adopt(clock)
            await trio.sleep(5)
            assert clock.now_ns() == 5 * S
            adoption.detach()

    trio.run(main)


def test_detaching_after_the_run_does_no_harm() -> None:
    """An adoption outlives its run in peace."""
    kept: list[Adoption] = []

    async def main() -> None:
        kept.append(adopt(VirtualClock()))
        await trio.sleep(1)

    before = dice()
    trio.run(main)
    kept[0].detach()
    assert dice() == before


def test_the_adopting_task_is_told_of_a_deadlock() -> None:
    """The task that adopted the run is the one that gets the error, if it still runs."""

    async def test() -> None:
        adopt(VirtualClock())
        with pytest.raises(VirtualDeadlock):
            await trio.sleep_forever()

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(test)

    trio.run(main)


def test_a_run_with_a_clock_of_its_own_is_left_alone() -> None:
    """A run on trio's mock clock, or on another virtual one, is not taken over: the error names its clock."""

    async def main() -> None:
        with pytest.raises(UsageError) as caught:
            adopt(VirtualClock())
        told.append(str(caught.value))

    told: list[str] = []
    trio.run(main, clock=trio.testing.MockClock())
    trio.run(main, clock=TrioClock(VirtualClock()))
    assert told == [
        "trio: this run has a clock of its own, MockClock; let it have the system's: no clock=",
        "trio: this run is on another virtual clock; detach that first",
    ]


def test_there_is_nothing_to_adopt_outside_a_run() -> None:
    """Without a run in this thread the error says so."""
    with pytest.raises(UsageError) as caught:
        adopt(VirtualClock())
    assert str(caught.value) == "trio: no trio run is under way in this thread; call this from one of its tasks"


def test_an_unknown_trio_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trio without what is needed of its insides is refused by version, and its run is left as it was."""

    async def main() -> None:
        with monkeypatch.context() as patched:
            patched.delattr(_run, "_r")
            with pytest.raises(UsageError) as caught:
                adopt(VirtualClock())
        remedy = "use one from 0.30 to 0.35"
        assert str(caught.value) == f"trio: version {trio.__version__} has no _r any more; {remedy}"
        assert not isinstance(trio.lowlevel.current_clock(), TrioClock)

    trio.run(main)
