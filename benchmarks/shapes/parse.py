"""Parse: bytes to events, our parser beside those of others, on the shapes that real streams and bad ones have.

CPU time, in one process, no socket. ``httpx-sse`` is its decoders as ``EventSource.iter_sse`` drives them, with the
incremental UTF-8 decoding that httpx does before; the others are what users call, as far as it reads bytes. Each shape
is also run four times as long: a parser that looks at bytes twice takes sixteen times as long, not four.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from benchmarks import streams
from benchmarks.goals import Goal
from benchmarks.measure import OURS, cpu_seconds, interleaved, rows
from benchmarks.parsers import CORE, others, ours
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.measure import Contestant, Sample
    from benchmarks.parsers import Count


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
    Case("150-byte events, 64 KB reads", lambda n: streams.cut(streams.events_of_150_bytes(n), 65536), 6_000),
    Case("150-byte events, one a read", streams.events_of_150_bytes, 6_000),
    Case("150-byte events, 1-byte reads", lambda n: streams.cut(streams.events_of_150_bytes(n), 1), 1_000),
    Case("150-byte events, CRLF, 64 KB reads", lambda n: streams.cut(streams.crlf(n), 65536), 4_000),
    Case("two-line events, 64 KB reads", lambda n: streams.cut(streams.two_lines(n), 65536), 6_000),
    Case("two-line events, one a read", streams.two_lines, 6_000),
    Case("non-ASCII events, 64 KB reads", lambda n: streams.cut(streams.non_ascii(n), 65536), 6_000),
    Case("non-ASCII events, one a read", streams.non_ascii, 6_000),
    Case("ids, comments, many lines, 64 KB reads", lambda n: streams.cut(streams.mixed(n), 65536), 4_000),
    Case("1 MB line, 1 KB reads", lambda n: streams.cut([streams.one_line(n)], 1024), 1024),
    Case("1 MB line, 64 KB reads", lambda n: streams.cut([streams.one_line(n)], 65536), 1024),
    Case("64 KB line, 1-byte reads", lambda n: streams.cut([streams.one_line(n)], 1), 64),
)

SPEED = Metric(name="speed", unit="MB/s", better="higher")
# Four times the bytes in four times the time; the bound leaves room for caches and for a busy machine.
LINEAR = Metric(name="time for 4 N ÷ time for N", alone=True, high=6.0)

_SHORT = ("150-byte events, 64 KB reads", "150-byte events, one a read", "150-byte events, 1-byte reads")
_TWO_LINES = ("two-line events, 64 KB reads", "two-line events, one a read")
_LONG = ("1 MB line, 1 KB reads", "1 MB line, 64 KB reads", "64 KB line, 1-byte reads")
_NON_ASCII = ("non-ASCII events, 64 KB reads", "non-ASCII events, one a read")

GOALS = (
    Goal(says="parsing 150-byte events against httpx-sse", metric=SPEED.name, cases=_SHORT, peers=(CORE,), least=4),
    Goal(says="parsing two-line events against httpx-sse", metric=SPEED.name, cases=_TWO_LINES, peers=(CORE,), least=3),
    Goal(says="parsing long lines against httpx-sse", metric=SPEED.name, cases=_LONG, peers=(CORE,), least=3),
    Goal(says="parsing non-ASCII against httpx-sse", metric=SPEED.name, cases=_NON_ASCII, peers=(CORE,), least=2.5),
    Goal(says="parsing any shape against any parser", metric=SPEED.name, least=1),
)


def run(bench: Bench) -> Iterator[Row]:
    """Measure every case."""
    # Once this much was given back, glibc keeps what is freed; before, it may ask the kernel anew for each long line.
    bytearray(30_000_000)
    found = others(bench)
    parsers: dict[str, Count] = {OURS: ours}
    for name, parser in found.items():
        if isinstance(parser, str):
            yield Row(case="all", peer=name, skipped=parser)
        else:
            parsers[name] = parser
    for case in CASES:
        yield from _case(bench, case, parsers)


def _case(bench: Bench, case: Case, parsers: dict[str, Count]) -> Iterator[Row]:
    reads, longer = case.build(case.n), case.build(4 * case.n)
    contestants: dict[str, Contestant] = {name: partial(_speed, parser, reads) for name, parser in parsers.items()}
    yield from rows(case.name, [SPEED], interleaved(bench.rounds, contestants))
    yield from rows(case.name, [LINEAR], interleaved(bench.rounds, {OURS: partial(_growth, reads, longer)}))


def _speed(parse: Count, reads: list[bytes]) -> Sample:
    return {SPEED.name: sum(map(len, reads)) / 1e6 / cpu_seconds(partial(parse, reads))}


def _growth(reads: list[bytes], longer: list[bytes]) -> Sample:
    return {LINEAR.name: cpu_seconds(partial(ours, longer)) / cpu_seconds(partial(ours, reads))}
