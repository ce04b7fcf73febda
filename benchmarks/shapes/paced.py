"""Paced: 100 and 1,000 concurrent streams of 100 events, 20 ms apart. What does an event cost, and how late is it?

The load generator asks on every connection again as soon as a stream is whole, opening them spread over two seconds,
so that deadlines do not fall together. CPU is the server's own, over the measured window, for each event decoded. The
C server marks what the kernel asks for anyway; the naive one what asyncio gives to whoever sleeps. Read CPU together
with lateness: a server that is kept from running finds several events of a stream due, writes them in one call, and so
looks cheap. A round in which half the events of ours or of the C server were late by more than a gap counts for the
laws only, and is run once more.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from benchmarks.inputs import chat_events, recording_file
from benchmarks.loadgen import Demand, load
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.processes import c_server, python_server, serve
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample
    from benchmarks.processes import Server

    Rounds: TypeAlias = Mapping[str, Sequence[Sample]]

EVENTS = 100
GAP_MS = 20
STREAMS = (100, 1000)
LIMIT = "C epoll"
LATE = "late, p50"

METRICS = (
    Metric(name="CPU an event", unit="µs"),
    Metric(name=LATE, unit="ms"),
    Metric(name="late, p99", unit="ms"),
    Metric(name="events a second", better="higher"),
    Metric(name="earliest", unit="ms", better="", alone=True, low=0.0),
    Metric(name="streams not whole", alone=True, high=0.0, strict=True),
)


def run(bench: Bench) -> Iterator[Row]:
    """Measure ours, the C server and a naive asyncio server."""
    bench.program("loadgen")
    frames = chat_events(EVENTS)
    file = recording_file(bench.folder / "paced.jsonl", frames, gap_us=GAP_MS * 1000)
    events = bench.folder / "paced.txt"
    events.write_bytes(b"".join(frames))
    with ExitStack() as stack:
        servers = {
            OURS: stack.enter_context(serve(bench, str(file))),
            LIMIT: stack.enter_context(c_server(bench, frames, gap_ms=GAP_MS)),
            "asyncio, sleep(gap)": stack.enter_context(
                python_server(bench, "benchmarks.peers.naive", str(events), str(GAP_MS))
            ),
        }
        for streams in STREAMS:
            contestants = {name: partial(_sample, bench, server, streams) for name, server in servers.items()}
            taken = interleaved(bench.rounds, contestants)
            spoilt = bench.rounds - len(sound(taken)[OURS])
            again = interleaved(spoilt, contestants)
            yield from told(f"{streams:,} streams", {name: taken[name] + again[name] for name in taken}, bench.rounds)


def sound(samples: Rounds) -> Rounds:
    """Return the rounds in which the machine had the time to run ours and the C server."""
    calm = [
        nth
        for nth, pair in enumerate(zip(samples[OURS], samples[LIMIT], strict=True))
        if all(sample[LATE] <= GAP_MS for sample in pair)
    ]
    return {name: [taken[nth] for nth in calm] for name, taken in samples.items()}


def told(case: str, samples: Rounds, rounds: int) -> Iterator[Row]:
    """Yield the rows: laws of all rounds, all else of the sound ones, of which ``rounds`` were asked for."""
    yield from rows(case, [metric for metric in METRICS if metric.alone], samples)
    calm = sound(samples)
    left = len(calm[OURS])
    if not left:
        yield Row(case=case, skipped="CPU and lateness, as half the events of every round were late by over a gap")
        return
    note = "" if left == rounds else f", {left} of {rounds} rounds (the machine was too busy in the others)"
    yield from rows(case + note, [metric for metric in METRICS if not metric.alone], calm)


def _sample(bench: Bench, server: Server, streams: int) -> Sample:
    demand = Demand(
        connections=streams, events=EVENTS, gap_ms=GAP_MS, mode="paced", seconds=4.0, warm_s=2.5, ramp_s=2.0
    )
    seen = load(bench, server, demand)
    late = seen.times
    return {
        "CPU an event": seen.srv_us_ev,
        LATE: late.p50 / 1000,
        "late, p99": late.p99 / 1000,
        "earliest": late.min / 1000,
        "events a second": seen.events_s,
        "streams not whole": seen.lost,
    }
