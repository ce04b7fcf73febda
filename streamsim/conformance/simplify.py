"""Shrinking: from what dice gave to what a person would write.

Law: the result is a fixed point: no line or cut can go, and no line can be a simpler one of the table. So two searches
that come upon the same cause end, as a rule, at the same example.
"""

from __future__ import annotations

import re
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from streamsim.conformance import tokens
from streamsim.conformance.features import CUTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streamsim.conformance.sample import Line, Sample

_KNOWN: Final = frozenset(tokens.LINES)


def simplest(
    sample: Sample,
    fails: Callable[[Sample], bool],
    held: Callable[[Sample], frozenset[str]],
    table: Sequence[Line] = tokens.LINES,
) -> Sample:
    """Return a sample that still ``fails`` and cannot be made simpler step by step.

    Args:
        sample: It fails.
        fails: What shall stay true.
        held: The features of a sample; no step adds one, but a cut may become one of another kind.
        table: Lines that others may be exchanged for, simplest first.

    """
    tried = {sample}
    while True:
        most = held(sample)
        for simpler in _simpler(sample, table):
            if simpler in tried:
                continue
            tried.add(simpler)
            if held(simpler) - most <= CUTS and fails(simpler):
                sample = simpler
                break
        else:
            return sample


def _simpler(sample: Sample, table: Sequence[Line]) -> Iterator[Sample]:
    yield from _fewer_cuts(sample)
    if sample.mark:
        yield _moved(sample._replace(mark=b""), 0, len(sample.mark), 0)
    if sample.rest:
        yield _moved(sample._replace(rest=b""), len(sample.data) - len(sample.rest), len(sample.rest), 0)
        yield sample._replace(lines=(*sample.lines, tokens.DATA), ends=(*sample.ends, b"\n"), rest=b"", cuts=())
        simple = next(line.text for line in table if line.name)
        yield from () if sample.rest == simple else (sample._replace(rest=simple, cuts=()),)
    yield from _fewer_lines(sample)
    if set(sample.ends) - {b"\n"}:
        yield from _simpler_ends(sample)
    yield from _joined_lines(sample)
    yield from _simpler_lines(sample, table)
    yield from _shorter_lines(sample)


def _fewer_cuts(sample: Sample) -> Iterator[Sample]:
    for start, stop in _pieces(len(sample.cuts)):
        yield sample._replace(cuts=sample.cuts[:start] + sample.cuts[stop:])


def _fewer_lines(sample: Sample) -> Iterator[Sample]:
    for start, stop in _pieces(len(sample.lines)):
        yield _without(sample, start, stop)
    start = 0
    for stop, line in enumerate(sample.lines, start=1):
        if line.blank:
            yield _without(sample, start, stop)
            start = stop


def _pieces(size: int) -> Iterator[tuple[int, int]]:
    """Yield all of it, then both halves, and so on down to single ones."""
    piece = size
    while piece:
        for start in range(0, size, piece):
            yield start, min(size, start + piece)
        piece //= 2


def _shorter_lines(sample: Sample) -> Iterator[Sample]:
    """Take pieces out of values that are not in the table, and make runs of one byte as short as they can be."""
    for index, line in enumerate(sample.lines):
        size = len(line.value)
        if line in _KNOWN and size <= _RUN:
            continue
        if size > _RUN and len(set(line.value)) == 1:
            shorter = sorted({size - (size >> by) for by in range(1, size.bit_length())})
            yield from (_with_line(sample, index, line._replace(value=line.value[:left])) for left in shorter)
        if size > _RUN and (size > _PAYLOAD or len(set(line.value)) == 1):
            continue
        for start, stop in _pieces(size):
            value = line.value[:start] + line.value[stop:]
            if not _NO_TEXT.search(value):
                yield _with_line(sample, index, line._replace(value=value))


_RUN: Final = 40
_PAYLOAD: Final = 160
"""Longer lines are those of providers, and stay as they are."""
_NO_TEXT: Final = re.compile(b'" *"')
"""A payload of which no text is left is no simpler one."""


def _simpler_lines(sample: Sample, table: Sequence[Line]) -> Iterator[Sample]:
    for index, line in enumerate(sample.lines):
        for other in table[: table.index(line) if line in table else len(table)]:
            if other.blank == line.blank:
                yield _with_line(sample, index, other)


def _joined_lines(sample: Sample) -> Iterator[Sample]:
    """Make one line of two that only together mean something: of a payload."""
    for index, (line, following) in enumerate(pairwise(sample.lines)):
        if line.name == following.name == b"data" and not _KNOWN.issuperset((line, following)):
            joined = line._replace(value=line.value + following.value)
            lines = (*sample.lines[:index], joined, *sample.lines[index + 2 :])
            between = len(sample.ends[index]) + len(following.text) - len(following.value)
            changed = sample._replace(lines=lines, ends=sample.ends[:index] + sample.ends[index + 1 :])
            yield _moved(changed, _starts(sample)[index] + len(line.text), between, 0)


def _simpler_ends(sample: Sample) -> Iterator[Sample]:
    for end in (b"\n", b"\r", b"\r\n"):
        if set(sample.ends) != {end} and not (len(set(sample.ends)) == 1 and end == b"\r\n"):
            yield _ends(sample, (end,) * len(sample.ends))
    if len(set(sample.ends)) > 1:
        for index, end in enumerate(sample.ends):
            if end != b"\n":
                yield _ends(sample, (*sample.ends[:index], b"\n", *sample.ends[index + 1 :]))


def _ends(sample: Sample, ends: tuple[bytes, ...]) -> Sample:
    """Return ``sample`` with other line ends, cut where it was, as far as there is such a place."""
    if not sample.cuts:
        return sample._replace(ends=ends)
    old, new = _starts(sample), _starts(sample._replace(ends=ends))
    cuts: list[int] = []
    for cut in sample.cuts:
        line = max((index for index, start in enumerate(old) if start <= cut), default=0)
        cuts.append(
            min(new[line] + cut - old[line], new[line + 1] if line + 1 < len(new) else new[-1] + len(sample.rest))
        )
    return sample._replace(ends=ends, cuts=tuple(cuts))


def _starts(sample: Sample) -> list[int]:
    sizes = [len(line.text) + len(end) for line, end in zip(sample.lines, sample.ends, strict=True)]
    return list(accumulate([len(sample.mark), *sizes]))


def _with_line(sample: Sample, index: int, other: Line) -> Sample:
    """Return ``sample`` with another line there."""
    changed = sample._replace(lines=(*sample.lines[:index], other, *sample.lines[index + 1 :]))
    return _moved(changed, _starts(sample)[index], len(sample.lines[index].text), len(other.text))


def _without(sample: Sample, start: int, stop: int) -> Sample:
    """Return ``sample`` without those lines."""
    places = _starts(sample)
    changed = sample._replace(
        lines=sample.lines[:start] + sample.lines[stop:], ends=sample.ends[:start] + sample.ends[stop:]
    )
    return _moved(changed, places[start], places[stop] - places[start], 0)


def _moved(changed: Sample, at: int, before: int, after: int) -> Sample:
    """Return ``changed`` with cuts where they were, ``before`` bytes at ``at`` having become ``after``."""
    if not changed.cuts:
        return changed
    cuts = [
        cut if cut <= at else max(at, cut - before + after) if cut >= at + before else min(cut, at + after)
        for cut in changed.cuts
    ]
    return changed._replace(cuts=tuple(cuts))
