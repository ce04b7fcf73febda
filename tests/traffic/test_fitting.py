from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from streamsim.plan.distribution import parse_distribution
from streamsim.rng import Rng
from streamsim.traffic.fitting import Fit, fit, line

MS = 1_000_000


def drawn(spelt: str, count: int, seed: int = 0) -> list[int]:
    return parse_distribution(spelt).drawn(Rng(seed, "fit"), 0, count)


@pytest.mark.parametrize(("median_ms", "sigma"), [(30, "0.4"), (900, "0.1"), (5, "1.2")])
def test_a_lognormal_is_found_again(median_ms: int, sigma: str) -> None:
    """Median and sigma of 2,000 draws, to a few parts in a hundred; and it fits."""
    found = fit(drawn(f"lognormal:{median_ms}ms:{sigma}", 2000))
    distribution = parse_distribution(found.distribution)
    assert (distribution.kind, found.fits, found.samples) == ("lognormal", True, 2000)
    assert abs(distribution.first_ns / (median_ms * MS) - 1) < 0.06
    assert abs(Decimal(distribution.second) / Decimal(sigma) - 1) < Decimal("0.06")


def test_true_lognormals_are_rejected_once_in_twenty() -> None:
    """That is what the critical value says: of 200 rows of 40 samples about ten."""
    rejected = sum(not fit(drawn("lognormal:30ms:0.4", 40, seed)).fits for seed in range(200))
    assert 3 <= rejected <= 20


def test_what_is_no_lognormal_is_taken_as_it_is() -> None:
    """Its quantiles, and so again in draws of it; unless a lognormal is asked for."""
    values = drawn("uniform:10ms:30ms", 1000)
    found = fit(values)
    assert not found.fits
    assert found.distance is not None
    assert found.critical is not None
    assert Decimal(found.distance) > Decimal(found.critical)
    distribution = parse_distribution(found.distribution)
    assert distribution.kind == "empirical"
    assert abs(distribution.middle_ns - sorted(values)[499]) < MS // 10
    again = sorted(drawn(found.distribution, 1000, 9))
    assert all(abs(first - second) < 2 * MS for first, second in zip(sorted(values), again, strict=True))
    assert fit(values, "lognormal").distribution.startswith("lognormal:")
    assert fit(drawn("lognormal:30ms:0.4", 99), "empirical").distribution.startswith("empirical:")


def test_samples_that_are_all_alike_are_a_duration() -> None:
    """Zero is taken for the microsecond that a recording can tell."""
    assert fit([20 * MS] * 30) == Fit(
        "20ms", 30, None, None, fits=True, mean_ns=20 * MS, fitted_mean_ns=20 * MS, fitted_distance=None
    )
    assert fit([0, 0]).distribution == "1us"


def test_a_fit_is_known() -> None:
    """To the last digit, on every machine; far outliers are beyond the table, and told."""
    three = [10 * MS, 20 * MS, 40 * MS]
    lognormal = Fit(
        "lognormal:20ms:0.6931",
        3,
        "0.1747",
        "0.4045",
        fits=True,
        mean_ns=23_333_333,
        fitted_mean_ns=25_430_742,
        fitted_distance="0.1747",
    )
    assert fit(three) == lognormal
    assert lognormal.off == 9
    assert fit(three, "empirical") == msgspec.structs.replace(
        lognormal,
        distribution="empirical:10ms:p33.3333=10ms:p33.3333=20ms:p66.6666=20ms:p66.6666=40ms:40ms",
        fitted_mean_ns=23_333_350,
        fitted_distance="0.0000",
    )
    many = [10 * MS + nth for nth in range(200)] + [10_000 * MS, 1000]
    assert fit(many).distance == "0.5006"


def test_a_line_is_found_again() -> None:
    """100 ms and 8,000 tokens a second, with some noise."""
    noise = drawn("lognormal:100ms:0.1", 60)
    found = line([(tokens * 50, noise[tokens] + tokens * 50 * MS // 8) for tokens in range(60)])
    assert found is not None
    assert abs(float(found.rate) / 8000 - 1) < 0.03
    assert (found.prompts, found.r_squared.startswith("0.9")) == (60, True)


def test_without_noise_the_line_is_exact() -> None:
    """Whatever the rate, and with all decimal places that it needs."""
    assert line([(tokens, 7 + tokens * MS // 4) for tokens in range(9)]) is not None
    exact = line([(tokens * 8, 5 * MS + tokens * MS) for tokens in range(9)])
    assert exact is not None
    assert (exact.rate, exact.r_squared) == ("8000", "1")


@pytest.mark.parametrize(
    "pairs",
    [
        [(tokens % 3, tokens * MS) for tokens in range(60)],
        [(tokens, (60 - tokens) * MS) for tokens in range(60)],
        [(tokens, 50 * MS) for tokens in range(60)],
        [(tokens, ns) for tokens, ns in enumerate(drawn("lognormal:100ms:0.9", 60))],
    ],
)
def test_where_ttft_does_not_grow_there_is_no_line(pairs: list[tuple[int, int]]) -> None:
    """Too few different prompts, falling, level, or nothing but noise."""
    assert line(pairs) is None
