"""Proxy: 50 streams, 20 ms between chunks, through ``streamsim record --proxy``. What does recording add?

The upstream is the C server, which writes into each chunk when it was sent; the load generator takes the chunk's age
when it reads it. Beside ours: nobody in between, and a byte relay in asyncio that keeps what passes in memory. Ours
also parses, removes secrets, and has every chunk's line in the file before the next read.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.inputs import chat_events
from benchmarks.loadgen import Demand, load
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.processes import c_server, python_server
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample
    from benchmarks.processes import Server

STREAMS = 50
DIRECT = "nobody in between"

P50, P99, ADDED = "age of a chunk, p50", "age of a chunk, p99", "added, p50"

METRICS = (
    Metric(name=P50, unit="ms"),
    Metric(name=P99, unit="ms"),
    Metric(name=ADDED, unit="ms"),
    Metric(name="CPU a chunk", unit="µs"),
    Metric(name="streams not whole", alone=True, high=0.0, strict=True),
)


def run(bench: Bench) -> Iterator[Row]:
    """Measure ours, a byte relay, and nobody in between."""
    bench.program("loadgen")
    with ExitStack() as stack:
        upstream = stack.enter_context(c_server(bench, chat_events(100)))
        where = ("--proxy", f"http://127.0.0.1:{upstream.port}", "--port", "0")
        file = str(bench.folder / "proxy.jsonl")
        ours = stack.enter_context(python_server(bench, "streamsim", "record", *where, "-o", file))
        relay = stack.enter_context(python_server(bench, "benchmarks.peers.relay", str(upstream.port)))
        contestants = {
            OURS: partial(_sample, bench, ours),
            "asyncio byte relay": partial(_sample, bench, relay),
            DIRECT: partial(_sample, bench, upstream),
        }
        samples = interleaved(bench.rounds, contestants)
    yield from rows(f"{STREAMS} streams at 20 ms", METRICS, _added(samples))


def _added(samples: dict[str, list[Sample]]) -> dict[str, list[Sample]]:
    """Return ``samples``: of those in between, with what they added to the direct way in the same round.

    What the direct way costs is the upstream's own business.
    """
    direct = samples[DIRECT]
    added: dict[str, list[Sample]] = {
        name: [{**sample, ADDED: sample[P50] - base[P50]} for sample, base in zip(taken, direct, strict=True)]
        for name, taken in samples.items()
        if name != DIRECT
    }
    return {**added, DIRECT: [{name: sample[name] for name in (P50, P99)} for sample in direct]}


def _sample(bench: Bench, server: Server) -> Sample:
    demand = Demand(connections=STREAMS, target="/stamp", mode="stamped", seconds=4.0, warm_s=2.5, ramp_s=2.0)
    seen = load(bench, server, demand)
    return {
        P50: seen.times.p50 / 1000,
        P99: seen.times.p99 / 1000,
        "CPU a chunk": seen.srv_us_ev,
        "streams not whole": seen.lost,
    }
