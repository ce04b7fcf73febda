from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal, localcontext
from itertools import pairwise
from statistics import NormalDist

from hypothesis import given
from hypothesis import strategies as st

from streamsim.plan.quantiles import BINS, interpolate, standard_normal

TABLE = standard_normal()


def test_quantiles_have_known_answers() -> None:
    """Decimal arithmetic of fixed precision gives these digits everywhere."""
    assert len(TABLE) == BINS + 1
    assert [str(TABLE[place]) for place in (0, 1, 2047, 2048, 3072)] == [
        "-3.84193068550191084349561",
        "-3.48710410411443116503637",
        "-0.000611969831808920627708286",
        "0",
        "0.674489750196081711514140",
    ]


def test_quantiles_agree_with_another_implementation() -> None:
    """Each entry is the standard library's quantile, as far as its floats go."""
    normal = NormalDist()
    assert max(abs(float(TABLE[place]) - normal.inv_cdf(place / BINS)) for place in range(1, BINS)) < 1e-14
    assert abs(float(TABLE[0]) - normal.inv_cdf(1 / (4 * BINS))) < 1e-14


def test_quantiles_are_symmetric_and_rise() -> None:
    """The table rises all the way, and one half mirrors the other."""
    assert all(left < right for left, right in pairwise(TABLE))
    assert all(left == -right for left, right in zip(TABLE, reversed(TABLE), strict=True))


def test_the_callers_decimal_context_does_not_matter() -> None:
    """A program that computes with three digits and rounds up gets the same table."""
    with localcontext(Context(prec=3, rounding=ROUND_CEILING)):
        assert standard_normal.__wrapped__() == TABLE


@given(st.integers(0, 2**64 - 1))
def test_a_word_finds_its_place_between_two_entries(word: int) -> None:
    """Interpolation is exact to the unit below, over the whole range of a word."""
    table = tuple(1000 * place for place in range(BINS + 1))
    place = Decimal(word) * BINS / 2**64
    assert interpolate(table, word) == int(place * 1000)
    assert interpolate(tuple(reversed(table)), word) <= 1000 * BINS


def test_the_ends_of_the_range_are_the_ends_of_the_table() -> None:
    """Word 0 gives the first entry, and the last word all but the last."""
    table = tuple(range(0, 1000 * (BINS + 1), 1000))
    assert interpolate(table, 0) == 0
    assert interpolate(table, 2**64 - 1) == 1000 * BINS - 1
