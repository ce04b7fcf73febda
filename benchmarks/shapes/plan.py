"""Plan: how long it takes to make ready, plan and hash an exchange of 1 and 10,000 chunks; of 1,000,000 with --big.

Making ready hashes the recording. The first plan of an exchange also reads its events; later ones, for another attempt
or pacing, do not. The plan sets a gap between all content chunks. CPU time; all of it should grow as the chunks do.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.inputs import chat_events, recording
from benchmarks.measure import OURS, cpu_seconds, interleaved, rows
from benchmarks.rows import Metric, Row
from streamsim import Pacing, Planner, Profile
from streamsim.plan.distribution import parse_distribution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample
    from streamsim import Recording

CHUNKS = (1, 10_000)
BIG = 1_000_000

METRICS = (
    Metric(name="ready", unit="ms"),
    Metric(name="first plan", unit="ms"),
    Metric(name="next plan", unit="ms"),
    Metric(name="digest", unit="ms"),
    Metric(name="all, a chunk", unit="µs"),
)

_PROFILE = Profile(pacing=Pacing(itl=parse_distribution("lognormal(30ms,0.4)")))


def run(bench: Bench) -> Iterator[Row]:
    """Measure every number of chunks."""
    for chunks in CHUNKS if not bench.big else (*CHUNKS, BIG):
        contestants = {OURS: partial(_sample, recording(events(chunks)))}
        yield from rows(_case(chunks), METRICS, interleaved(bench.rounds, contestants))


def _case(chunks: int) -> str:
    return "1 chunk" if chunks == 1 else f"{chunks:,} chunks"


def events(count: int) -> list[bytes]:
    """Return ``count`` chunks of a chat answer."""
    return chat_events(max(3, count))[-count:]


def _sample(told: Recording) -> Sample:
    planner = Planner(told)
    again = planner.plan(1, _PROFILE)
    seconds = {
        "ready": cpu_seconds(partial(Planner, told)),
        "first plan": cpu_seconds(lambda: Planner(told).plan(1, _PROFILE)),
        "next plan": cpu_seconds(lambda: planner.plan(1, _PROFILE, attempt=2)),
        "digest": cpu_seconds(lambda: again.digest),
    }
    seconds["first plan"] -= seconds["ready"]
    whole_s = seconds["ready"] + seconds["first plan"] + seconds["digest"]
    chunks = len(told.exchanges[0].chunks)
    return {**{name: spent * 1e3 for name, spent in seconds.items()}, "all, a chunk": whole_s * 1e6 / chunks}
