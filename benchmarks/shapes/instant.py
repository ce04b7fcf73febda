"""Instant: 32 connections ask for a stream of 100 events, all due at once, again and again. How many streams a second?

Here a system call costs more than everything else, so what counts is how many chunks go out in one. Ours writes all
that is due in one call, each chunk in its own HTTP chunk; the C server does the same. The second case is one call for
each chunk. Node's servers join writes by themselves; WireMock sends one body. Before the rounds that count, everybody
runs once to warm up.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.bench import AbsentError
from benchmarks.contest import entered
from benchmarks.goals import Goal
from benchmarks.loadgen import Demand, load
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.native import program
from benchmarks.peers import aimock, guidellm, llmock, native, node_http, ours, starlette, stubllm, wiremock
from benchmarks.peers.answering import Answer
from benchmarks.processes import listening
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample
    from benchmarks.processes import Server

CONNECTIONS = 32
ANSWER = Answer(events=100, gap_ms=0)
JOINED = f"{CONNECTIONS} connections, what is due in one write"
APART = f"{CONNECTIONS} connections, one write a chunk"
PEERS = (ours, native, aimock, wiremock, llmock, stubllm, guidellm, starlette, node_http)
PYTHON_PEERS = (llmock.NAME, stubllm.NAME, guidellm.NAME, starlette.NAME)

RATE = "streams a second"
METRICS = (
    Metric(name=RATE, better="higher"),
    Metric(name="CPU a stream", unit="µs"),
    Metric(name="streams not whole", alone=True, high=0.0, strict=True),
)

GOALS = (
    Goal(says="instant streams a second against aimock", cases=(JOINED,), metric=RATE, peers=(aimock.NAME,), least=10),
    Goal(
        says="instant streams a second against the best server in Python",
        cases=(JOINED,),
        metric=RATE,
        peers=PYTHON_PEERS,
        least=20,
    ),
    Goal(
        says="instant streams a second against C",
        cases=(JOINED,),
        metric=RATE,
        peers=(native.NAME,),
        least=0.5,
        limit=(
            "a bare asyncio protocol that sends the same bytes takes more than the C server, and to find the answer, "
            "to note it and to count it comes on top. To know a repeated request by its bytes and to collect garbage "
            "seldom brought most."
        ),
    ),
    Goal(
        says="instant streams a second against C, one write a chunk",
        cases=(APART,),
        metric=RATE,
        peers=(native.NAME,),
        least=0.55,
    ),
)


def run(bench: Bench) -> Iterator[Row]:
    """Measure ours and its peers, joined and apart."""
    program(bench, "load")
    yield from _joined(bench)
    yield from _apart(bench)


def _joined(bench: Bench) -> Iterator[Row]:
    with ExitStack() as stack:
        servers, skipped = entered(bench, stack, JOINED, ANSWER, PEERS)
        yield from skipped
        targets = {native.NAME: "/once"}
        contestants = {name: partial(_sample, bench, server, targets.get(name, "")) for name, server in servers.items()}
        interleaved(1, contestants)
        yield from rows(JOINED, METRICS, interleaved(bench.rounds, contestants))


def _apart(bench: Bench) -> Iterator[Row]:
    with ExitStack() as stack:
        try:
            mine = stack.enter_context(listening(bench, ours.command(bench, ANSWER, "--no-coalesce")))
        except AbsentError as error:
            yield Row(case=APART, skipped=str(error))
            return
        servers, skipped = entered(bench, stack, APART, ANSWER, (native,))
        yield from skipped
        contestants = {OURS: partial(_sample, bench, mine)}
        contestants |= {name: partial(_sample, bench, server, "/burst") for name, server in servers.items()}
        yield from rows(APART, METRICS, interleaved(bench.rounds, contestants))


def _sample(bench: Bench, server: Server, target: str = "") -> Sample:
    seen = load(bench, server, Demand(connections=CONNECTIONS, target=target, events=ANSWER.events))
    return {
        RATE: seen.streams / seen.window_s,
        "CPU a stream": seen.cpu_us * ANSWER.events,
        "streams not whole": seen.lost,
    }
