"""Proxy: 50 streams, 20 ms between chunks, through ``streamsim record --proxy``. What does recording add?

The upstream is the C server, which writes into each chunk when it was sent; the load generator takes the chunk's age
when it reads it. Beside ours: nobody in between; a byte relay in asyncio and mitmproxy in streaming mode, which both
keep what passes in memory. Ours also parses, removes secrets, and has every chunk's line in the file within 10 ms.
CPU is that of the proxy's processes.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.bench import AbsentError
from benchmarks.contest import served
from benchmarks.goals import Goal
from benchmarks.loadgen import Demand, load
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.native import program
from benchmarks.peers import mitmproxy, native, recorder
from benchmarks.peers.answering import Answer
from benchmarks.processes import Command, free_port, listening
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample
    from benchmarks.processes import Server

STREAMS = 50
ANSWER = Answer(events=100, gap_ms=20)
CASE = f"{STREAMS} streams at {ANSWER.gap_ms} ms"
DIRECT, RELAY = "nobody in between", "asyncio byte relay"

P50, P99, ADDED, CPU = "age of a chunk, p50", "age of a chunk, p99", "added, p50", "CPU a chunk"
METRICS = (
    Metric(name=P50, unit="ms"),
    Metric(name=P99, unit="ms"),
    Metric(name=ADDED, unit="ms"),
    Metric(name=CPU, unit="µs"),
    Metric(name="streams not whole", alone=True, high=0.0, strict=True),
)

GOALS = (
    Goal(
        says="CPU of a recorded chunk against mitmproxy",
        cases=(CASE,),
        metric=CPU,
        peers=(mitmproxy.NAME,),
        most=0.35,
        limit=(
            "each chunk wakes the process: a bare asyncio relay, most of whose time is the kernel's, "
            "takes two thirds of the goal. Recording what came within 10 ms together brought the largest gain; then "
            "taking a read that is one chunk without the parser, looking for secrets in all of them at once, and "
            "counting events later. What recording takes now is mostly its code coming cold into the cache, a hundred "
            "times a second: to record every 50 ms took 4 µs off, and a killed recorder would lose five times as much."
        ),
    ),
    Goal(
        says="delay added to a chunk at the median",
        cases=(CASE,),
        metric=ADDED,
        of="ours",
        most=0.2,
        unit="ms",
        limit=(
            "a chunk crosses one more process, which has to be woken: compare the bare relay. Bytes go on before they "
            "are looked at, and what came within 10 ms is recorded together, away from them."
        ),
    ),
)


def run(bench: Bench) -> Iterator[Row]:
    """Measure ours, other proxies, and nobody in between."""
    program(bench, "load")
    with ExitStack() as stack:
        upstream = stack.enter_context(served(bench, native, ANSWER))
        contestants = {DIRECT: partial(_sample, bench, upstream)}
        makers: dict[str, Callable[[Bench, Server], Command]] = {
            OURS: recorder.command,
            RELAY: _relay,
            mitmproxy.NAME: mitmproxy.command,
        }
        for name, command in makers.items():
            try:
                server = stack.enter_context(listening(bench, command(bench, upstream)))
            except (AbsentError, RuntimeError) as error:
                yield Row(case=CASE, peer=name, skipped=str(error))
            else:
                contestants[name] = partial(_sample, bench, server)
        samples = interleaved(bench.rounds, contestants)
    yield from rows(CASE, METRICS, _added(samples))


def _relay(_: Bench, upstream: Server) -> Command:
    port = free_port()
    words = (sys.executable, "-m", "benchmarks.programs.relay", str(port), str(upstream.port))
    return Command(words=words, port=port)


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
    demand = Demand(
        connections=STREAMS,
        target="/stamp",
        events=ANSWER.events,
        gap_ms=ANSWER.gap_ms,
        mode="stamped",
        seconds=3.0,
        warm_s=2.2,
        ramp_s=2.0,
    )
    seen = load(bench, server, demand)
    return {
        P50: seen.timed.p50_us / 1000,
        P99: seen.timed.p99_us / 1000,
        CPU: seen.cpu_us,
        "streams not whole": seen.lost,
    }
