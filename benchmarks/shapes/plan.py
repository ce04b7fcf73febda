"""Plan: how long it takes to load, make ready, plan and hash 1 and 10,000 chunks; 1,000,000 with --big.

Loading reads the file into typed, checked lines; "all" is what comes after it. Making ready hashes the recording. The
first plan of an exchange also reads its events; later ones, for another attempt or pacing, do not. The plan sets a gap
between all content chunks. CPU time; all of it should grow as the chunks do. Memory is what is held at most while all
this is done and each step asked for, above the recording itself, by Python's own account, taken once.
"""

from __future__ import annotations

import tracemalloc
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.goals import Goal
from benchmarks.inputs import chat_events, recording_file
from benchmarks.measure import OURS, cpu_seconds, interleaved, rows
from benchmarks.rows import Metric, Row
from streamsim import Pacing, Planner, Profile, load
from streamsim.plan.distribution import parse_distribution

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample
    from streamsim import Recording

CHUNKS = (1, 10_000)
BIG = 1_000_000
ALL, A_CHUNK = "all", "all, a chunk"

METRICS = (
    Metric(name="load", unit="ms"),
    Metric(name="ready", unit="ms"),
    Metric(name="first plan", unit="ms"),
    Metric(name="next plan", unit="ms"),
    Metric(name="digest", unit="ms"),
    Metric(name=ALL, unit="ms"),
    Metric(name=A_CHUNK, unit="µs"),
)
MEMORY = Metric(name="memory at most, a chunk", unit="B")
GROWTH = Metric(name=f"time a chunk, ÷ that with {CHUNKS[-1]:,}")


def _case(chunks: int) -> str:
    return "1 chunk" if chunks == 1 else f"{chunks:,} chunks"


GOALS = (
    Goal(
        says="planning a million chunks",
        cases=(_case(BIG),),
        metric=ALL,
        of="ours",
        most=5000,
        unit="ms",
        limit=(
            "every chunk is read for what it says, which takes half of it; the other half is hashing lines and steps, "
            "and drawing gaps. Making steps as they are asked for, keeping no event, and hashing and drawing by "
            "thousands brought it from three times as much."
        ),
    ),
    Goal(
        says="memory of a plan of a million chunks, a chunk",
        cases=(_case(BIG),),
        metric=MEMORY.name,
        of="ours",
        most=32,
        unit="B",
    ),
    Goal(says="planning is linear", cases=(_case(BIG),), metric=GROWTH.name, of="ours", most=1.5),
)

_PROFILE = Profile(pacing=Pacing(itl=parse_distribution("lognormal(30ms,0.4)")))


def run(bench: Bench) -> Iterator[Row]:
    """Measure every number of chunks."""
    sizes = (*CHUNKS, BIG) if bench.big else CHUNKS
    files = {chunks: recording_file(bench.folder / f"{chunks}.jsonl", events(chunks)) for chunks in sizes}
    recordings = {chunks: load(path) for chunks, path in files.items()}
    samples = interleaved(
        bench.rounds, {chunks: partial(_sample, files[chunks], recordings[chunks]) for chunks in sizes}
    )
    for chunks in sizes:
        yield from rows(_case(chunks), METRICS, {OURS: samples[chunks]})
        yield Row(case=_case(chunks), metric=MEMORY, ours=(_memory(recordings[chunks]) / chunks,))
        if chunks > CHUNKS[-1]:
            pairs = zip(samples[chunks], samples[CHUNKS[-1]], strict=True)
            growth = [{GROWTH.name: large[A_CHUNK] / small[A_CHUNK]} for large, small in pairs]
            yield from rows(_case(chunks), [GROWTH], {OURS: growth})


def events(count: int) -> list[bytes]:
    """Return ``count`` chunks of a chat answer."""
    return chat_events(max(3, count))[-count:]


def _sample(path: Path, told: Recording) -> Sample:
    planner = Planner(told)
    again = planner.plan(1, _PROFILE)
    seconds = {
        "load": cpu_seconds(partial(load, path)),
        "ready": cpu_seconds(partial(Planner, told)),
        "first plan": cpu_seconds(lambda: Planner(told).plan(1, _PROFILE)),
        "next plan": cpu_seconds(lambda: planner.plan(1, _PROFILE, attempt=2)),
        "digest": cpu_seconds(lambda: again.digest),
    }
    seconds["first plan"] -= seconds["ready"]
    seconds[ALL] = seconds["ready"] + seconds["first plan"] + seconds["digest"]
    chunks = len(told.exchanges[0].chunks)
    taken = {name: spent * 1e3 for name, spent in seconds.items()}
    return {**taken, A_CHUNK: seconds[ALL] * 1e6 / chunks}


def _memory(told: Recording) -> int:
    """Return the bytes held at most while ``told`` is planned from scratch."""
    tracemalloc.start()
    try:
        plan = Planner(told).plan(1, _PROFILE)
        _ = plan.digest, plan.succeeds
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
