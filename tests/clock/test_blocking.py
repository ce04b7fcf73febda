from __future__ import annotations

import math
import sysconfig
import threading
from functools import partial
from inspect import currentframe
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers import blocking
from streamsim.clock.drivers.blocking import nanoseconds, sleep, wait
from streamsim.errors import VirtualDeadlock

S = 1_000_000_000


def never() -> bool:
    return False


def test_the_clock_stops_at_what_makes_it_ready() -> None:
    """It moves from event to event, and not past the one that is waited for."""
    clock = VirtualClock()
    seen: list[int] = []
    for at_ns in (10, 20, 30):
        clock.call_at_ns(at_ns, partial(seen.append, at_ns))
    assert wait(clock, lambda: 20 in seen, None)
    assert (seen, clock.now_ns()) == ([10, 20], 20)


def test_what_is_ready_is_not_waited_for() -> None:
    """No event runs, not even one that is due."""
    clock = VirtualClock()
    clock.call_at_ns(0, lambda: pytest.fail("ran"))
    assert wait(clock, lambda: True, None)


def test_the_time_limit_is_met_exactly() -> None:
    """The clock stands at it, what was due before has run, and what is due later has not."""
    clock = VirtualClock()
    seen: list[int] = []
    for at_ns in (10, 41):
        clock.call_at_ns(at_ns, partial(seen.append, at_ns))
    assert not wait(clock, never, 40)
    assert (seen, clock.now_ns()) == ([10], 40)


def test_data_wins_over_the_time_limit() -> None:
    """What comes at the very nanosecond of the limit has come, whichever was asked for first."""
    clock = VirtualClock()
    seen: list[int] = []
    clock.call_at_ns(40, lambda: clock.call_at_ns(40, partial(seen.append, 1)))
    assert wait(clock, lambda: bool(seen), 40)


def test_a_limit_in_the_past_has_come() -> None:
    """Nothing moves."""
    clock = VirtualClock(50)
    clock.call_at_ns(60, lambda: None)
    assert not wait(clock, never, 40)
    assert clock.now_ns() == 50


def test_who_waits_for_ever_is_told_where() -> None:
    """The error names the line that waits, outside of streamsim, and the virtual time."""
    clock = VirtualClock()
    clock.call_at_ns(S, lambda: None)
    with pytest.raises(VirtualDeadlock) as caught:
        wait(clock, never, None)
    place = f"{__file__}:{caught.traceback[0].lineno + 1}"
    problem = "waits for ever: at 1.0 s nothing is scheduled on the virtual clock"
    assert str(caught.value) == f"{place}: {problem}; give it a time limit, or a stream that goes on"


def test_a_library_is_not_where_one_waits() -> None:
    """Named is the innermost line that is neither of a library nor of Python."""
    clock = VirtualClock()
    with pytest.raises(VirtualDeadlock) as caught:
        list(pairwise(iter(partial(wait, clock, never, None), object())))
    assert caught.value.where == f"{__file__}:{caught.traceback[0].lineno + 1}"


def test_who_is_called_by_libraries_alone_is_named_by_the_innermost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where everything is a library, the place is where streamsim was entered."""
    monkeypatch.setattr(sysconfig, "get_path", lambda _: "/")
    assert blocking.caller() == f"{__file__}:{called_at()}"


def called_at() -> int:
    frame = currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def test_a_held_clock_waits_in_real_time() -> None:
    """While somebody holds it the clock stands, and goes on when he lets go."""
    clock = VirtualClock()
    clock.call_at_ns(S, lambda: None)
    looks: list[int] = []
    hold = clock.hold()
    hold.__enter__()

    def ready() -> bool:
        looks.append(clock.now_ns())
        return False

    def let_go(_: float) -> None:
        looks.append(-1)
        hold.__exit__(None, None, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocking, "REAL", (lambda: 0.0, let_go))
        assert not wait(clock, ready, 2 * S)
    assert looks == [0, -1, 0, S, S]


def test_a_clock_that_is_held_for_ever_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """After 30 real seconds the error says that somebody holds it, and time has not moved."""
    clock = VirtualClock()
    seconds = iter([0.0, 29.9, 30.1])
    monkeypatch.setattr(blocking, "REAL", (lambda: next(seconds), lambda _: None))
    with clock.hold(), pytest.raises(VirtualDeadlock) as caught:
        sleep(clock, 1)
    assert caught.value.problem == "cannot let time pass: for 30 real seconds somebody has held the virtual clock"
    assert clock.now_ns() == 0


def test_a_thread_that_works_for_ever_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the threads that keep time from passing."""
    clock = VirtualClock()
    seconds = iter([0.0, 30.1])
    monkeypatch.setattr(blocking, "REAL", (lambda: next(seconds), lambda _: None))
    monkeypatch.setattr(blocking, "busy", lambda: 2)
    monkeypatch.setattr(blocking, "working", lambda: ["one at a.py:1", "two at b.py:2"])
    with pytest.raises(VirtualDeadlock) as caught:
        sleep(clock, 1)
    problem = "cannot let time pass: for 30 real seconds other threads have been busy: one at a.py:1, two at b.py:2"
    assert caught.value.problem == problem


def test_time_does_not_pass_while_a_thread_works() -> None:
    """What a thread makes ready, in whatever real time, is ready at the virtual instant when the wait began."""
    clock = VirtualClock()
    clock.call_at_ns(S, lambda: None)
    for _ in range(50):
        done: list[int] = []

        def work(done: list[int] = done) -> None:
            done.append(sum(range(20_000)))

        thread = threading.Thread(target=work)
        thread.start()
        assert wait(clock, lambda done=done: bool(done), 2 * S)  # type: ignore[misc]
        thread.join()
    assert clock.now_ns() == 0


def test_sleeping_moves_the_clock_exactly() -> None:
    """By the nearest nanosecond, and everything due meanwhile runs."""
    clock = VirtualClock()
    seen: list[int] = []
    clock.call_at_ns(1_000_000, lambda: seen.append(clock.now_ns()))
    sleep(clock, 0.0013)
    assert (seen, clock.now_ns()) == ([1_000_000], 1_300_000)


def test_sleeping_for_no_time_moves_nothing() -> None:
    """Not even what is due now runs, and a held clock is no obstacle."""
    clock = VirtualClock()
    clock.call_at_ns(0, lambda: pytest.fail("ran"))
    with clock.hold():
        sleep(clock, 0)


@pytest.mark.parametrize("seconds", [-1, -0.001, -math.inf])
def test_a_negative_sleep_is_an_error(seconds: float) -> None:
    """The message is that of ``time.sleep``."""
    with pytest.raises(ValueError, match=r"^sleep length must be non-negative$"):
        sleep(VirtualClock(), seconds)


def test_a_sleep_of_no_number_is_an_error() -> None:
    """NaN is no time; nor is infinity."""
    with pytest.raises(ValueError, match="NaN"):
        sleep(VirtualClock(), math.nan)
    with pytest.raises(OverflowError):
        sleep(VirtualClock(), math.inf)


@given(st.integers(0, 10**15), st.floats(0, 1e6))
def test_who_sleeps_the_rest_of_a_time_gets_there(start_ns: int, seconds: float) -> None:
    """A loop that reads the clock in floating seconds and sleeps what is left ends, at the next nanosecond or two."""
    clock = VirtualClock(start_ns)
    end = clock.now() + seconds
    for _ in range(10):
        left = end - clock.now()
        if left <= 0:
            break
        sleep(clock, left)
    assert clock.now() >= end


def test_any_time_at_all_is_a_nanosecond() -> None:
    """The nearest number of nanoseconds, but never none."""
    assert [nanoseconds(seconds) for seconds in (1e-12, 1e-9, 0.41, 10)] == [1, 1, 410_000_000, 10 * S]
