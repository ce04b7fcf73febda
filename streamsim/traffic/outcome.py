"""What a simulation comes to: percentiles, throughput, goodput, and its digest.

The laws: percentiles are values that occurred, by nearest rank; ITL is that of a whole answer, its time after the first
token divided by the tokens after it, as AIPerf counts it; what was refused counts in no percentile. Rates are those of
the steady middle: a cluster fills first, and empties when nobody comes any more, and neither says what it can do.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from hashlib import sha256
from struct import pack
from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.analysis.spread import nearest_rank
from streamsim.traffic.simulation import NEVER
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.traffic.simulation import Times
    from streamsim.traffic.slo import Slo


_FROM, _TO = 10, 80
"""The part of all answers, in percents and in the order of their ends, between which a cluster is taken for steady."""

FEW: Final = 100
"""Answers of which no middle is taken: rates are over the whole span."""


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
        steady_ns: The time over which what follows is measured: between the first 10 and 80 % of the answers; of few
            answers, or where they end at once, the span.
        requests_per_s, tokens_per_s: Completed in it, and the tokens of their answers.
        good: How many of all kept the SLO; None without one.
        goodput_per_s: Those that were completed in it, a second.
        in_system: How many there were in it, on average: running and waiting.
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
    steady_ns: int
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
    done.sort(key=times.ended.__getitem__)
    arrived, ended = times.arrived, times.ended
    ttfts = [times.first[nth] - arrived[nth] for nth in done]
    e2es = [ended[nth] - arrived[nth] for nth in done]
    itls = [
        (ended[nth] - times.first[nth]) // (times.tokens[nth] - 1) if times.tokens[nth] > 1 else None for nth in done
    ]
    ends = [ended[nth] for nth in done]
    begin_ns, end_ns, counted = steady(ends, min(arrived, default=0))
    steady_ns = end_ns - begin_ns
    kept = None if slo is None else list(map(slo.keeps, ttfts, itls, e2es))
    arrivals = sorted([arrived[nth] for nth in done])
    inside_ns = _within(ends, begin_ns, end_ns) - _within(arrivals, begin_ns, end_ns)
    return Outcome(
        requests=len(arrived),
        completed=len(done),
        refused=len(arrived) - len(done),
        span_ns=max(ended) - min(arrived) if done else 0,
        steady_ns=steady_ns,
        requests_per_s=_per_s(len(done[counted]), steady_ns),
        tokens_per_s=_per_s(sum(times.tokens[nth] for nth in done[counted]), steady_ns),
        good=None if kept is None else sum(kept),
        goodput_per_s=None if kept is None else _per_s(sum(kept[counted]), steady_ns),
        in_system=inside_ns / steady_ns if steady_ns else 0.0,
        ttft=percentiles(ttfts),
        itl=percentiles([itl_ns for itl_ns in itls if itl_ns is not None]),
        e2e=percentiles(e2es),
        wait=percentiles([times.admitted[nth] - arrived[nth] for nth in done]),
        digest=digest(times),
    )


def steady(ended: Sequence[int], began_ns: int) -> tuple[int, int, slice]:
    """Return from when to when rates are measured, and which answers are completed in that time.

    Args:
        ended: When answers were completed, in order.
        began_ns: When the first request came.

    """
    begin, end = len(ended) * _FROM // 100, len(ended) * _TO // 100
    if len(ended) < FEW or ended[begin] == ended[end]:
        return began_ns, ended[-1] if ended else began_ns, slice(None)
    return ended[begin], ended[end], slice(begin + 1, end + 1)


def _within(ordered: list[int], begin_ns: int, end_ns: int) -> int:
    """Return the sum of times in order, those outside moved to where the time between begins or ends."""
    low, high = bisect_left(ordered, begin_ns), bisect_right(ordered, end_ns)
    return low * begin_ns + sum(ordered[low:high]) + (len(ordered) - high) * end_ns


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
