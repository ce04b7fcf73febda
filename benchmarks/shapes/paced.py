"""Paced: 100 to 3,000 concurrent streams of 100 events, 20 ms apart. What does an event cost, and how late is it?

The load generator asks on every connection again as soon as a stream is whole, opening them spread over two seconds,
so that deadlines do not fall together. CPU is that of the server's processes, over the measured window, for each event
decoded. An event is late by its arrival minus the instant at which it was due, by the server's own rules. The C server
marks what the kernel asks for anyway; the naive one what asyncio gives to whoever sleeps. Read CPU together with
lateness: a server that is kept from running finds several events of a stream due, writes them in one call, and so
looks cheap. A round in which half the events of ours or of the C server were late by more than a gap counts for the
laws only, and is run once more. 3,000 streams are 150,000 events a second: more than one process can write here, in
whatever language, so each round counts.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from benchmarks.contest import Peer, entered
from benchmarks.goals import Goal
from benchmarks.loadgen import Demand, load
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.native import program
from benchmarks.peers import aimock, guidellm, llmock, naive, native, node_http, ours, starlette, stubllm, wiremock
from benchmarks.peers.answering import Answer
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample
    from benchmarks.processes import Server

    Rounds: TypeAlias = Mapping[str, Sequence[Sample]]

ANSWER = Answer(events=100, gap_ms=20)


class Case(msgspec.Struct, frozen=True):
    """So many streams.

    Attributes:
        streams: How many.
        others: Who takes part beside ours, the C server and the naive one.
        beyond: Whether it is more than the machine can do.

    """

    streams: int
    others: tuple[Peer, ...] = ()
    beyond: bool = False

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"{self.streams:,} streams"


CASES = (
    Case(100),
    Case(200, (aimock, wiremock, llmock, stubllm, guidellm, starlette, node_http)),
    Case(1000),
    Case(3000, beyond=True),
)
FEW, SOME, MANY, _ = CASES

CPU, LATE, LATEST = "CPU an event", "late, p50", "late, p99"
METRICS = (
    Metric(name=CPU, unit="µs"),
    Metric(name=LATE, unit="ms"),
    Metric(name=LATEST, unit="ms"),
    Metric(name="events a second", better="higher"),
    Metric(name="earliest", unit="ms", better="", alone=True, low=0.0),
    Metric(name="streams not whole", alone=True, high=0.0, strict=True),
)

LIMIT = (
    "the system call that sends, which the C server and the naive one make as well, is most of an event. Of the "
    "rest asyncio's write, the agenda, the plan and the note of the write take their parts, each event in the memory "
    "of another stream. An agenda in pages and few garbage collections brought something; to rest a millisecond "
    "between ticks a tenth at 200 streams and nothing that shows at 1,000; to write to the socket past asyncio's "
    "transport 0.3 µs where nothing else ran, and nothing that shows at 1,000 streams."
)

GOALS = (
    *(
        Goal(
            says=f"CPU of a paced event against {says}",
            cases=(MANY.name,),
            metric=CPU,
            peers=(peer,),
            most=most,
            limit=LIMIT,
        )
        for says, peer, most in (("C", native.NAME, 1.5), ("naive asyncio", naive.NAME, 0.7))
    ),
    Goal(
        says="p99 of lateness below that of aimock and WireMock",
        cases=(SOME.name,),
        metric=LATEST,
        peers=(aimock.NAME, wiremock.NAME),
        of="inverse",
        least=15,
    ),
    Goal(
        says="p99 of lateness below that of naive asyncio",
        cases=(MANY.name,),
        metric=LATEST,
        peers=(naive.NAME,),
        of="inverse",
        least=10,
    ),
    Goal(says="never early", metric="earliest", of="ours", least=0.0, unit="ms"),
)


def run(bench: Bench) -> Iterator[Row]:
    """Measure every number of streams."""
    program(bench, "load")
    with ExitStack() as stack:
        always, skipped = entered(bench, stack, "all", ANSWER, (ours, native, naive))
        yield from skipped
        for case in CASES:
            with ExitStack() as short:
                others, skipped = entered(bench, short, case.name, ANSWER, case.others)
                yield from skipped
                yield from _case(bench, case, {**always, **others})


def _case(bench: Bench, case: Case, servers: Mapping[str, Server]) -> Iterator[Row]:
    contestants = {name: partial(_sample, bench, server, case.streams) for name, server in servers.items()}
    taken = interleaved(bench.rounds, contestants)
    if case.beyond:
        yield from rows(case.name, METRICS, taken)
        return
    again = interleaved(bench.rounds - len(sound(taken)[OURS]), {name: contestants[name] for name in taken})
    both = {name: taken[name] + again[name] for name in taken if name in again}
    yield from told(case.name, both, bench.rounds)


def sound(samples: Rounds) -> Rounds:
    """Return the rounds in which the machine had the time to run ours and the C server."""
    watched = [samples[name] for name in (OURS, native.NAME) if name in samples]
    calm = [
        nth
        for nth, pair in enumerate(zip(*watched, strict=True))
        if all(sample[LATE] <= ANSWER.gap_ms for sample in pair)
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
    note = "" if left >= rounds else f"{left} of {rounds} rounds: the machine was too busy in the others"
    yield from rows(case, [metric for metric in METRICS if not metric.alone], calm, note=note)


def _sample(bench: Bench, server: Server, streams: int) -> Sample:
    demand = Demand(
        connections=streams,
        events=ANSWER.events,
        gap_ms=ANSWER.gap_ms,
        mode="paced",
        seconds=3.0,
        warm_s=2.2,
        ramp_s=2.0,
    )
    seen = load(bench, server, demand)
    late = seen.timed
    return {
        CPU: seen.cpu_us,
        LATE: late.p50_us / 1000,
        LATEST: late.p99_us / 1000,
        "earliest": late.min_us / 1000,
        "events a second": seen.events / seen.window_s,
        "streams not whole": seen.lost,
    }
