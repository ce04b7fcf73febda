"""Drift: one client, one stream of 500 events at 20 ms. Is the last event as punctual as the first?

Lateness of event n is its arrival minus (request + n gaps), on one monotonic clock, the client's wake-up included.
Drift is the mean lateness of the last 50 events minus that of the first 50. A server that sleeps for each gap drifts
by the sum of its delays; one that keeps absolute deadlines cannot.
"""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING

from benchmarks.bench import AbsentError
from benchmarks.inputs import TARGET, chat_events, recording_file
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.processes import c_server, python_server, serve
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample

EVENTS = 500
GAP_MS = 20
EDGE = 50
CASE = f"{EVENTS} events at {GAP_MS} ms, one client"

_REQUEST = f"POST {TARGET} HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{{}}".encode()

METRICS = (
    Metric(name="drift", unit="ms", compared=False, high=1.0),
    Metric(name="first events late by", unit="ms"),
    Metric(name="last events late by", unit="ms"),
    Metric(name="earliest", unit="ms", better="", alone=True, low=0.0),
)


def run(bench: Bench) -> Iterator[Row]:
    """Measure ours, a naive asyncio server and the C server, one after the other."""
    frames = chat_events(EVENTS)
    file = recording_file(bench.folder / "drift.jsonl", frames, gap_us=GAP_MS * 1000)
    events = bench.folder / "drift.txt"
    events.write_bytes(b"".join(frames))
    with ExitStack() as stack:
        servers = {
            OURS: stack.enter_context(serve(bench, str(file))),
            "asyncio, sleep(gap)": stack.enter_context(
                python_server(bench, "benchmarks.peers.naive", str(events), str(GAP_MS))
            ),
        }
        try:
            servers["C epoll"] = stack.enter_context(c_server(bench, frames, gap_ms=GAP_MS))
        except AbsentError as error:
            yield Row(case=CASE, peer="C epoll", skipped=str(error))
        contestants = {name: partial(_sample, server.port) for name, server in servers.items()}
        yield from rows(CASE, METRICS, interleaved(bench.rounds, contestants))


def _sample(port: int) -> Sample:
    asked_ns, arrivals_ns = _arrivals(port)
    return told(asked_ns, arrivals_ns)


def told(asked_ns: int, arrivals_ns: Sequence[int]) -> Sample:
    """Return what ``arrivals_ns`` say about a server that was asked at ``asked_ns``."""
    if len(arrivals_ns) != EVENTS:
        raise RuntimeError(f"{len(arrivals_ns)} of {EVENTS} events came")
    late = [(at_ns - asked_ns) / 1e6 - nth * GAP_MS for nth, at_ns in enumerate(arrivals_ns)]
    first, last = fmean(late[:EDGE]), fmean(late[-EDGE:])
    return {"drift": last - first, "first events late by": first, "last events late by": last, "earliest": min(late)}


def _arrivals(port: int) -> tuple[int, list[int]]:
    """Ask once; return when, and when the end of each event was read."""
    arrivals_ns: list[int] = []
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
        asked_ns = time.monotonic_ns()
        sock.sendall(_REQUEST)
        before = b""
        while not before.endswith(b"0\r\n\r\n"):
            data = sock.recv(65536)
            now_ns = time.monotonic_ns()
            if not data:
                break
            # An event ends in two LF; they may come in two reads, and nothing else in the stream holds them.
            arrivals_ns += [now_ns] * ((before[-1:] + data).count(b"\n\n"))
            before = before[-5:] + data
    return asked_ns, arrivals_ns
