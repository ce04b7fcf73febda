"""Virtual: 1,000 streams of 100 events in memory, under one virtual clock. How many events a second of CPU?

From the first request to the last byte: requests are parsed and matched, plans are played, every write is kept with
its time. The bare heap beside it does the least that any discrete-event player must: take the earliest deadline, keep
(time, bytes), put the next one in.
"""

from __future__ import annotations

from functools import partial
from heapq import heappop, heapreplace
from typing import TYPE_CHECKING

from benchmarks.inputs import REQUEST, chat_events, recording
from benchmarks.measure import OURS, cpu_seconds, interleaved, rows
from benchmarks.rows import Metric, Row
from streamsim import Engine, Planner, VirtualClock
from streamsim.shells.memory import MemoryClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.bench import Bench
    from benchmarks.goals import Goal
    from benchmarks.measure import Sample

STREAMS = 1000
EVENTS = 100
GAP_NS = 20_000_000
# Streams begin apart, so that deadlines do not fall together.
APART_NS = 17_000

GOALS: tuple[Goal, ...] = ()
METRICS = (Metric(name="events a second", better="higher"), Metric(name="CPU an event", unit="µs"))


def run(bench: Bench) -> Iterator[Row]:
    """Measure the memory shell and a bare heap."""
    frames = chat_events(EVENTS)
    planner = Planner(recording(frames, gap_us=GAP_NS // 1000))
    contestants = {
        OURS: partial(_sample, partial(played, planner)),
        "bare heap": partial(_sample, partial(_bare, frames)),
    }
    case = f"{STREAMS:,} streams of {EVENTS} events"
    yield from rows(case, METRICS, interleaved(bench.rounds, contestants))


def played(planner: Planner, streams: int = STREAMS) -> list[MemoryClient]:
    """Return clients, each of which has got its whole stream."""
    engine = Engine([planner])
    clock = VirtualClock()
    clients: list[MemoryClient] = []

    def begin() -> None:
        client = MemoryClient(engine, clock, number=len(clients) + 1)
        clients.append(client)
        client.send(REQUEST)

    for nth in range(streams):
        clock.call_at_ns(nth * APART_NS, begin)
    while clock.run_next():
        pass
    return clients


def _bare(frames: list[bytes]) -> list[list[tuple[int, bytes]]]:
    got: list[list[tuple[int, bytes]]] = [[] for _ in range(STREAMS)]
    heap = [(nth * APART_NS, nth) for nth in range(STREAMS)]
    while heap:
        due_ns, nth = heap[0]
        stream = got[nth]
        stream.append((due_ns, frames[len(stream)]))
        if len(stream) < len(frames):
            heapreplace(heap, (due_ns + GAP_NS, nth))
        else:
            heappop(heap)
    return got


def _sample(work: Callable[[], object]) -> Sample:
    spent_s = cpu_seconds(work, least=0)
    return {"events a second": STREAMS * EVENTS / spent_s, "CPU an event": spent_s * 1e6 / (STREAMS * EVENTS)}
