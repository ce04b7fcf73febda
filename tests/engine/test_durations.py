from __future__ import annotations

import pytest

from streamsim.engine.durations import Durations, seconds
from streamsim.errors import StreamMismatch


@pytest.mark.parametrize(
    ("ns", "written"), [(0, 0.0), (412_345_000, 0.412345), (1, 0.000000001), (90_000_000_001, 90.000000001)]
)
def test_seconds_are_what_one_would_write(ns: int, written: float) -> None:
    """A duration equals the number of seconds as written in decimals."""
    assert seconds(ns) == written


def test_durations_are_a_list_of_seconds() -> None:
    """They compare to a list of seconds, and keep the nanoseconds."""
    found = Durations([20_000_000, 30_000_000])
    assert found == [0.02, 0.03]
    assert found.ns == [20_000_000, 30_000_000]


def test_percentiles_are_by_nearest_rank() -> None:
    """A percentile is one of the durations, whatever their order."""
    found = Durations([4, 1, 3, 2])
    assert (found.median, found.p99, found.longest) == (2e-9, 4e-9, 4e-9)
    assert (found.percentile(25), found.percentile_ns(26)) == (1e-9, 2)


def test_no_durations_have_no_percentile() -> None:
    """A percentile of nothing is a mismatch."""
    with pytest.raises(StreamMismatch) as raised:
        _ = Durations([], where="gaps").median
    assert str(raised.value) == "gaps: there are none; assert first that the list is not empty"


@pytest.mark.parametrize("percent", [0, 101])
def test_a_percentile_is_from_1_to_100(percent: int) -> None:
    """What is no percentile is a programmer's error."""
    with pytest.raises(ValueError, match="is not a percentile from 1 to 100"):
        Durations([1]).percentile(percent)
