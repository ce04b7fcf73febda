from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.wire import Action, End, Fin, Hang, Head, Raw, Send, Step, check, digest
from streamsim.wire.steps import Unfolding, packed

HEADS = (Head(103), Head(200, "OK"))
ENDS = (Raw(b"?"), Fin())


def unfolding(*times: int, heads: tuple[Action, ...] = HEADS, ends: tuple[Action, ...] = ENDS) -> Unfolding:
    """Return a timeline with a body of as many single bytes as there are times for them."""
    body = [b"%c" % (97 + nth) for nth in range(len(times) - len(heads) - len(ends))]
    return Unfolding(times, heads, body, Send, ends)


def told(steps: Unfolding) -> tuple[Step, ...]:
    return tuple(steps)


@given(st.integers(0, 2), st.integers(0, 4), st.integers(1, 2), st.data())
def test_it_is_the_sequence_of_its_steps(heads: int, parts: int, ends: int, data: st.DataObject) -> None:
    """Iterated, indexed, sliced, compared and hashed it is as the tuple of the same steps."""
    size = heads + parts + ends
    steps = unfolding(*range(size), heads=HEADS[2 - heads :], ends=ENDS[2 - ends :])
    same = told(steps)
    assert [step.origin for step in same] == [-1] * heads + list(range(parts)) + [-1] * ends
    assert steps == same
    assert (len(steps), hash(steps)) == (size, hash(same))
    assert [steps[nth] for nth in range(-size, size)] == [same[nth] for nth in range(-size, size)]
    which = data.draw(st.slices(size))
    assert steps[which] == same[which]
    with pytest.raises(IndexError):
        steps[size]


def test_it_is_equal_to_no_other_steps_and_to_nothing_else() -> None:
    """Another time, another action, one step more make it another; what is no timeline never equals it."""
    steps = unfolding(0, 1, 2, 3, 4)
    assert steps != unfolding(0, 1, 2, 3, 5)
    assert steps != told(steps)[:-1]
    assert steps != unfolding(0, 1, 2, 3, 4, ends=(Raw(b"!"), Fin()))
    assert steps != list(told(steps))


def test_it_says_briefly_what_it_is() -> None:
    """In a report of a test it takes one line, however long it is."""
    assert repr(unfolding(0, 1, 2, 3, 4)).startswith("<5 steps: Step(at_ns=0, action=Head(status=103")


def test_times_and_the_last_action_can_be_others() -> None:
    """The steps stay, at their new times; the last one may do something else."""
    steps = unfolding(0, 1, 2, 3, 4, ends=(Raw(b"?"), Hang(4))).retimed((0, 2, 4, 6, 8), Hang(8))
    assert told(steps) == (
        Step(0, Head(103)),
        Step(2, Head(200, "OK")),
        Step(4, Send(b"a"), 0),
        Step(6, Raw(b"?")),
        Step(8, Hang(8)),
    )


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        (unfolding(0, 1, 3, 2, 4), "step 3 goes back in time: 2 ns after 3 ns"),
        (unfolding(-1, 1, 3, 4, 4), "step 0 goes back in time: -1 ns after 0 ns"),
        (unfolding(0, 1, 2, 3, heads=()), "step 0 is a Send before any final head"),
        (unfolding(0, 1, 2, 3, heads=HEADS[:1]), "step 1 is a Send before any final head"),
        (unfolding(*range(9), ends=(Send(b"x"),)), "step 8, the last, is a Send and so the timeline does not end"),
        (unfolding(*range(9), ends=(Fin(), Fin())), "step 7 is a Fin and more steps follow"),
        (unfolding(heads=(), ends=()), "a timeline has at least one step"),
    ],
)
def test_it_is_checked_as_any_other(steps: Unfolding, problem: str) -> None:
    """A broken law is named with the step that breaks it, the same as for a tuple of the steps."""
    for either in (steps, told(steps)):
        with pytest.raises(ValueError, match=f"^{re.escape(problem)}$"):
            check(either)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
def test_a_lawful_one_is_returned_as_it_is(size: int) -> None:
    """Of any length, with a body or without; its digest is that of the tuple of its steps."""
    steps = unfolding(*range(size), heads=(Head(200),) * (size > 1), ends=(End() if size > 1 else Fin(),))
    assert check(steps) is steps
    assert digest(steps) == digest(told(steps))


def test_numbers_are_packed_where_they_fit() -> None:
    """Eight bytes a number; a time of more than 292 years has more and is kept all the same."""
    small = packed(lambda: iter([0, 2**63 - 1]))
    assert (list(small), getattr(small, "itemsize", 0)) == ([0, 2**63 - 1], 8)
    assert packed(lambda: iter([0, 2**63])) == (0, 2**63)
