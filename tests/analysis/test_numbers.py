"""The numbers and pictures of a report, each by itself; known answers are pinned because people read them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.analysis import histogram, strip, verdict
from streamsim.analysis.histogram import BOUNDS_NS, Bucket, bar, buckets
from streamsim.analysis.spread import LONGEST_NS, Gaps, Spread, nearest_rank
from streamsim.analysis.strip import CELLS, Strip, StripCounter

MS = 1_000_000


@pytest.mark.parametrize(
    ("count", "percent", "rank"),
    [
        (1, 50, 1),
        (2, 50, 1),
        (3, 50, 2),
        (4, 50, 2),
        (5, 90, 5),
        (10, 90, 9),
        (11, 90, 10),
        (100, 99, 99),
        (101, 99, 100),
    ],
)
def test_a_percentile_is_the_nearest_rank(count: int, percent: int, rank: int) -> None:
    """Of n values in order, p percent is number ceil(p * n / 100)."""
    assert nearest_rank(range(1, count + 1), percent) == rank


def test_gaps_spread_whatever_their_order() -> None:
    """Percentiles are values that occurred; the order of arrival does not count."""
    gaps = Gaps()
    for ms in (30, 10, 50, 20, 40):
        gaps.add(ms * MS)
    assert gaps.spread() == Spread(5, 30 * MS, 50 * MS, 50 * MS, 50 * MS)


def test_no_gaps_have_no_spread() -> None:
    """Where nothing was measured nothing is claimed."""
    assert Gaps().spread() is None


def test_a_gap_of_more_than_eight_bytes_counts_as_the_longest() -> None:
    """A hostile recording may claim any gap, and breaks nothing."""
    gaps = Gaps()
    gaps.add(10**40)
    assert gaps.spread() == Spread(1, LONGEST_NS, LONGEST_NS, LONGEST_NS, LONGEST_NS)
    assert buckets(gaps.values) == (Bucket(BOUNDS_NS[-1], None, 1),)


def test_buckets_follow_each_other_from_the_shortest_gap_to_the_longest() -> None:
    """A gap on a bound belongs to the bucket that begins there; a bucket between two others is there even if empty."""
    assert buckets([20 * MS, 19_999_999, 100 * MS]) == (
        Bucket(10 * MS, 20 * MS, 1),
        Bucket(20 * MS, 50 * MS, 1),
        Bucket(50 * MS, 100 * MS, 0),
        Bucket(100 * MS, 200 * MS, 1),
    )


def test_gaps_of_nothing_have_a_bucket() -> None:
    """Chunks that came in one read are 0 ns apart."""
    assert buckets([0, 999]) == (Bucket(0, 1000, 2),)


def test_no_gaps_make_no_histogram() -> None:
    """Without gaps there is no bucket and nothing is drawn."""
    assert buckets([]) == ()
    assert histogram.draw(()) == ""


@given(st.lists(st.integers(0, 1 << 64)))
def test_every_gap_is_in_exactly_one_bucket(gaps_ns: list[int]) -> None:
    """Counts add up, and buckets leave no hole between them."""
    found = buckets(gaps_ns)
    assert sum(bucket.count for bucket in found) == len(gaps_ns)
    assert all(left.below_ns == right.from_ns for left, right in pairwise(found))


def test_a_histogram_is_drawn_with_a_line_a_bucket() -> None:
    """The fullest bucket fills the width, the others are in proportion, an empty one has no bar."""
    drawn = histogram.draw(
        (
            Bucket(10 * MS, 20 * MS, 16),
            Bucket(20 * MS, 50 * MS, 0),
            Bucket(50 * MS, 100 * MS, 5),
            Bucket(BOUNDS_NS[-1], None, 1),
        ),
        width=8,
    )
    assert drawn.split("\n") == [
        " 10ms to 20ms │████████ 16",
        " 20ms to 50ms │",
        "50ms to 100ms │██▌ 5",
        "   500000s on │▌ 1",
    ]


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(1, 100))
def test_a_bar_keeps_to_its_width_and_is_seen_if_it_is_not_nothing(count: int, more: int, width: int) -> None:
    """However small its share, what is there is drawn."""
    drawn = bar(count, count + more, width)
    assert len(drawn) <= width
    assert bool(drawn) == bool(count)


def test_a_strip_counts_events_in_cells_of_a_millisecond() -> None:
    """Short streams are seen in milliseconds, from the request on to the end."""
    counter = StripCounter()
    counter.add(0, 1)
    counter.add(2 * MS, 2)
    counter.add(2 * MS + 999_999, 1)
    counter.add(4 * MS, 0)
    assert counter.strip() == Strip(MS, (1, 0, 3, 0, 0))


def test_cells_grow_with_the_stream() -> None:
    """When there would be too many cells each two become one, and no event is lost."""
    counter = StripCounter()
    for at_ms in range(CELLS + 1):
        counter.add(at_ms * MS, 1)
    assert counter.strip() == Strip(2 * MS, (*[2] * (CELLS // 2), 1))


@given(st.lists(st.tuples(st.integers(0, 10**30), st.integers(1, 9)), min_size=1))
def test_a_strip_never_has_more_than_its_cells(events: list[tuple[int, int]]) -> None:
    """Events of any time at all fit, and all are counted."""
    counter = StripCounter()
    for at_ns, count in sorted(events):
        counter.add(at_ns, count)
    counted = counter.strip()
    assert len(counted.events) <= CELLS
    assert sum(counted.events) == sum(count for _, count in events)
    assert (len(counted.events) - 1) * counted.cell_ns <= max(events)[0] < len(counted.events) * counted.cell_ns


def test_a_strip_is_drawn_on_one_line() -> None:
    """The fullest cell is the highest, a cell with anything in it shows, a cell without is blank."""
    assert strip.draw(Strip(MS, (0, 1, 8, 4, 0))) == "│ ▁█▄ │ each cell 1ms, at most 8 events"
    assert strip.draw(Strip(512 * MS, (1,))) == "│█│ each cell 512ms, at most 1 event"


@pytest.mark.parametrize(
    ("ttft_ns", "word"),
    [
        (None, None),
        (0, "instant"),
        (500 * MS - 1, "instant"),
        (500 * MS, "noticeable"),
        (2000 * MS, "noticeable"),
        (2000 * MS + 1, "sluggish"),
    ],
)
def test_a_start_is_judged_by_ttft(ttft_ns: int | None, word: str | None) -> None:
    """Below 500 ms is instant, above 2 s is sluggish."""
    assert verdict.start(ttft_ns) == word


@pytest.mark.parametrize(
    ("median_ns", "word"),
    [
        (None, None),
        (0, "fast"),
        (20 * MS - 1, "fast"),
        (20 * MS, "natural"),
        (50 * MS, "natural"),
        (50 * MS + 1, "slow"),
    ],
)
def test_a_pace_is_judged_by_the_median_gap(median_ns: int | None, word: str | None) -> None:
    """From 20 ms to 50 ms is natural."""
    assert verdict.pace(median_ns) == word
