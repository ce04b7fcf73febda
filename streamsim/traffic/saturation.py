"""How a cluster saturates: its capacity, and what becomes of times as the rate of requests comes near it and beyond.

Law: a point of the curve is a simulation like any other, of the same cluster, seed and draws, at its own rate.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.traffic.outcome import Outcome, outcome
from streamsim.traffic.simulation import simulate
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.traffic.simulation import Cluster
    from streamsim.traffic.slo import Slo
    from streamsim.traffic.workload import Workload

POINTS: Final = tuple(Fraction(tenths, 10) for tenths in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
"""Parts of the capacity at which a curve has its points."""

LEAST: Final = 1000
DEEP: Final = 10  # times as many requests as can run at once, so that a queue has time to grow

# The part of a burst that counts: the cluster fills before, and empties after.
_FROM, _TO = 10, 80

_AT_ONCE = 10**18  # a rate at which any number comes within the first nanosecond


class Point(msgspec.Struct, frozen=True):
    """What comes of one rate, in requests a second."""

    rate_per_s: float
    outcome: Outcome


class Curve(msgspec.Struct, frozen=True):
    """Points in the order of their rates; ``capacity_per_s``: what the cluster does where somebody always waits."""

    capacity_per_s: float | None
    points: tuple[Point, ...]


def curve(cluster: Cluster, workload: Workload, seed: int, slo: Slo | None, rates: Sequence[Fraction] = ()) -> Curve:
    """Return the saturation curve at ``rates``, or else at parts of the capacity, or of the workload's rate.

    The capacity is known where the cluster has a limit; without one the curve is drawn around the rate.
    """
    found = capacity(cluster, workload, seed)
    if not rates:
        rates = [part * (2 * Fraction(*workload.rate) if found is None else found) for part in POINTS]
    size = _size(cluster)
    points: list[Point] = []
    for rate in rates:
        asked = msgspec.structs.replace(
            workload, requests=size, trace=(), users=0, rate=(rate.numerator, rate.denominator)
        )
        points.append(Point(float(rate), outcome(simulate(cluster, asked, seed), slo)))
    return Curve(None if found is None else float(found), tuple(points))


def capacity(cluster: Cluster, workload: Workload, seed: int) -> Fraction | None:
    """Return how many requests a second the cluster completes when all come at once; None without a limit."""
    if cluster.load.max_concurrency is None:
        return None
    patient = msgspec.structs.replace(cluster.load, max_queue=None)
    burst = msgspec.structs.replace(workload, requests=_size(cluster), trace=(), users=0, even=True, rate=(_AT_ONCE, 1))
    ended = sorted(simulate(msgspec.structs.replace(cluster, load=patient), burst, seed).ended)
    begin, end = len(ended) * _FROM // 100, len(ended) * _TO // 100
    span_ns = ended[end] - ended[begin]
    return Fraction((end - begin) * SECOND, span_ns).limit_denominator(1000) if span_ns else None


def _size(cluster: Cluster) -> int:
    return max(LEAST, DEEP * cluster.replicas * (cluster.load.max_concurrency or 1))
