"""How often a gap was how long, in buckets that grow as 1, 2, 5, 10: each about twice as wide as the one before.

The laws: every gap is in exactly one bucket; buckets follow each other without a hole, from the shortest gap to the
longest; a bucket that holds a gap is never drawn empty.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec

from streamsim.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterable

# From a microsecond, the finest a recording tells, to a week and beyond.
BOUNDS_NS = (0, *(step * 10**power for power in range(3, 15) for step in (1, 2, 5)))

_EIGHTHS = " ▏▎▍▌▋▊▉"


class Bucket(msgspec.Struct, frozen=True):
    """``count`` gaps of at least ``from_ns`` and below ``below_ns``, which is None where there is no upper end."""

    from_ns: int
    below_ns: int | None
    count: int


def buckets(gaps_ns: Iterable[int]) -> tuple[Bucket, ...]:
    """Return the buckets from the first that holds a gap to the last."""
    counts = [0] * len(BOUNDS_NS)
    for gap_ns in gaps_ns:
        counts[bisect_right(BOUNDS_NS, gap_ns) - 1] += 1
    held = [index for index, count in enumerate(counts) if count]
    bounds = (*BOUNDS_NS, None)
    wanted = range(held[0], held[-1] + 1) if held else range(0)
    return tuple(Bucket(BOUNDS_NS[index], bounds[index + 1], counts[index]) for index in wanted)


def draw(histogram: tuple[Bucket, ...], width: int = 40) -> str:
    """Return one line a bucket, the longest bar ``width`` columns wide; "" where there is no bucket."""
    most = max((bucket.count for bucket in histogram), default=0)
    labels = [_label(bucket) for bucket in histogram]
    wide = max(map(len, labels), default=0)
    rows = zip(labels, histogram, strict=True)
    return "\n".join(
        f"{label:>{wide}} │{bar(bucket.count, most, width)} {bucket.count or ''}".rstrip() for label, bucket in rows
    )


def bar(count: int, most: int, width: int) -> str:
    """Return a bar of ``count / most`` of ``width`` columns in eighths of a block; one that is not 0 is seen."""
    whole, eighths = divmod(-(-8 * width * count // most), 8)
    return "█" * whole + (_EIGHTHS[eighths] if eighths else "")


def _label(bucket: Bucket) -> str:
    low = format_duration(bucket.from_ns)
    return f"{low} on" if bucket.below_ns is None else f"{low} to {format_duration(bucket.below_ns)}"
