"""Samples as few quantiles: lines that stay near all of them.

The laws: the lines begin at the least sample, meet at the median and end at the greatest; the piece that is farthest
from its samples in all is cut, again and again, until their mean distance is a two-hundredth of the median, or there
are as many quantiles as may be spelt. Where a sample is more than a tenth above the one before it, lines leap: what was
seen once in a thousand is drawn once in a thousand, and nothing between it and the rest. Whole numbers only.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from streamsim.plan.distribution import QUANTILES, Distribution, quantiles
from streamsim.plan.quantiles import PLACES

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEAR: Final = 200
_LEAP: Final = 10

_FINE: Final = 1000
WHOLE: Final = PLACES * _FINE
"""Parts in which `distance` counts."""


class _Piece(NamedTuple):
    """A line over the samples from ``begin`` to before ``end``.

    Attributes:
        minus_far: The sum of the samples' distances from it, below zero, so that the least piece is the farthest.
        cut: Before which sample it is to be cut.

    """

    minus_far: int
    begin: int
    end: int
    cut: int


def polyline(ordered: Sequence[int]) -> Distribution:
    """Return the empirical distribution near ``ordered``, which are two or more durations in ns, in order."""
    count = len(ordered)
    middle = count // 2
    pieces = [_piece(ordered, 0, middle), _piece(ordered, middle, count)]
    heapify(pieces)
    far = -sum(piece.minus_far for piece in pieces)
    spent = 2 + len(_ends(ordered, middle))
    while far * _NEAR > count * ordered[middle] and spent + 2 <= QUANTILES:
        worst = heappop(pieces)
        for half in (_piece(ordered, worst.begin, worst.cut), _piece(ordered, worst.cut, worst.end)):
            heappush(pieces, half)
            far -= half.minus_far
        far += worst.minus_far
        spent += len(_ends(ordered, worst.cut))
    placed = [
        f"{cut * PLACES // count}={ns}"
        for cut in sorted(piece.begin for piece in pieces)[1:]
        for ns in _ends(ordered, cut)
    ]
    return Distribution("empirical", ordered[0], ",".join((*placed, str(ordered[-1]))))


def _piece(ordered: Sequence[int], begin: int, end: int) -> _Piece:
    """Return the line from ``begin`` to ``end``, and how far the samples are from it, each at its middle."""
    if end - begin == 1:
        return _Piece(0, begin, end, end)  # it can be cut no more
    low, high = _ends(ordered, begin)[-1], _ends(ordered, end)[0]
    twice = 2 * (end - begin)
    far = [abs((ordered[nth] - low) * twice - (high - low) * (2 * (nth - begin) + 1)) for nth in range(begin, end)]
    return _Piece(-(sum(far) // twice), begin, end, begin + 1 + far.index(max(far[:-1])))


def _ends(ordered: Sequence[int], cut: int) -> tuple[int, ...]:
    """Return where lines end and begin between two samples: between them, or where there is a leap at each."""
    if cut in (0, len(ordered)):
        return (ordered[min(cut, len(ordered) - 1)],)
    before, after = ordered[cut - 1], ordered[cut]
    return (before, after) if (after - before) * _LEAP > before else ((before + after) // 2,)


def mean_ns(distribution: Distribution) -> int:
    """Return the mean of a distribution that `polyline` made."""
    places, values = quantiles(distribution.first_ns, distribution.second)
    pieces = zip(pairwise(places), pairwise(values), strict=True)
    return sum((end - begin) * (low + high) for (begin, end), (low, high) in pieces) // (2 * PLACES)


def distance(ordered: Sequence[int], distribution: Distribution) -> int:
    """Return the distance of Kolmogorov and Smirnov between samples and what `polyline` made, in parts of `WHOLE`.

    Between samples neither share passes the other: it is enough to look just below each of them, and at it.
    """
    places, values = quantiles(distribution.first_ns, distribution.second)
    count = len(ordered)
    greatest = 0
    for ns in sorted(set(ordered)):
        for bisect in (bisect_left, bisect_right):
            share = bisect(ordered, ns) * WHOLE // count
            greatest = max(greatest, abs(share - _share(places, values, ns, bisect(values, ns))))
    return greatest


def _share(places: Sequence[int], values: Sequence[int], ns: int, after: int) -> int:
    """Return the distribution's share up to ``ns``, which lies before the quantile ``after``."""
    if after == len(values):
        return WHOLE
    begin, low = places[after - 1], values[after - 1]
    return (begin * _FINE) + (places[after] - begin) * _FINE * (ns - low) // (values[after] - low) if after else 0
