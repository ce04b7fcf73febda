"""Instant: 32 connections ask for a stream of 100 events, all due at once, again and again. How many streams a second?

Here a system call costs more than everything else, so what counts is how many chunks go out in one. Ours writes all
that is due in one call, each chunk in its own HTTP chunk; the C server is asked for both ways: one call for all, and
one call for each.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.inputs import TARGET, chat_events, recording_file
from benchmarks.loadgen import Demand, load
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.processes import c_server, serve
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample
    from benchmarks.processes import Server

EVENTS = 100
CONNECTIONS = 32

METRICS = (
    Metric(name="streams a second", better="higher"),
    Metric(name="CPU a stream", unit="µs"),
    Metric(name="streams not whole", alone=True, high=0.0, strict=True),
)


def run(bench: Bench) -> Iterator[Row]:
    """Measure ours and the C server both ways."""
    bench.program("loadgen")
    frames = chat_events(EVENTS)
    file = recording_file(bench.folder / "instant.jsonl", frames)
    with ExitStack() as stack:
        ours = stack.enter_context(serve(bench, str(file), "--pacing", "instant"))
        limit = stack.enter_context(c_server(bench, frames))
        contestants = {
            OURS: partial(_sample, bench, ours, TARGET),
            "C epoll, one write a stream": partial(_sample, bench, limit, "/coal"),
            "C epoll, one write a chunk": partial(_sample, bench, limit, "/burst"),
        }
        yield from rows(f"{CONNECTIONS} connections", METRICS, interleaved(bench.rounds, contestants))


def _sample(bench: Bench, server: Server, target: str) -> Sample:
    seen = load(bench, server, Demand(connections=CONNECTIONS, target=target, events=EVENTS))
    return {
        "streams a second": seen.streams_s,
        "CPU a stream": seen.srv_us_ev * EVENTS,
        "streams not whole": seen.lost,
    }
