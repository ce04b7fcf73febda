"""Simulate: a cluster of eight replicas under load, in memory: 100,000 requests, with --big a million.

Requests come independently, at a rate at which about four fifths of all places are taken; prompts, answers and gaps are
drawn. The figure has everything in it: draws, routing, queues, clocks that change speed, percentiles, the digest.
CPU time.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.goals import Goal
from benchmarks.measure import OURS, cpu_seconds, interleaved, rows
from benchmarks.rows import Metric
from streamsim.plan.distribution import parse_distribution
from streamsim.traffic.model import NO_LOAD, reloaded
from streamsim.traffic.outcome import Outcome, outcome
from streamsim.traffic.simulation import Cluster, simulate
from streamsim.traffic.tokens import parse_tokens
from streamsim.traffic.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample
    from benchmarks.rows import Row

REQUESTS, BIG = 100_000, 1_000_000
ALL, A_REQUEST = "all", "a request"

METRICS = (Metric(name=ALL, unit="s"), Metric(name=A_REQUEST, unit="µs"))

CLUSTER = Cluster(
    replicas=8,
    load=reloaded(
        NO_LOAD,
        {"max_concurrency": "64", "prefill_rate": "20000", "itl_per_stream": "200us"},
        where="simulate: ",
    ),
)


def _case(requests: int) -> str:
    return f"{requests:,} requests"


GOALS = (Goal(says="simulating a million requests", cases=(_case(BIG),), metric=ALL, of="ours", most=60, unit="s"),)


def run(bench: Bench) -> Iterator[Row]:
    """Measure each number of requests."""
    for requests in (REQUESTS, BIG) if bench.big else (REQUESTS,):
        yield from rows(_case(requests), METRICS, interleaved(bench.rounds, {OURS: partial(_sample, requests)}))


def simulated(requests: int) -> Outcome:
    """Return what comes of so many requests."""
    workload = Workload(
        requests=requests,
        prompt=parse_tokens("lognormal(512,0.6)", where="prompt"),
        output=parse_tokens("lognormal(200,0.5)", where="output"),
        itl=parse_distribution("lognormal(20ms,0.3)"),
        rate=(60, 1),
    )
    return outcome(simulate(CLUSTER, workload, 1))


def _sample(requests: int) -> Sample:
    spent_s = cpu_seconds(partial(simulated, requests), least=0)
    return {ALL: spent_s, A_REQUEST: spent_s * 1e6 / requests}
