"""Load: a recording of 100 MB from its file, beside reading the same lines into dictionaries.

``streamsim.load`` gives typed, checked lines, sorted into exchanges; the peers give a list of dictionaries, which
nobody has looked at yet. CPU time, in one process, everything kept until the end.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from benchmarks.goals import Goal
from benchmarks.inputs import large_file
from benchmarks.measure import OURS, cpu_seconds, interleaved, rows
from benchmarks.rows import Metric, Row
from streamsim import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample

SIZE = 100_000_000

CASE = "100 MB"
JSON = "json.loads a line"
GOALS = (
    Goal(
        says="loading against json",
        cases=(CASE,),
        metric="speed",
        peers=(JSON,),
        least=6,
        limit=(
            "decoding typed lines alone, a block in one call, and keeping them takes nine tenths of what the goal "
            "allows: a line holds a chunk as text with some thirty escapes. Splitting takes a sixth of that again, "
            "placing lines in their exchanges a seventh; up to a third of all is the system's, which finds memory for "
            "the result. Decoding blocks unsplit takes two objects in a line for two lines; to prove that there are "
            "none costs as much as splitting, by counting as by a regular expression."
        ),
    ),
)
METRICS = (Metric(name="speed", unit="MB/s", better="higher"),)


def run(bench: Bench) -> Iterator[Row]:
    """Measure ours, msgspec and json."""
    path = large_file(bench.folder / "large.jsonl", SIZE)
    contestants = {
        OURS: partial(_sample, path, load),
        "msgspec Decoder(dict) a line": partial(_sample, path, partial(_each, msgspec.json.Decoder(dict).decode)),
        JSON: partial(_sample, path, partial(_each, json.loads)),
    }
    yield from rows(CASE, METRICS, interleaved(bench.rounds, contestants))


def _each(decode: Callable[[bytes], object], path: Path) -> object:
    with path.open("rb") as file:
        return list(map(decode, file))


def _sample(path: Path, read: Callable[[Path], object]) -> Sample:
    return {"speed": path.stat().st_size / 1e6 / cpu_seconds(partial(read, path), least=0)}
