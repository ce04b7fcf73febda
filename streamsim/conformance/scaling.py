"""Time and memory: the same shape in several sizes.

Law: two points are noise. A shape is doubled until it takes long enough to be measured; its time is quadratic if four
times the size took eight times as long or more, measured twice. What is delivered has to be right at every size.
"""

from __future__ import annotations

import tracemalloc
from time import perf_counter
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from streamsim.conformance.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamsim.conformance.policy import Policy
    from streamsim.conformance.reading import Reading, Target

SMALLEST: Final = 16 * 1024
LARGEST: Final = 8 * 1024 * 1024
ENOUGH_S: Final = 0.25
"""A measurement that takes this long is no noise."""
_WORTH_S: Final = 0.05
_TOLD: Final = ("linear-time", "no-hang", "no-crash", "fields")
"""The rules that a shape may be seen to break."""
_KEPT: Final = 0.5
"""Bytes that may stay in memory for each byte of comments, at most."""


class Shape(NamedTuple):
    """A stream of any size.

    Attributes:
        name: In words.
        unit: What is repeated, between ``before`` and ``after``.
        chunk: Bytes of each chunk; 0 for one chunk.
        needs: Features without which it says nothing.
        rule: What is broken where it takes too long.

    """

    name: str
    before: bytes
    unit: bytes
    after: bytes
    chunk: int
    needs: frozenset[str] = frozenset()

    def chunks(self, size: int) -> list[bytes]:
        """Return a stream of about ``size`` bytes."""
        data = self.before + self.unit * (size // len(self.unit)) + self.after
        step = self.chunk or len(data)
        return [data[start : start + step] for start in range(0, len(data), step)]

    def right(self, size: int) -> tuple[int, int]:
        """Return how many events there are in it, and how many characters of data."""
        times = size // len(self.unit)
        if self.unit.startswith(b":"):
            return 1, 1
        if self.unit.endswith(b"\n\n"):
            return times, times * 3
        if self.unit.endswith(b"\n"):
            return 1, times * 4 - 1
        return 1, times * len(self.unit)


_CUT: Final = frozenset({"cut"})
_NOISE: Final = frozenset({"comment-block", "blank-first"})
SHAPES: Final = (
    Shape("one long line in chunks of 1 KiB", b"data: ", b"x" * 64, b"\n\n", 1024, _CUT),
    Shape("one long line in one chunk", b"data: ", b"x" * 64, b"\n\n", 0),
    Shape("many data lines in chunks of 1 KiB", b"", b"data: xyz\n", b"\n", 1024, _CUT | {"lines", "cut-line"}),
    Shape("many data lines in one chunk", b"", b"data: xyz\n", b"\n", 0, frozenset({"lines"})),
    Shape("many events in one chunk", b"", b"data: xyz\n\n", b"", 0, frozenset({"events"})),
    Shape("many events in chunks of 1 KiB", b"", b"data: xyz\n\n", b"", 1024, _CUT | {"events"}),
    Shape("one event in chunks of 16 bytes", b"data: ", b"x" * 64, b"\n\n", 16, _CUT),
    Shape("many comments in chunks of 1 KiB", b"", b": ping\n\n", b"data: a\n\n", 1024, _CUT | _NOISE),
    Shape("many comments in one chunk", b"", b": ping\n\n", b"data: a\n\n", 0, _NOISE),
)  # fmt: skip


def scaling(
    target: Target, policy: Policy, looks_at: Callable[[str], bool], broken: set[frozenset[str]]
) -> Iterator[Finding]:
    """Yield what is wrong with large streams."""
    if policy.payload:
        return
    told: set[str] = set()
    for shape in SHAPES if any(map(looks_at, _TOLD)) else ():
        if any(cause <= shape.needs for cause in broken) or (shape.chunk and not target.cuts):
            continue
        finding = _time(target, shape)
        if finding is not None and looks_at(finding.rule) and finding.features[0] not in told:
            told.add(finding.features[0])
            yield _labelled(finding, policy)
    if target.here and target.cuts and looks_at("bounded-memory"):
        finding = _memory(target)
        if finding is not None:
            yield _labelled(finding, policy)


def _time(target: Target, shape: Shape) -> Finding | None:
    """Return what is wrong with ``shape``."""
    times: dict[int, float] = {}
    size = SMALLEST
    while size <= LARGEST:
        seconds, reading = _measured(target, shape, size)
        wrong = _wrong(reading, shape, size)
        if wrong is not None and not (reading.hung and _grows(times)):
            return wrong
        times[size] = seconds
        if seconds >= ENOUGH_S:
            break
        size *= 2
    if not _grows(times):
        return None
    size = max(times)
    again = {size // 4: _measured(target, shape, size // 4)[0], size: _measured(target, shape, size)[0]}
    if not _grows(again):
        return None
    ratio = again[size] / again[size // 4]
    what = (
        f"{size // 4} bytes take {again[size // 4]:.3f} s, {size} bytes {again[size]:.3f} s: {ratio:.0f} times as long"
    )
    return _finding("linear-time", "quadratic", what, shape, size)


def _grows(times: dict[int, float]) -> bool:
    size = max(times, default=0)
    if size // 4 not in times or times[size] < _WORTH_S:
        return False
    return times[size] >= 8 * times[size // 4]


def _measured(target: Target, shape: Shape, size: int) -> tuple[float, Reading]:
    chunks = shape.chunks(size)
    began = perf_counter()
    reading = target.read(chunks)
    return perf_counter() - began, reading


def _wrong(reading: Reading, shape: Shape, size: int) -> Finding | None:
    if reading.hung:
        return _finding("no-hang", "size", "did not end in time", shape, size)
    if reading.error:
        return _finding("no-crash", "size", f"raised {reading.error[:200]}", shape, size)
    count, characters = len(reading.events), sum(len(each.data) for each in reading.events)
    right = shape.right(size)
    if (count, characters) == right:
        return None
    what = f"gave {count} events of {characters} characters instead of {right[0]} of {right[1]}"
    return _finding("fields", "size", what, shape, size)


def _memory(target: Target) -> Finding | None:
    """Return whether comments, which deliver nothing, pile up."""
    shape = next(each for each in SHAPES if each.unit.startswith(b":") and each.chunk)
    small, large = 256 * 1024, 1024 * 1024
    peaks = [_peak(target, shape, size) for size in (small, large)]
    grown = peaks[1] - peaks[0]
    if grown < _KEPT * (large - small):
        return None
    what = f"{large - small} more bytes of comments take {grown} more bytes of memory"
    return _finding("bounded-memory", "kept", what, shape, large)


def _peak(target: Target, shape: Shape, size: int) -> int:
    chunks = shape.chunks(size)
    tracemalloc.start()
    try:
        target.read(chunks)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _finding(rule: str, cause: str, what: str, shape: Shape, size: int) -> Finding:
    features = (f"{cause}: {shape.name}",) if cause == "size" else (cause,)
    return Finding(rule=rule, features=features, label="bug", what=what, shape=shape.name, size=size)


def _labelled(finding: Finding, policy: Policy) -> Finding:
    if finding.rule not in policy.by_design:
        return finding
    return replace(finding, label="by design")
