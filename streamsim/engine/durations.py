"""Durations as a test wants to compare them.

Law: inside, a duration is whole nanoseconds; outside it is seconds, the float nearest to the exact quotient. So
``0.412345`` written in a test equals 412 345 000 ns exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.analysis.spread import nearest_rank
from streamsim.errors import StreamMismatch
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable


def seconds(ns: int) -> float:
    """Return ``ns`` nanoseconds in seconds."""
    return ns / SECOND


class Durations(list[float]):
    """Durations in seconds, in the order in which they happened.

    A percentile is one of them, by nearest rank: the smallest that at least so many percent do not exceed.

    Attributes:
        ns: The same in whole nanoseconds.

    """

    def __init__(self, ns: Iterable[int], *, where: str = "durations") -> None:
        self.ns = list(ns)
        self._where = where
        super().__init__(map(seconds, self.ns))

    @property
    def median(self) -> float:
        """The 50th percentile, in seconds."""
        return self.percentile(50)

    @property
    def p99(self) -> float:
        """The 99th percentile, in seconds."""
        return self.percentile(99)

    @property
    def longest(self) -> float:
        """The longest, in seconds."""
        return self.percentile(100)

    def percentile(self, percent: int) -> float:
        """Return the ``percent``-th percentile (1 to 100), in seconds; raises what `percentile_ns` does."""
        return seconds(self.percentile_ns(percent))

    def percentile_ns(self, percent: int) -> int:
        """Return the ``percent``-th percentile (1 to 100), in nanoseconds.

        Raises:
            StreamMismatch: There is no duration.
            ValueError: ``percent`` is not from 1 to 100.

        """
        if not 1 <= percent <= 100:
            raise ValueError(f"{percent} is not a percentile from 1 to 100")
        if not self.ns:
            raise StreamMismatch(self._where, "there are none", "assert first that the list is not empty")
        return nearest_rank(sorted(self.ns), percent)
