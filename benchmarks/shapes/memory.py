"""Memory: 2,000 streams that have got their first event and wait for the next. What does one of them keep?

The proportional set size of the server's processes with the streams open, minus that before, for each stream: what the
server's own side costs, above the socket, which the kernel keeps. Every round has a new server, that has answered 50
streams before.
"""

from __future__ import annotations

import socket
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bench import AbsentError
from benchmarks.contest import served
from benchmarks.goals import Goal
from benchmarks.inputs import REQUEST
from benchmarks.measure import interleaved, rows
from benchmarks.peers import llmock, naive, native, node_http, ours, starlette
from benchmarks.peers.answering import Answer
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.bench import Bench
    from benchmarks.contest import Peer
    from benchmarks.measure import Contestant, Sample
    from benchmarks.processes import Server

STREAMS = 2000
BEFORE = 50
# Nothing more comes while anybody looks.
ANSWER = Answer(events=5, gap_ms=600_000)
CASE = f"{STREAMS:,} open streams"
PEERS = (ours, native, naive, node_http, starlette, llmock)
PATIENCE_S = 60.0

A_STREAM = "a stream"
METRICS = (Metric(name=A_STREAM, unit="kB"), Metric(name="before the first", unit="MB"))

GOALS = (
    Goal(
        says="memory of an open stream above the socket", cases=(CASE,), metric=A_STREAM, of="ours", most=4, unit="kB"
    ),
)


def run(bench: Bench) -> Iterator[Row]:
    """Measure ours and its peers."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise AbsentError("the memory of a process is told on Linux only")
    contestants: dict[str, Contestant] = {}
    for peer in PEERS:
        try:
            peer.command(bench, ANSWER)
        except AbsentError as error:
            yield Row(case=CASE, peer=peer.NAME, skipped=str(error))
        else:
            contestants[peer.NAME] = partial(_sample, bench, peer)
    yield from rows(CASE, METRICS, interleaved(bench.rounds, contestants))


def _sample(bench: Bench, peer: Peer) -> Sample:
    with served(bench, peer, ANSWER) as server:
        with ExitStack() as stack:
            _open(stack, server, BEFORE)
        before = resident(server.pids())
        with ExitStack() as stack:
            _open(stack, server, STREAMS)
            after = resident(server.pids())
    return {A_STREAM: (after - before) / STREAMS / 1000, "before the first": before / 1e6}


def _open(stack: ExitStack, server: Server, streams: int) -> None:
    """Ask for so many streams, and wait for the first event of each."""
    for _ in range(streams):
        sock = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE_S))
        sock.sendall(REQUEST)
        got = b""
        while b"data: " not in got:
            more = sock.recv(4096)
            if not more:
                raise RuntimeError(f"the stream ended: {got!r}")
            got += more


def resident(pids: Sequence[int]) -> int:
    """Return the bytes of memory that ``pids`` have, what they share with others counted in part."""
    told = (Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids)
    return sum(1024 * int(text.partition("\nPss:")[2].split()[0]) for text in told)
