from __future__ import annotations

from functools import partial
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.clock.core import Timer, VirtualClock

Seen: TypeAlias = list[tuple[int, int]]

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(-5, 40)),
        st.tuples(st.just("cancel"), st.integers(0, 30)),
        st.tuples(st.sampled_from(["next", "look"]), st.just(0)),
        st.tuples(st.just("advance"), st.integers(-5, 40)),
    ),
    max_size=40,
)


def note(seen: Seen, clock: VirtualClock, number: int) -> None:
    """Write down which callback ran, and when."""
    seen.append((number, clock.now_ns()))


def test_callbacks_run_in_the_order_of_their_deadlines() -> None:
    """The earlier deadline runs first, whenever it was asked for, and time stands at it meanwhile."""
    clock = VirtualClock()
    seen: Seen = []
    for number, deadline in enumerate((30, 10, 20)):
        clock.call_at_ns(deadline, partial(note, seen, clock, number))
    clock.advance_to_ns(100)
    assert seen == [(1, 10), (2, 20), (0, 30)]
    assert clock.now_ns() == 100


def test_equal_deadlines_run_in_the_order_they_were_asked_for() -> None:
    """First asked, first run."""
    clock = VirtualClock()
    seen: Seen = []
    for number in range(5):
        clock.call_at_ns(7, partial(note, seen, clock, number))
    clock.advance_to_ns(7)
    assert seen == [(0, 7), (1, 7), (2, 7), (3, 7), (4, 7)]


def test_a_cancelled_callback_never_runs() -> None:
    """A cancelled timer is no deadline, and cancelling once more changes nothing."""
    clock = VirtualClock()
    seen: list[str] = []
    first = clock.call_at_ns(5, lambda: seen.append("first"))
    clock.call_at_ns(9, lambda: seen.append("second"))
    first.cancel()
    first.cancel()
    assert clock.next_ns() == 9
    assert clock.run_next()
    assert seen == ["second"]


def test_a_cancelled_callback_is_passed_over_without_looking() -> None:
    """``run_next`` alone, too, goes past what was cancelled, and does not move for it."""
    clock = VirtualClock()
    for deadline in (5, 6):
        clock.call_at_ns(deadline, lambda: None).cancel()
    assert not clock.run_next()
    assert clock.now_ns() == 0


def test_all_runs_that_waits_and_all_that_comes_of_it() -> None:
    """``run`` ends at the last deadline; what was cancelled neither runs nor moves the clock."""
    clock = VirtualClock()
    seen: list[int] = []

    def again() -> None:
        seen.append(clock.now_ns())
        if len(seen) < 3:
            clock.call_at_ns(clock.now_ns() + 5, again)

    clock.call_at_ns(5, again)
    clock.call_at_ns(7, again).cancel()
    clock.call_at_ns(99, again).cancel()
    clock.run()
    assert (seen, clock.now_ns()) == ([5, 10, 15], 15)


def test_a_deadline_in_the_past_comes_now() -> None:
    """Time never goes back for a late callback."""
    clock = VirtualClock(100)
    seen: list[int] = []
    clock.call_at_ns(20, lambda: seen.append(clock.now_ns()))
    assert clock.next_ns() == 100
    clock.advance_to_ns(100)
    assert seen == [100]


def test_what_a_callback_asks_for_runs_on_the_same_way() -> None:
    """A callback asked for while time moves runs in its turn."""
    clock = VirtualClock()
    seen: list[int] = []

    def again() -> None:
        seen.append(clock.now_ns())
        if len(seen) < 4:
            clock.call_at_ns(clock.now_ns() + 10, again)

    clock.call_at_ns(0, again)
    clock.advance_to_ns(25)
    assert seen == [0, 10, 20]


def test_a_callback_may_move_time_itself() -> None:
    """Time that a callback moved stays moved."""
    clock = VirtualClock()
    clock.call_at_ns(5, lambda: clock.advance_to_ns(50))
    clock.advance_to_ns(10)
    assert clock.now_ns() == 50


def test_cancelled_timers_are_let_go() -> None:
    """However many time-outs are asked for and cancelled, the clock keeps few, and runs the others in their order."""
    for least in (0, 20_000):  # the time-outs come after the others, then before them
        clock = VirtualClock()
        seen: Seen = []
        for number in range(5000):
            if number % 1000 == 0:
                clock.call_at_ns(least + 5000 - number, partial(note, seen, clock, number))
            clock.call_at_ns(10_000 + number, partial(note, seen, clock, number)).cancel()
        assert len(clock._heap) <= 1024
        clock.advance_to_ns(30_000)
        assert seen == [(number, least + 5000 - number) for number in (4000, 3000, 2000, 1000, 0)]


def test_an_idle_clock_has_no_deadline() -> None:
    """Where nothing waits nothing runs, and time can still be moved, but not back."""
    clock = VirtualClock(3)
    assert clock.next_ns() is None
    assert not clock.run_next()
    clock.advance_to_ns(1)
    assert clock.now_ns() == 3


AGAIN_NS = 7


class Real:
    """A clock, whose every third callback asks for another one."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.timers: list[Timer] = []
        self.seen: Seen = []

    def ask(self, deadline: int) -> None:
        self.timers.append(self.clock.call_at_ns(deadline, partial(self._come, len(self.timers))))

    def _come(self, number: int) -> None:
        note(self.seen, self.clock, number)
        if number % 3 == 0:
            self.ask(self.clock.now_ns() + AGAIN_NS)

    def cancel(self, number: int) -> None:
        for timer in self.timers[number : number + 1]:
            timer.cancel()

    def next(self, _: int) -> None:
        self.clock.run_next()

    def look(self, _: int) -> int | None:
        return self.clock.next_ns()

    def advance(self, target: int) -> None:
        self.clock.advance_to_ns(target)

    @property
    def now(self) -> int:
        return self.clock.now_ns()


class Model:
    """The same, slowly: a list searched through each time."""

    def __init__(self) -> None:
        self.now = 0
        self.waiting: Seen = []
        self.asked = 0
        self.seen: Seen = []

    def ask(self, deadline: int) -> None:
        self.waiting.append((max(deadline, self.now), self.asked))
        self.asked += 1

    def cancel(self, number: int) -> None:
        self.waiting = [item for item in self.waiting if item[1] != number]

    def next(self, _: int) -> None:
        if self.waiting:
            self.now, number = item = min(self.waiting)
            self.waiting.remove(item)
            self.seen.append((number, self.now))
            if number % 3 == 0:
                self.ask(self.now + AGAIN_NS)

    def look(self, _: int) -> int | None:
        return min((deadline for deadline, _number in self.waiting), default=None)

    def advance(self, target: int) -> None:
        while self.waiting and min(self.waiting)[0] <= target:
            self.next(0)
        self.now = max(self.now, target)


@given(STEPS)
def test_the_clock_does_what_a_naive_model_does(steps: list[tuple[str, int]]) -> None:
    """After any sequence of calls the same callbacks ran at the same times, those that callbacks asked for too."""
    real, model = Real(), Model()
    for name, value in steps:
        assert getattr(real, name)(value) == getattr(model, name)(value)
        assert (real.now, real.seen) == (model.now, model.seen)


def test_a_held_clock_says_so_until_the_last_one_lets_go() -> None:
    """Holds nest, and end with their block, whatever happens in it."""
    clock = VirtualClock()
    with clock.hold():
        with pytest.raises(ZeroDivisionError), clock.hold():
            raise ZeroDivisionError
        assert clock.held
    assert not clock.held


def test_a_duration_is_text_or_seconds() -> None:
    """Ninety seconds are ninety seconds however they are written, to the nanosecond."""
    clock = VirtualClock()
    clock.advance("90s")
    clock.advance(0.25)
    assert clock.now_ns() == 90_250_000_000
    assert clock.now() == 90.25


def test_virtual_dates_begin_with_2026() -> None:
    """The wall clock is the virtual time after the moment that zero stands for."""
    clock = VirtualClock(5)
    assert clock.wall_ns() == 1_767_225_600_000_000_005
    assert VirtualClock(5, epoch_ns=0).wall_ns() == 5
