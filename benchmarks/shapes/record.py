"""Record: one httpx client reads a stream of 50 events, 20 ms apart, that is recorded. What does the client notice?

Ours is ``streamsim record --proxy`` between client and server; vcrpy sits in the client; beside them nobody records.
CPU is that of the client and, of ours, of the proxy as well, for each event. A recorder that reads an answer to its end
before it hands it on makes the first event as late as the last, and what it keeps has no times.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from functools import partial
from importlib import metadata
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from benchmarks.bench import ROOT, AbsentError
from benchmarks.contest import served
from benchmarks.inputs import TARGET
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.peers import native, recorder
from benchmarks.peers.answering import Answer
from benchmarks.processes import listening
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.goals import Goal
    from benchmarks.measure import Contestant, Sample
    from benchmarks.processes import Server

ANSWER = Answer(events=50, gap_ms=20)
CASE = f"one client, {ANSWER.events} events at {ANSWER.gap_ms} ms"
VCRPY, DIRECT = "vcrpy", "nobody records"

METRICS = (
    Metric(name="first event after", unit="ms"),
    Metric(name="last event after", unit="ms"),
    Metric(name="longest gap", unit="ms"),
    Metric(name="CPU an event", unit="µs"),
)

GOALS: tuple[Goal, ...] = ()


class Seen(msgspec.Struct, frozen=True):
    """What the client saw."""

    arrivals_ms: list[float]
    cpu_s: float


def run(bench: Bench) -> Iterator[Row]:
    """Measure ours, vcrpy, and nobody."""
    if find_spec("httpx") is None:
        raise AbsentError("httpx is not installed")
    with ExitStack() as stack:
        upstream = stack.enter_context(served(bench, native, ANSWER))
        proxy = stack.enter_context(listening(bench, recorder.command(bench, upstream)))
        contestants: dict[str, Contestant] = {
            OURS: partial(_sample, proxy, among=proxy),
            DIRECT: partial(_sample, upstream),
        }
        if find_spec("vcr") is None:
            yield Row(case=CASE, peer=VCRPY, skipped="vcrpy is not installed")
        else:
            bench.versions[VCRPY] = metadata.version(VCRPY)
            contestants[VCRPY] = partial(_sample, upstream, cassette=bench.folder / "cassette.yaml")
        yield from rows(CASE, METRICS, interleaved(bench.rounds, contestants))


def _sample(server: Server, *, among: Server | None = None, cassette: Path | None = None) -> Sample:
    command = [sys.executable, "-m", "benchmarks.programs.read", f"http://127.0.0.1:{server.port}{TARGET}"]
    if cassette is not None:
        cassette.unlink(missing_ok=True)
        command.append(str(cassette))
    before_s = _cpu_s(among)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=120)
    return told(msgspec.json.decode(done.stdout, type=Seen), _cpu_s(among) - before_s)


def told(seen: Seen, recorder_s: float) -> Sample:
    """Return what was ``seen`` as a sample; a recorder beside the client took ``recorder_s``."""
    arrivals = seen.arrivals_ms
    if len(arrivals) != ANSWER.events:
        raise RuntimeError(f"{len(arrivals)} of {ANSWER.events} events came")
    return {
        "first event after": arrivals[0],
        "last event after": arrivals[-1],
        "longest gap": max(later - earlier for earlier, later in pairwise(arrivals)),
        "CPU an event": (seen.cpu_s + recorder_s) * 1e6 / ANSWER.events,
    }


def _cpu_s(server: Server | None) -> float:
    """Return the CPU time that the processes of ``server`` have taken so far."""
    if server is None:
        return 0.0
    threads = (path for pid in server.pids() for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(int(path.read_text().split()[0]) for path in threads) / 1e9
