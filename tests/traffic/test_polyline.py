from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.plan.distribution import QUANTILES, parse_distribution, quantiles
from streamsim.rng import Rng
from streamsim.traffic.polyline import WHOLE, distance, mean_ns, polyline

MS = 1_000_000


def drawn(spelt: str, count: int) -> list[int]:
    return sorted(parse_distribution(spelt).drawn(Rng(0, "polyline"), 0, count))


def test_what_was_seen_once_is_drawn_as_rarely() -> None:
    """One pause of 2.4 s among 400 gaps of 20 to 30 ms: a draw in 401 is that pause, and none is near it."""
    found = polyline([*drawn("uniform:20ms:30ms", 400), 2400 * MS])
    draws = found.drawn(Rng(1), 0, 40_100)
    assert {ns for ns in draws if ns > 30 * MS} == {2400 * MS}
    assert abs(draws.count(2400 * MS) - 100) < 30
    assert str(found).endswith(":p99.7506=2.4s:2.4s")


@pytest.mark.parametrize("body", ["lognormal:25ms:0.3", "normal:10ms:1ms", "uniform:10ms:90ms", "lognormal:30ms:2"])
@pytest.mark.parametrize("pauses", [0, 1, 50])
def test_mean_and_shape_are_those_of_the_samples(body: str, pauses: int) -> None:
    """Within a hundredth of the mean, and no share farther away than two in a hundred, whatever pauses there are."""
    ordered = [*drawn(body, 3000), *drawn("lognormal:90s:0.3", pauses)]
    ordered.sort()
    found = polyline(ordered)
    sample_mean_ns = sum(ordered) // len(ordered)
    assert abs(mean_ns(found) - sample_mean_ns) < sample_mean_ns // 100
    assert distance(ordered, found) < WHOLE // 50
    assert (found.first_ns, quantiles(found.first_ns, found.second)[1][-1]) == (ordered[0], ordered[-1])


@given(st.lists(st.one_of(st.integers(0, 50 * MS), st.sampled_from([0, MS, 10 * MS])), min_size=2, max_size=200))
def test_any_samples_have_one_that_can_be_spelt(samples: list[int]) -> None:
    """It is read back as it was, has no more quantiles than may be, and its mean is what its draws come to."""
    ordered = sorted(samples)
    found = polyline(ordered)
    assert parse_distribution(str(found)) == found
    assert len(str(found).split(":")) - 1 <= QUANTILES
    draws = found.drawn(Rng(0, "mean"), 0, 4000)
    assert abs(sum(draws) // 4000 - mean_ns(found)) < MS


def test_few_quantiles_are_enough_for_a_line() -> None:
    """Samples at equal steps need none but the ends and the middle; three values three levels."""
    assert str(polyline([nth * MS for nth in range(100, 301)])) == "empirical:100ms:p49.7512=199.5ms:300ms"
    steps = polyline([10 * MS] * 50 + [20 * MS] * 30 + [50 * MS] * 20)
    assert str(steps) == "empirical:10ms:p50=10ms:p50=20ms:p80=20ms:p80=50ms:50ms"
    assert distance([10 * MS] * 50 + [20 * MS] * 30 + [50 * MS] * 20, steps) == 0


def test_the_distance_is_known() -> None:
    """Two samples of 1 and 3 ms beside an even 0 to 4 ms, and beside none that is as small, or as great."""
    assert distance([MS, 3 * MS], parse_distribution("empirical:0:p50=2ms:4ms")) == WHOLE // 4
    assert distance([MS, 3 * MS], parse_distribution("empirical:5ms:p50=6ms:7ms")) == WHOLE
    assert distance([8 * MS, 9 * MS], parse_distribution("empirical:5ms:p50=6ms:7ms")) == WHOLE
