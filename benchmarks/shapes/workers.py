"""Workers: two processes that share a port. Does a stream cost more than with one?

32 connections ask for a stream of 100 events, all due at once, again and again; CPU is that of all the server's
processes, for each stream. The kernel deals connections out, so that one worker may get more of them.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.goals import Goal
from benchmarks.loadgen import Demand, load
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.native import program
from benchmarks.peers import ours
from benchmarks.peers.answering import Answer
from benchmarks.processes import listening
from benchmarks.rows import Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample
    from benchmarks.processes import Server
    from benchmarks.rows import Row

CONNECTIONS = 32
ANSWER = Answer(events=100, gap_ms=0)
CASE = f"{CONNECTIONS} connections, two workers"
ONE = "one worker"

CPU = "CPU a stream"
METRICS = (
    Metric(name=CPU, unit="µs"),
    Metric(name="streams a second", better="higher"),
    Metric(name="streams not whole", alone=True, high=0.0, strict=True),
)

GOALS = (Goal(says="CPU of a stream with two workers against one", cases=(CASE,), metric=CPU, peers=(ONE,), most=1.1),)


def run(bench: Bench) -> Iterator[Row]:
    """Measure two workers and one."""
    program(bench, "load")
    with ExitStack() as stack:
        contestants = {}
        for name, workers in ((OURS, 2), (ONE, 1)):
            server = stack.enter_context(listening(bench, ours.command(bench, ANSWER, "--workers", str(workers))))
            contestants[name] = partial(_sample, bench, server)
        yield from rows(CASE, METRICS, interleaved(bench.rounds, contestants))


def _sample(bench: Bench, server: Server) -> Sample:
    seen = load(bench, server, Demand(connections=CONNECTIONS, events=ANSWER.events))
    return {
        CPU: seen.cpu_us * ANSWER.events,
        "streams a second": seen.streams / seen.window_s,
        "streams not whole": seen.lost,
    }
