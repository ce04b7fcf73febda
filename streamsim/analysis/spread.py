"""How durations spread, in exact integers.

The law: a percentile is one of the values, by nearest rank: the smallest that at least so many percent do not exceed.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

# What eight bytes hold: 584 years.
LONGEST_NS = (1 << 64) - 1


class Spread(msgspec.Struct, frozen=True):
    """Percentiles of ``count`` durations, in nanoseconds."""

    count: int
    p50_ns: int
    p90_ns: int
    p99_ns: int
    max_ns: int


class Gaps:
    """A list of durations at eight bytes each; what is longer than `LONGEST_NS` counts as that."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values = array("Q")

    def add(self, ns: int) -> None:
        """Take one duration."""
        self.values.append(min(ns, LONGEST_NS))

    def spread(self) -> Spread | None:
        """Return the percentiles; None where there is no duration."""
        ordered = sorted(self.values)
        if not ordered:
            return None
        p50, p90, p99 = (nearest_rank(ordered, percent) for percent in (50, 90, 99))
        return Spread(len(ordered), p50, p90, p99, ordered[-1])


def nearest_rank(ordered: Sequence[int], percent: int) -> int:
    """Return the ``percent``-th percentile (1 to 100) of values in ascending order, of which there is at least one."""
    return ordered[-(-percent * len(ordered) // 100) - 1]
