"""Time: the same shape in several sizes.

Law: two points are noise. A shape is made four times as large until that takes long enough to be measured; its time is
quadratic if four times the size took eight times as long or more, and does so again. What counts is the time that the
target was at work, for a busy machine makes any parser wait. What is delivered has to be right at every size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from streamsim.conformance.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from streamsim.conformance.policy import Policy
    from streamsim.conformance.reading import Reading, Target

SIZES: Final = (16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20)
"""Each four times the one before; lines of more than 1 MiB are among them."""
LEAST: Final = 1 << 20
"""So large a stream is read in any case, unless that takes too long."""
ENOUGH_S: Final = 0.25
"""A measurement that takes this long is no noise."""
TOO_LONG_S: Final = 1.0
_WORTH_S: Final = 0.05
_TIMES: Final = 3
"""So often it is measured before it is believed; the shortest time counts."""
_LINE: Final = b"data: xyz\n"
_EVENT: Final = b"data: xyz\n\n"


class Shape(NamedTuple):
    """A stream of any size.

    Attributes:
        name: In words.
        unit: What is repeated, between ``before`` and ``after``.
        chunk: Bytes of each chunk; 0 for one chunk.
        cause: What is at work where it takes too long; of two shapes with the same one, the first is told.
        needs: Features without which it says nothing.
        presumes: Causes that show here, too.

    """

    name: str
    before: bytes
    unit: bytes
    after: bytes
    chunk: int
    cause: str
    needs: frozenset[str] = frozenset()
    presumes: frozenset[str] = frozenset()

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
        if self.unit == _LINE:
            return 1, times * 4 - 1
        if self.unit.endswith(b"\n"):
            return times, times * 3
        return 1, times * len(self.unit)

    def holding(self, policy: Policy) -> Shape | None:
        """Return the same shape with data as ``policy`` has it; None where there is no such thing."""
        if not policy.payload:
            return self
        if self.unit == _LINE or (policy.ndjson and (self.before + self.unit).startswith(b":")):
            return None
        before, after = policy.around
        if self.unit.startswith(b":"):
            return self._replace(after=policy.simplest)
        if self.unit == _EVENT:
            return self._replace(unit=before + b'"xyz"' + after)
        return self._replace(before=before + b'"', after=b'"' + after)


_CUT: Final = frozenset({"cut"})
_LINES: Final = frozenset({"lines"})
_EVENTS: Final = frozenset({"events"})
_NOISE: Final = frozenset({"comment-block", "blank-first"})
_CHUNKED: Final = frozenset({"chunks of an event"})
SHAPES: Final = (
    Shape("one long line in one chunk", b"data: ", b"x" * 64, b"\n\n", 0, "a line"),
    Shape("one long line in chunks of 1 KiB", b"data: ", b"x" * 64, b"\n\n", 1024, "chunks of an event", _CUT,
          frozenset({"a line"})),
    Shape("many data lines in one chunk", b"", _LINE, b"\n", 0, "data lines", _LINES),
    Shape("many data lines in chunks of 1 KiB", b"", _LINE, b"\n", 1024, "data lines in chunks",
          _CUT | _LINES | {"cut-line"}, frozenset({"data lines"}) | _CHUNKED),
    Shape("many events in one chunk", b"", _EVENT, b"", 0, "events", _EVENTS),
    Shape("many events in one chunk after a CRLF", b": c\r\n", _EVENT, b"", 0, "events after a CRLF",
          _EVENTS | {"comment", "crlf", "mixed"}, frozenset({"events"})),
    Shape("many events in chunks of 1 KiB", b"", _EVENT, b"", 1024, "events in chunks", _CUT | _EVENTS,
          frozenset({"events"})),
    Shape("one event in chunks of 16 bytes", b"data: ", b"x" * 64, b"\n\n", 16, "small chunks", _CUT,
          frozenset({"a line"}) | _CHUNKED),
    Shape("many comments in one chunk", b"", b": ping\n\n", b"data: a\n\n", 0, "comments", _NOISE,
          frozenset({"events"})),
    Shape("many comments in chunks of 1 KiB", b"", b": ping\n\n", b"data: a\n\n", 1024, "comments in chunks",
          _CUT | _NOISE, frozenset({"events", "events in chunks", "comments"})),
)  # fmt: skip


def scaling(
    target: Target, policy: Policy, looks_at: Callable[[str], bool], broken: Collection[frozenset[str]]
) -> Iterator[Finding]:
    """Yield what is wrong with large streams."""
    told: set[str] = set()
    shapes = [shape for each in SHAPES if (shape := each.holding(policy)) is not None]
    for shape in shapes if looks_at("linear-time") else ():
        if any(cause <= shape.needs for cause in broken) or (shape.chunk and not target.cuts):
            continue
        finding = _of_size(target, shape)
        if finding is None:
            continue
        cause = finding.features[-1]
        if looks_at(finding.rule) and cause not in told and not (cause == shape.cause and shape.presumes & told):
            yield _labelled(finding, policy)
        told.add(cause)


def _of_size(target: Target, shape: Shape) -> Finding | None:
    """Return what is wrong with ``shape``."""
    times: dict[int, float] = {}
    for size in SIZES:
        times[size], reading = _measured(target, shape, size)
        wrong = _wrong(reading, shape, size)
        grows = _grows(times)
        if wrong is not None:
            return _too_long(shape, times) if reading.hung and grows else wrong
        if grows:
            again = {each: min(_measured(target, shape, each)[0] for _ in range(_TIMES)) for each in (size // 4, size)}
            return _too_long(shape, again) if _grows(again) else None
        if times[size] >= (ENOUGH_S if size >= LEAST else TOO_LONG_S):
            break
    return None


def _too_long(shape: Shape, times: dict[int, float]) -> Finding:
    size = max(times)
    before, then = times[size // 4], times[size]
    what = f"{size // 4} bytes take {before:.3f} s, {size} bytes {then:.3f} s: {then / before:.0f} times as long"
    return _finding("linear-time", shape.cause, what, shape, size)


def _grows(times: dict[int, float]) -> bool:
    """Tell whether the time grew too fast from the last size but one to the last, and is no noise."""
    size = max(times)
    return size // 4 in times and times[size] >= max(_WORTH_S, 8 * times[size // 4])


def _measured(target: Target, shape: Shape, size: int) -> tuple[float, Reading]:
    chunks = shape.chunks(size)
    began = target.at_work_s()
    reading = target.read(chunks)
    return target.at_work_s() - began, reading


def _wrong(reading: Reading, shape: Shape, size: int) -> Finding | None:
    if reading.hung:
        return _finding("no-hang", "size", "did not end in time", shape, size)
    if reading.error:
        return _finding("no-crash", reading.error.partition(":")[0], f"raised {reading.error[:200]}", shape, size)
    count, characters = len(reading.events), sum(len(each.data) for each in reading.events)
    events, text = shape.right(size)
    if count == events and text <= characters <= text + size // len(shape.unit):
        return None
    what = f"gave {count} events of {characters} characters instead of {events} of {text}"
    return _finding("fields", f"size of {shape.cause}", what, shape, size)


def _finding(rule: str, cause: str, what: str, shape: Shape, size: int) -> Finding:
    return Finding(rule=rule, features=(cause,), label="bug", what=what, shape=shape.name, size=size)


def _labelled(finding: Finding, policy: Policy) -> Finding:
    if finding.rule not in policy.by_design:
        return finding
    return replace(finding, label="by design")
