"""Drift: one stream at a time and server, an event every 20 ms. Is the last event as punctual as the first?

With --big a stream takes 60 seconds, else 10. All servers play side by side, and each round begins a little after the
one before, because single streams hardly take any time of the machine. Lateness of event n is its arrival minus (when
the first was due + n gaps), on one monotonic clock, the client's wake-up included. Drift is the mean lateness of the
last 50 events minus that of the first 50. A server that sleeps for each gap drifts by the sum of its delays; one that
keeps absolute deadlines cannot.
"""

from __future__ import annotations

import selectors
import socket
import time
from contextlib import ExitStack
from statistics import fmean
from typing import TYPE_CHECKING

from benchmarks.contest import entered
from benchmarks.goals import Goal
from benchmarks.inputs import REQUEST
from benchmarks.measure import OURS, rows
from benchmarks.peers import aimock, guidellm, llmock, naive, native, node_http, ours, starlette, stubllm, wiremock
from benchmarks.peers.answering import Answer
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample
    from benchmarks.processes import Server

GAP_MS = 20
SECONDS, BIG_SECONDS = 10, 60
EDGE = 50
# So that neither rounds nor servers have their deadlines together.
ROUND_APART_NS, SERVER_APART_NS = 1_003_000_000, 1_700_000
CASE = f"one client, {GAP_MS} ms between events"

MOCKS = (aimock, wiremock, llmock, stubllm, guidellm)
PEERS = (ours, native, naive, *MOCKS, starlette, node_http)


DRIFT = "drift"
METRICS = (
    Metric(name=DRIFT, unit="ms", compared=False, high=1.0),
    Metric(name="first events late by", unit="ms"),
    Metric(name="last events late by", unit="ms"),
    Metric(name="earliest", unit="ms", better="", alone=True, low=0.0),
)

GOALS = (
    Goal(says="no drift", cases=(CASE,), metric=DRIFT, of="ours", most=1.0, unit="ms"),
    Goal(
        says="where every mock server drifts",
        cases=(CASE,),
        metric=DRIFT,
        peers=tuple(peer.NAME for peer in MOCKS),
        of="theirs",
        least=10.0,
        unit="ms",
    ),
    Goal(says="never early", cases=(CASE,), metric="earliest", of="ours", least=0.0, unit="ms"),
)


class Stream:
    """One stream, of which the end of each event is timed."""

    def __init__(self, server: Server, events: int) -> None:
        self.arrivals_ns: list[int] = []
        self.sock = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        self._events = events
        self._last = b""
        self.asked_ns = time.monotonic_ns()
        self.sock.sendall(REQUEST)

    def read(self) -> bool:
        """Read what is there; return whether there will be more."""
        data = self.sock.recv(65536)
        now_ns = time.monotonic_ns()
        # An event ends in two LF; they may come in two reads, and nothing else in the stream holds them.
        self.arrivals_ns += [now_ns] * (self._last + data).count(b"\n\n")
        self._last = data[-1:]
        if data and len(self.arrivals_ns) < self._events:
            return True
        self.sock.close()
        return False


def run(bench: Bench) -> Iterator[Row]:
    """Let all servers play side by side."""
    seconds = BIG_SECONDS if bench.big else SECONDS
    answer = Answer(events=seconds * 1000 // GAP_MS, gap_ms=GAP_MS)
    with ExitStack() as stack:
        servers, skipped = entered(bench, stack, CASE, answer, PEERS, asked=False)
        yield from skipped
        streams = _side_by_side(servers, answer.events, bench.rounds)
    samples: dict[str, list[Sample]] = {}
    for name, taken in streams.items():
        try:
            samples[name] = [
                told(each.asked_ns, each.arrivals_ns, servers[name].first_ms, answer.events) for each in taken
            ]
        except RuntimeError as error:
            if name == OURS:
                raise
            yield Row(case=CASE, peer=name, skipped=str(error))
    yield from rows(CASE, METRICS, samples, note=f"{answer.events:,} events")


def _side_by_side(servers: Mapping[str, Server], events: int, rounds: int) -> dict[str, list[Stream]]:
    """Ask every server once a round, and read all that comes."""
    begun_ns = time.monotonic_ns()
    waiting = [
        (begun_ns + nth * ROUND_APART_NS + place * SERVER_APART_NS, name)
        for nth in range(rounds)
        for place, name in enumerate(servers)
    ]
    streams: dict[str, list[Stream]] = {name: [] for name in servers}
    with selectors.DefaultSelector() as ready:
        while waiting or ready.get_map():
            while waiting and waiting[0][0] <= time.monotonic_ns():
                _, name = waiting.pop(0)
                stream = Stream(servers[name], events)
                streams[name].append(stream)
                ready.register(stream.sock, selectors.EVENT_READ, stream)
            for key, _ in ready.select(max(0, waiting[0][0] - time.monotonic_ns()) / 1e9 if waiting else None):
                sock = key.fileobj
                if not key.data.read():
                    ready.unregister(sock)
    return streams


def told(asked_ns: int, arrivals_ns: Sequence[int], first_ms: float, events: int) -> Sample:
    """Return what ``arrivals_ns`` say about a server that was asked at ``asked_ns``."""
    if len(arrivals_ns) != events:
        raise RuntimeError(f"{len(arrivals_ns)} of {events} events came")
    late = [(at_ns - asked_ns) / 1e6 - first_ms - nth * GAP_MS for nth, at_ns in enumerate(arrivals_ns)]
    first, last = fmean(late[:EDGE]), fmean(late[-EDGE:])
    return {DRIFT: last - first, "first events late by": first, "last events late by": last, "earliest": min(late)}
