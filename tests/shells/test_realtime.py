"""The agenda, on a loop and a clock that move only when told to."""

from __future__ import annotations

import asyncio
import re
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers import realtime
from streamsim.clock.drivers.realtime import BATCH, PAGE, Agenda, Entry, RealClock, wall_clock

if TYPE_CHECKING:
    from collections.abc import Callable


class Hand:
    """A clock moved by hand, that no agenda takes for one that can wake it."""

    def __init__(self) -> None:
        self._now_ns = 0

    def now_ns(self) -> int:
        return self._now_ns

    def advance_to_ns(self, target_ns: int) -> None:
        self._now_ns = max(self._now_ns, target_ns)


class Handle:
    """One callback of the loop."""

    def __init__(self, when_ns: int, callback: Callable[[], object]) -> None:
        self.when_ns = when_ns
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class Loop:
    """The little of an event loop that an agenda uses; ``early_ns`` is by how much it wakes too soon."""

    def __init__(self, clock: Hand, *, early_ns: int = 0) -> None:
        self.clock = clock
        self.handles: list[Handle] = []
        self.ticks = 0
        self._early_ns = early_ns

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> Handle:
        delay_ns = max(1, round(delay_s * 1e9) - self._early_ns)
        self.handles.append(Handle(self.clock.now_ns() + delay_ns, callback))
        return self.handles[-1]

    def call_soon(self, callback: Callable[[], object]) -> Handle:
        self.handles.append(Handle(self.clock.now_ns(), callback))
        return self.handles[-1]

    def run(self, until_ns: int = 10**9) -> None:
        """Run callbacks in the order of their times up to ``until_ns``."""
        while ready := [one for one in self.handles if one.callback and one.when_ns <= until_ns]:
            handle = min(ready, key=lambda one: one.when_ns)
            self.clock.advance_to_ns(handle.when_ns)
            callback, handle.callback = handle.callback, None
            self.ticks += 1
            assert callback is not None
            callback()
        self.clock.advance_to_ns(until_ns)


class Guest(Entry):
    """Writes down when it was woken, and then wants to be woken at the next of ``times``."""

    def __init__(self, book: list[tuple[str, int]], name: str, *times: int) -> None:
        super().__init__()
        self.book = book
        self.name = name
        self.times = list(times)
        self.due_ns = self.times.pop(0) if times else None

    def wake(self, now_ns: int) -> None:
        self.book.append((self.name, now_ns))
        self.due_ns = self.times.pop(0) if self.times else None


class House:
    """An agenda with its guests."""

    def __init__(self, *, early_ns: int = 0) -> None:
        self.book: list[tuple[str, int]] = []
        self.loop = Loop(Hand(), early_ns=early_ns)
        self.agenda = Agenda(self.loop, self.loop.clock)  # type: ignore[arg-type]

    def guest(self, name: str, *times: int) -> Guest:
        guest = Guest(self.book, name, *times)
        self.agenda.put(guest)
        return guest


def test_each_is_woken_at_its_time() -> None:
    """Entries are woken at their deadlines, one after the other, each as often as it wants."""
    house = House()
    house.guest("a", 10, 30, 50)
    house.guest("b", 20, 30)
    house.loop.run()
    assert house.book == [("a", 10), ("b", 20), ("a", 30), ("b", 30), ("a", 50)]
    assert len(house.agenda) == 0


def test_equal_deadlines_are_first_come_first_served() -> None:
    """Entries with equal deadlines are woken in the order they were put in, moved ones included."""
    house = House()
    moved = house.guest("moved", 5)
    names = [f"g{number}" for number in range(20)]
    moved.due_ns = 10
    house.agenda.put(moved)
    for name in names:
        house.guest(name, 10)
    house.loop.run()
    assert [name for name, _ in house.book] == ["moved", *names]


def test_later_deadline_is_free() -> None:
    """A deadline that moves back takes no new place; it is kept to the nanosecond all the same."""
    house = House()
    guest = house.guest("a", 10)
    for due_ns in range(11, 1000):
        guest.due_ns = due_ns
        house.agenda.put(guest)
    assert len(house.agenda) == 1
    house.loop.run()
    assert house.book == [("a", 999)]


def test_earlier_deadline_counts() -> None:
    """A deadline that moves forward is kept, and the old one is void."""
    house = House()
    guest = house.guest("a", 1000)
    guest.due_ns = 10
    house.agenda.put(guest)
    house.loop.run()
    assert house.book == [("a", 10)]
    assert len(house.agenda) == 0


def test_entry_without_deadline_is_forgotten() -> None:
    """An entry whose deadline is taken away is not woken; one that never had any is not even put in."""
    house = House()
    guest = house.guest("a", 10)
    guest.due_ns = None
    house.agenda.put(guest)
    house.guest("never")
    house.loop.run()
    assert house.book == []
    assert len(house.agenda) == 0


SPAN = st.integers(0, 5 << PAGE)


class Listed:
    """What an agenda is to do, by looking through all entries each time."""

    def __init__(self, guests: list[list[int]]) -> None:
        self._turns = count()
        self._left = [iter(times[1:]) for times in guests]
        self._places = {number: (times[0], next(self._turns)) for number, times in enumerate(guests)}
        self._dues = dict(self._places)

    def move(self, number: int, due_ns: int) -> None:
        """Note a new deadline; who comes back to where he stands has the turn that he had."""
        place = self._places[number]
        self._dues[number] = place if due_ns == place[0] else (due_ns, next(self._turns))
        self._places[number] = min(place, self._dues[number])

    def woken(self) -> list[tuple[str, int]]:
        """Return who is woken when."""
        book: list[tuple[str, int]] = []
        now_ns = 0
        while self._dues:
            number = min(self._dues, key=self._dues.__getitem__)
            now_ns = max(now_ns, self._dues.pop(number)[0])
            book.append((str(number), now_ns))
            due_ns = next(self._left[number], None)
            if due_ns is not None:
                self._dues[number] = due_ns, next(self._turns)
        return book


@given(
    guests=st.lists(st.lists(SPAN, min_size=1, max_size=6).map(sorted), min_size=1, max_size=12),
    moves=st.lists(st.tuples(st.integers(0, 11), SPAN)),
)
def test_it_wakes_as_one_who_looks_through_a_list(guests: list[list[int]], moves: list[tuple[int, int]]) -> None:
    """Whoever was put in and moved: next is who has the earliest deadline, among equals who was put in first."""
    house, listed = House(), Listed(guests)
    entries = [house.guest(str(number), *times) for number, times in enumerate(guests)]
    for number, due_ns in moves:
        if number < len(entries):
            entries[number].due_ns = due_ns
            house.agenda.put(entries[number])
            listed.move(number, due_ns)
    house.loop.run()
    assert house.book == listed.woken()
    assert len(house.agenda) == 0


def test_void_places_are_cleared_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """What will never be woken is not kept until its time: the heap stays near the number of entries."""
    monkeypatch.setattr(realtime, "VOID", 10)
    house = House()
    house.guest("stays", 500)
    for number in range(1000):
        guest = house.guest(f"g{number}", 400)
        guest.due_ns = None
        house.agenda.put(guest)
        assert len(house.agenda) <= 23
    house.loop.run()
    assert house.book == [("stays", 500)]


def test_never_early() -> None:
    """A loop that wakes too soon wakes nobody too soon."""
    house = House(early_ns=3)
    house.guest("a", 10, 17)
    house.loop.run()
    assert house.book == [("a", 10), ("a", 17)]


def test_other_work_gets_its_turn() -> None:
    """After a batch the loop may do something else before the rest is woken."""
    house = House()
    for number in range(BATCH + 1):
        house.guest(f"g{number}", 10)
    house.loop.run(10)
    assert len(house.book) == BATCH + 1
    assert house.loop.ticks == 2


def test_one_timer_is_armed() -> None:
    """However many entries there are, the loop has one timer."""
    house = House()
    for due_ns in (50, 40, 60, 30):
        house.guest("g", due_ns)
    assert [one.when_ns for one in house.loop.handles if one.callback] == [30]


def test_put_while_another_is_woken() -> None:
    """Who is put in while another is woken, for a time that is already over, has the next turn."""
    house = House()

    class Host(Guest):
        def wake(self, now_ns: int) -> None:
            super().wake(now_ns)
            house.guest("put", now_ns - 5)

    house.agenda.put(Host(house.book, "host", 10, 20))
    house.loop.run()
    assert house.book == [("host", 10), ("put", 10), ("host", 20), ("put", 20)]
    assert len(house.agenda) == 0


class Ticking(Hand):
    """A clock on which looking takes a nanosecond."""

    def now_ns(self) -> int:
        self.advance_to_ns(super().now_ns() + 1)
        return super().now_ns()


def test_time_goes_on_while_others_are_woken() -> None:
    """What becomes due while others are woken is woken in the same turn."""
    book: list[tuple[str, int]] = []
    clock = Ticking()
    loop = Loop(clock)
    agenda = Agenda(loop, clock)  # type: ignore[arg-type]
    for name, due_ns in (("a", 100), ("b", 101), ("c", 102)):
        agenda.put(Guest(book, name, due_ns))
    loop.run()
    assert [name for name, _ in book] == ["a", "b", "c"]
    assert all(now >= due for (_, now), due in zip(book, (100, 101, 102), strict=True))
    assert loop.ticks == 1


def test_one_that_fails_is_not_tried_for_ever() -> None:
    """An entry that raises is dropped; the error is the loop's to report, and the others are woken."""
    house = House()

    class Failing(Guest):
        def wake(self, now_ns: int) -> None:  # noqa: ARG002 - the signature
            raise LookupError("why")

    house.agenda.put(Failing(house.book, "bad", 10))
    house.guest("good", 10)
    with pytest.raises(LookupError):
        house.loop.run()
    house.loop.run()
    assert house.book == [("good", 10)]


def test_entry_must_say_what_to_do() -> None:
    """An entry of no kind cannot be woken."""
    with pytest.raises(NotImplementedError):
        Entry().wake(0)


def test_a_virtual_clock_wakes_by_itself() -> None:
    """On a virtual clock entries are woken by whoever moves it, and a stopped agenda wants nothing of it."""
    clock = VirtualClock()
    book: list[tuple[str, int]] = []
    agenda = Agenda(None, clock)  # type: ignore[arg-type]
    agenda.put(Guest(book, "a", 10, 30))
    agenda.put(Guest(book, "b", 5))
    clock.advance_to_ns(20)
    assert book == [("b", 5), ("a", 10)]
    assert clock.next_ns() == 30
    agenda.stop()
    agenda.put(Guest(book, "late", 40))
    assert clock.next_ns() is None


class Leaving(Guest):
    """A guest that says when it wants nothing more."""

    def __init__(self, book: list[tuple[str, int]], name: str, *times: int) -> None:
        super().__init__(book, name, *times)
        self.over = asyncio.Event()

    def wake(self, now_ns: int) -> None:
        super().wake(now_ns)
        if self.due_ns is None:
            self.over.set()


def test_real_clock_never_goes_back() -> None:
    """The real clock is monotonic; on a real loop nothing is woken before it says so."""
    clock = RealClock()

    async def main() -> list[tuple[str, int]]:
        book: list[tuple[str, int]] = []
        agenda = Agenda(asyncio.get_running_loop(), clock)
        start = clock.now_ns()
        due = [start + 1_000_000 * number for number in range(5)]
        guest = Leaving(book, "a", *due)
        agenda.put(guest)
        await guest.over.wait()
        agenda.stop()
        assert all(now >= at for (_, now), at in zip(book, due, strict=True))
        return book

    assert len(asyncio.run(main())) == 5


def test_wall_clock_is_rfc_3339() -> None:
    """The wall clock is told in UTC, to the second."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", wall_clock())
