"""Known answers come from this implementation, once: they must never change again, on any Python."""

from __future__ import annotations

from hashlib import blake2b

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streamsim.rng import Rng

WORDS = st.lists(st.integers(0, 500), min_size=1, max_size=30)


def test_words_have_known_answers() -> None:
    """Seed, path and number name a 64-bit integer for good."""
    assert [Rng(0).word(nth) for nth in (0, 1, 7, 8, 2**40)] == [
        5639366900230367963,
        318544056398696831,
        17222234231286241779,
        742650807433132508,
        3669273609025826665,
    ]
    assert Rng(1, "a", "b").word(0) == 7398215658906933832
    assert Rng(-5, "é").word(0) == 11475482834942505992


@given(st.integers(0, 2**66), st.integers(0, 30))  # of 2**67 entries
def test_words_come_together_as_they_come_alone(first: int, count: int) -> None:
    """Many entries at once are those that are given one by one."""
    assert Rng(0, "x").words(first, count) == [Rng(0, "x").word(nth) for nth in range(first, first + count)]


@given(st.integers(0, 2**66), st.integers(0, 30), st.integers(1, 2**64))
@example(0, 30, 2**63 + 1)  # half of which are drawn again
def test_draws_come_together_as_they_come_alone(first: int, count: int, bound: int) -> None:
    """Many draws at once are those that are made one by one, those that are drawn again, too."""
    assert Rng(0, "x").draws(first, count, bound) == [
        Rng(0, "x").below(nth, bound) for nth in range(first, first + count)
    ]


def test_draws_have_known_answers() -> None:
    """Draws from small ranges, and coin tosses, are pinned too."""
    rng = Rng(0, "x")
    assert [rng.below(nth, 10) for nth in range(12)] == [4, 2, 7, 5, 0, 2, 2, 9, 7, 3, 7, 6]
    assert [rng.between(nth, -3, 3) for nth in range(12)] == [2, -2, 1, -3, 3, -1, -1, -2, 2, 1, 2, -2]
    assert [nth for nth in range(40) if rng.hits(nth, 1, 20)] == [17, 25]


def test_a_word_beyond_the_last_whole_multiple_is_drawn_again() -> None:
    """Where the bound does not divide 2**64, what would make low numbers likelier is replaced by further draws."""
    bound = (1 << 63) + 1
    rng = Rng(7, "retry")
    assert [rng.word(nth) >= bound for nth in range(6)] == [True, False, True, False, True, True]
    assert [rng.below(nth, bound) for nth in range(6)] == [
        8513035508650951444,
        7763794892692567982,
        5825735262820517375,
        2977408171856967595,
        653459972361990119,
        4441714417365339565,
    ]


class Fixed(Rng):
    """A table in which every word is the same; what is drawn again comes from the real one."""

    def __init__(self, word: int) -> None:
        super().__init__(0)
        self.fixed = word

    def word(self, nth: int) -> int:  # noqa: ARG002 - the table's signature
        return self.fixed


@pytest.mark.parametrize("bound", [3, 1000, 2**63 - 1, 2**63 + 1, 2**64 - 1])
def test_the_last_whole_multiple_is_where_drawing_again_begins(bound: int) -> None:
    """The largest word below it is kept, and that multiple itself is drawn again."""
    multiple = 2**64 // bound * bound
    assert Fixed(multiple - 1).below(0, bound) == bound - 1
    again = int.from_bytes(blake2b(b"0/1", key=Fixed(0)._key, digest_size=8).digest(), "big")
    assert Fixed(multiple).below(0, bound) == again % bound


@given(WORDS)
def test_a_draw_depends_on_no_other(order: list[int]) -> None:
    """In whatever order and however often entries are read, each is what a fresh table gives."""
    shared = Rng(3, "order")
    assert [shared.word(nth) for nth in order] == [Rng(3, "order").word(nth) for nth in order]


def test_seed_path_and_boundaries_name_different_tables() -> None:
    """Neither another seed nor another path, nor the same letters cut differently, gives the same words."""
    tables = [
        Rng(0),
        Rng(1),
        Rng(0, "a"),
        Rng(0, "ab", "c"),
        Rng(0, "a", "bc"),
        Rng(0, "abc"),
        Rng(0, ""),
        Rng(10, "1"),
    ]
    assert len({rng.word(0) for rng in tables}) == len(tables)


@given(st.integers(0, 2**32), st.integers(1, 2**64))
def test_a_draw_stays_below_its_bound(nth: int, bound: int) -> None:
    """Every bound that a word can fill is kept, and 1 leaves only 0."""
    assert 0 <= Rng(0).below(nth, bound) < bound
    assert Rng(0).below(nth, 1) == 0


@pytest.mark.parametrize("bound", [0, -1, 2**64 + 1])
def test_an_impossible_bound_is_the_programmers_mistake(bound: int) -> None:
    """A bound below 1 or above 2**64 is a ValueError."""
    with pytest.raises(ValueError, match=rf"^bound must be from 1 to 2\*\*64, got {bound}$"):
        Rng(0).below(0, bound)


def test_draws_are_spread_evenly() -> None:
    """Of 60,000 rolls of a die each side comes up about 10,000 times, and one in twenty hits about 3,000 times."""
    rng = Rng(0, "coin")
    rolls = [rng.below(nth, 6) for nth in range(60_000)]
    assert [rolls.count(side) for side in range(6)] == [10091, 9901, 10054, 10004, 9997, 9953]
    assert sum(rng.hits(nth, 1, 20) for nth in range(60_000)) == 3007


def test_certain_and_impossible_are_exact() -> None:
    """Probability 0 never hits and probability 1 always does."""
    assert not any(Rng(0).hits(nth, 0, 7) for nth in range(200))
    assert all(Rng(0).hits(nth, 7, 7) for nth in range(200))
