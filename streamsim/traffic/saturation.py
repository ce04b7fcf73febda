"""How a cluster saturates: its capacity, and what becomes of times as the rate of requests comes near it and beyond.

The laws: a point of the curve is a simulation like any other, of the same cluster, seed and draws, at its own rate. No
point plays more than `MOST` requests: replicas are alike, so of many a part is played, with its part of the rate.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.errors import UsageError
from streamsim.traffic.outcome import Outcome, outcome, steady
from streamsim.traffic.simulation import simulate
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamsim.traffic.simulation import Cluster
    from streamsim.traffic.slo import Slo
    from streamsim.traffic.workload import Workload

POINTS: Final = tuple(Fraction(tenths, 10) for tenths in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
"""Parts of the capacity at which a curve has its points."""

LEAST: Final = 1000
MOST: Final = 20_000
DEEP: Final = 10  # times as many requests as can run at once, so that a queue has time to grow

_AT_ONCE = 10**18  # a rate at which any number comes within the first nanosecond


class Point(msgspec.Struct, frozen=True):
    """What comes of one rate, in requests a second."""

    rate_per_s: float
    outcome: Outcome


class Curve(msgspec.Struct, frozen=True):
    """How a cluster saturates.

    Attributes:
        capacity_per_s: Requests a second that it completes where somebody always waits; None: not known.
        replicas, played: How many there are, and how many of them were played; all rates are those of the whole.
        points: In the order of their rates.

    """

    capacity_per_s: float | None
    replicas: int
    played: int
    points: tuple[Point, ...]


def curve(
    cluster: Cluster,
    workload: Workload,
    seed: int,
    slo: Slo | None,
    rates: Sequence[Fraction] = (),
    tell: Callable[[int], None] = lambda _: None,
) -> Curve:
    """Return the saturation curve at ``rates``, or else at parts of the capacity, or of the workload's rate.

    The capacity is known where the cluster has a limit that so few requests reach; else the curve is drawn around the
    rate. Of what was played ``tell`` is told: one simulation of `simulations`.

    Raises:
        UsageError: A rate is so low that the clock comes to its end.

    """
    part = _part(cluster)
    share = Fraction(cluster.replicas, part.replicas)
    found = capacity(cluster, workload, seed)
    tell(1)
    if not rates:
        rates = [step * (2 * Fraction(*workload.rate) if found is None else found) for step in POINTS]
    size = _size(part)
    points: list[Point] = []
    for rate in rates:
        own = rate / share
        asked = msgspec.structs.replace(
            workload, requests=size, trace=(), users=0, rate=(own.numerator, own.denominator)
        )
        try:
            times = simulate(part, asked, seed)
        except UsageError as error:
            remedy = "give --rates that are higher, or --no-curve"
            raise UsageError("curve", f"at {float(rate):.3g} requests/s, {error.problem}", remedy) from error
        points.append(Point(float(rate), _times(outcome(times, slo), float(share))))
        tell(1)
    return Curve(None if found is None else float(found), cluster.replicas, part.replicas, tuple(points))


def simulations(rates: Sequence[Fraction]) -> int:
    """Return how many simulations a curve takes."""
    return 1 + len(rates or POINTS)


def capacity(cluster: Cluster, workload: Workload, seed: int) -> Fraction | None:
    """Return how many requests a second the cluster completes when all come at once.

    None without a limit, with one that a burst reaches but once, or where answers take no time.
    """
    part = _part(cluster)
    size = _size(part)
    if cluster.load.max_concurrency is None or 2 * part.replicas * cluster.load.max_concurrency > size:
        return None
    patient = msgspec.structs.replace(part, load=msgspec.structs.replace(cluster.load, max_queue=None))
    burst = msgspec.structs.replace(workload, requests=size, trace=(), users=0, even=True, rate=(_AT_ONCE, 1))
    ended = sorted(simulate(patient, burst, seed).ended)
    begin_ns, end_ns, counted = steady(ended, ended[0])
    if begin_ns == end_ns:
        return None
    found = Fraction(len(ended[counted]) * SECOND, end_ns - begin_ns)
    short = found.limit_denominator(1000) if found > 1 else 1 / (1 / found).limit_denominator(1000)
    return short * cluster.replicas / part.replicas


def _part(cluster: Cluster) -> Cluster:
    """Return as many of the replicas as `MOST` requests keep busy."""
    most = max(1, MOST // (DEEP * (cluster.load.max_concurrency or 1)))
    return msgspec.structs.replace(cluster, replicas=min(cluster.replicas, most))


def _size(part: Cluster) -> int:
    return min(MOST, max(LEAST, DEEP * part.replicas * (part.load.max_concurrency or 1)))


def _times(of_part: Outcome, share: float) -> Outcome:
    """Return what comes of so many times the replicas that were played."""
    return msgspec.structs.replace(
        of_part,
        requests_per_s=of_part.requests_per_s * share,
        tokens_per_s=of_part.tokens_per_s * share,
        goodput_per_s=None if of_part.goodput_per_s is None else of_part.goodput_per_s * share,
        in_system=of_part.in_system * share,
    )
