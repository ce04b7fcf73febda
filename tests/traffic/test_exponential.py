from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from streamsim.rng import Rng
from streamsim.traffic.exponential import ONE, exponential


@given(st.one_of(st.integers(1, 2**64 - 1), st.integers(0, 63).map(lambda bit: 1 << bit)))
def test_a_draw_is_the_negative_logarithm(word: int) -> None:
    """To one part in ten million of the mean, over the whole range."""
    exact = -(Decimal(word) / 2**64).ln() * ONE
    assert abs(exponential(word) - exact) < ONE // 10_000_000


KNOWN = [49538020011025, 48775896626240, 762123384785, 1, 2906571835942]


def test_draws_are_known() -> None:
    """The same on every machine."""
    assert [exponential(word) for word in (0, 1, 1 << 63, (1 << 64) - 1, 0x123456789ABCDEF0)] == KNOWN


def test_the_mean_is_one() -> None:
    """Over 20,000 draws, to two parts in a hundred; and so is the deviation."""
    draws = [exponential(word) for word in Rng(0, "mean").words(0, 20_000)]
    mean = sum(draws) // len(draws)
    variance = sum((draw - mean) ** 2 for draw in draws) // len(draws)
    assert abs(mean - ONE) < ONE // 50
    assert abs(variance - ONE**2) < ONE**2 // 20
