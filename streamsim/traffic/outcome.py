"""What a simulation comes to: percentiles, throughput, goodput, and its digest.

The laws: percentiles are values that occurred, by nearest rank; ITL is that of a whole answer, its time after the first
token divided by the tokens after it, as AIPerf counts it; what was refused counts in no percentile.
"""

from __future__ import annotations

from hashlib import sha256
from struct import pack
from typing import TYPE_CHECKING

import msgspec

from streamsim.analysis.spread import nearest_rank
from streamsim.traffic.simulation import NEVER
from streamsim.units import SECOND

if TYPE_CHECKING:
    from streamsim.traffic.simulation import Times
    from streamsim.traffic.slo import Slo


class Percentiles(msgspec.Struct, frozen=True):
    """Of durations, in ns."""

    mean_ns: int
    p50_ns: int
    p90_ns: int
    p95_ns: int
    p99_ns: int
    max_ns: int


class Outcome(msgspec.Struct, frozen=True):
    """What came of a simulation.

    Attributes:
        requests, completed, refused: How many.
        span_ns: From the first arrival to the last token.
        requests_per_s, tokens_per_s: Completed ones, and the tokens of their answers.
        good: How many kept the SLO; None without one.
        goodput_per_s: Those, a second.
        in_system: How many there were, on average: running and waiting.
        ttft: Request to first token.
        itl: An answer's mean gap; None where no answer has two tokens.
        e2e: Request to last token.
        wait: Request to admission.
        digest: SHA-256 of all times.

    """

    requests: int
    completed: int
    refused: int
    span_ns: int
    requests_per_s: float
    tokens_per_s: float
    good: int | None
    goodput_per_s: float | None
    in_system: float
    ttft: Percentiles | None
    itl: Percentiles | None
    e2e: Percentiles | None
    wait: Percentiles | None
    digest: str


def outcome(times: Times, slo: Slo | None = None) -> Outcome:
    """Return what ``times`` come to."""
    done = [nth for nth, ended_ns in enumerate(times.ended) if ended_ns != NEVER]
    arrived = times.arrived
    ttfts = [times.first[nth] - arrived[nth] for nth in done]
    e2es = [times.ended[nth] - arrived[nth] for nth in done]
    itls = [
        (times.ended[nth] - times.first[nth]) // (times.tokens[nth] - 1) if times.tokens[nth] > 1 else None
        for nth in done
    ]
    span_ns = max(times.ended) - min(arrived) if done else 0
    good = None if slo is None else sum(map(slo.keeps, ttfts, itls, e2es))
    return Outcome(
        requests=len(arrived),
        completed=len(done),
        refused=len(arrived) - len(done),
        span_ns=span_ns,
        requests_per_s=_per_s(len(done), span_ns),
        tokens_per_s=_per_s(sum(times.tokens[nth] for nth in done), span_ns),
        good=good,
        goodput_per_s=None if good is None else _per_s(good, span_ns),
        in_system=sum(e2es) / span_ns if span_ns else 0.0,
        ttft=percentiles(ttfts),
        itl=percentiles([itl_ns for itl_ns in itls if itl_ns is not None]),
        e2e=percentiles(e2es),
        wait=percentiles([times.admitted[nth] - arrived[nth] for nth in done]),
        digest=digest(times),
    )


def percentiles(values: list[int]) -> Percentiles | None:
    """Return those of ``values``; None where there is none."""
    if not values:
        return None
    values.sort()
    return Percentiles(sum(values) // len(values), *(nearest_rank(values, part) for part in (50, 90, 95, 99, 100)))


def digest(times: Times) -> str:
    """Return the SHA-256 of all times, as big-endian 64-bit integers."""
    hashed = sha256()
    for column in (times.arrived, times.admitted, times.first, times.ended, times.tokens):
        hashed.update(pack(f">{len(column)}q", *column))
    return hashed.hexdigest()


def _per_s(number: int, span_ns: int) -> float:
    return number * SECOND / span_ns if span_ns else 0.0
