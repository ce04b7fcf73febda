from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.engine import attempts
from streamsim.engine.attempts import Slot, Slots
from streamsim.engine.match import candidates
from streamsim.plan.planner import Planner
from tests.builders import exchange, recording

if TYPE_CHECKING:
    import pytest

FOUND = candidates([Planner(recording(exchange(), exchange(), exchange()))])


def turns(*results: tuple[bool, bool]) -> list[tuple[int, int]]:
    """Return exchange and attempt before each (succeeded, recorded failure), and after the last."""
    slot = Slot(FOUND)
    seen = [(slot.candidate.exchange.number, slot.attempt)]
    for succeeded, recorded_failure in results:
        slot.move(succeeded=succeeded, recorded_failure=recorded_failure)
        seen.append((slot.candidate.exchange.number, slot.attempt))
    return seen


def test_success_goes_on_to_the_next() -> None:
    """After a success the next exchange has its turn; the last one repeats, always as attempt 1."""
    assert turns(*[(True, False)] * 4) == [(1, 1), (2, 1), (3, 1), (3, 1), (3, 1)]


def test_failure_is_tried_again() -> None:
    """While the plan fails, the same exchange has its next attempt."""
    assert turns((False, False), (False, False), (True, False)) == [(1, 1), (1, 2), (1, 3), (2, 1)]


def test_recorded_failure_is_answered_once() -> None:
    """A failure that was recorded makes way for the next exchange; the last one is attempted again."""
    assert turns(*[(False, True)] * 4) == [(1, 1), (2, 1), (3, 1), (3, 2), (3, 3)]


def test_a_try_that_the_client_counts() -> None:
    """It gets the same whatever came before: a failure that was recorded one try, what follows all later ones."""
    good, bad = exchange(), exchange(status=429)
    for exchanges, numbers in [
        ((bad, bad, good, good, bad), [1, 2, 3, 3, 3]),
        ((bad, bad), [1, 2, 2, 2, 2]),
        ((good, bad), [1, 1, 1, 1, 1]),
    ]:
        slot = Slot(candidates([Planner(recording(*exchanges))]))
        for _ in exchanges:
            assert [slot.named(attempt).exchange.number for attempt in range(1, 6)] == numbers
            slot.move(succeeded=True, recorded_failure=False)


def test_slots_remember() -> None:
    """A slot is found by its key until all are forgotten."""
    slots = Slots()
    slot = Slot(FOUND)
    slots.put(b"k", slot)
    assert (slots.get(b"k"), slots.get(b"other")) == (slot, None)
    slots.clear()
    assert slots.get(b"k") is None


def test_slots_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many slots the first is forgotten."""
    monkeypatch.setattr(attempts, "MOST", 2)
    slots = Slots()
    for key in (b"1", b"2", b"3"):
        slots.put(key, Slot(FOUND))
    assert [slots.get(key) is not None for key in (b"1", b"2", b"3")] == [False, True, True]
