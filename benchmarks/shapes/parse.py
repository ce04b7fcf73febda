"""Parse: bytes to events, our parser beside the core of httpx-sse, on the shapes that real streams and bad ones have.

CPU time, in one process, no socket. ``httpx-sse`` is its decoders as ``EventSource.iter_sse`` drives them, with the
incremental UTF-8 decoding that httpx does before. Each shape is also run four times as long: a parser that looks at
bytes twice takes sixteen times as long, not four.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from benchmarks import streams
from benchmarks.measure import OURS, cpu_seconds, interleaved, rows
from benchmarks.rows import Metric, Row
from streamsim.sse import Parser

try:
    # Its public names read an httpx.Response only; these two are what reads the bytes.
    from httpx_sse._decoders import SSEDecoder, SSELineDecoder
except ImportError:
    SSEDecoder = SSELineDecoder = None  # type: ignore[assignment, misc]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.measure import Contestant, Sample


class Case(msgspec.Struct, frozen=True):
    """A stream of any length.

    Attributes:
        name: What people call it.
        build: Makes the reads of a stream ``n`` long, in events or in kilobytes of one event.
        n: How long to make it.

    """

    name: str
    build: Callable[[int], list[bytes]]
    n: int


CASES = (
    Case("150-byte events, 64 KB reads", lambda n: streams.cut(streams.events_of_150_bytes(n), 65536), 20_000),
    Case("150-byte events, one a read", streams.events_of_150_bytes, 20_000),
    Case("150-byte events, 1-byte reads", lambda n: streams.cut(streams.events_of_150_bytes(n), 1), 1_000),
    Case("150-byte events, CRLF, 64 KB reads", lambda n: streams.cut(streams.crlf(n), 65536), 10_000),
    Case("two-line events, 64 KB reads", lambda n: streams.cut(streams.two_lines(n), 65536), 20_000),
    Case("two-line events, one a read", streams.two_lines, 20_000),
    Case("non-ASCII events, 64 KB reads", lambda n: streams.cut(streams.non_ascii(n), 65536), 20_000),
    Case("non-ASCII events, one a read", streams.non_ascii, 20_000),
    Case("ids, comments, many lines, 64 KB reads", lambda n: streams.cut(streams.mixed(n), 65536), 10_000),
    Case("1 MB line, 1 KB reads", lambda n: streams.cut([streams.one_line(n)], 1024), 1024),
    Case("1 MB line, 64 KB reads", lambda n: streams.cut([streams.one_line(n)], 65536), 1024),
    Case("64 KB line, 1-byte reads", lambda n: streams.cut([streams.one_line(n)], 1), 64),
)

SPEED = Metric(name="speed", unit="MB/s", better="higher")
# Four times the bytes in four times the time; the bound leaves room for caches and for a busy machine.
LINEAR = Metric(name="time for 4 N ÷ time for N", alone=True, high=6.0)


def run(bench: Bench) -> Iterator[Row]:
    """Measure every case."""
    for case in CASES:
        yield from _case(bench, case)


def _case(bench: Bench, case: Case) -> Iterator[Row]:
    reads, longer = case.build(case.n), case.build(4 * case.n)
    contestants: dict[str, Contestant] = {OURS: partial(_speed, ours, reads)}
    if SSEDecoder is None:
        yield Row(case=case.name, peer="httpx-sse", skipped="httpx-sse is not installed")
    else:
        contestants["httpx-sse"] = partial(_speed, httpx_sse, reads)
    yield from rows(case.name, [SPEED], interleaved(bench.rounds, contestants))
    yield from rows(case.name, [LINEAR], interleaved(bench.rounds, {OURS: partial(_growth, reads, longer)}))


def ours(reads: list[bytes]) -> int:
    """Return how many events our parser finds."""
    feed = Parser().feed
    return sum(len(feed(read)) for read in reads)


def httpx_sse(reads: list[bytes]) -> int:
    """Return how many events httpx-sse finds."""
    text, lines, events = codecs.getincrementaldecoder("utf-8")("replace"), SSELineDecoder(), SSEDecoder()
    found = 0
    for read in reads:
        decoded = text.decode(read)
        if decoded:
            found += sum(events.decode(line.rstrip("\n")) is not None for line in lines.decode(decoded))
    return found


def _speed(parse: Callable[[list[bytes]], int], reads: list[bytes]) -> Sample:
    return {SPEED.name: sum(map(len, reads)) / 1e6 / cpu_seconds(partial(parse, reads))}


def _growth(reads: list[bytes], longer: list[bytes]) -> Sample:
    return {LINEAR.name: cpu_seconds(partial(ours, longer)) / cpu_seconds(partial(ours, reads))}
