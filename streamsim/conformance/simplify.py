"""The last step of shrinking: from what hypothesis leaves to what a person would write.

Law: the result is a fixed point: no line or cut can go, and no line can be a simpler one of the table. So two searches
that come upon the same cause end, as a rule, at the same example.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from streamsim.conformance import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamsim.conformance.sample import Line, Sample

_PLACE = {line: index for index, line in reversed(list(enumerate(tokens.LINES)))}


def simplest(sample: Sample, fails: Callable[[Sample], bool], *, lines: bool = True) -> Sample:
    """Return a sample that still ``fails`` and cannot be made simpler step by step.

    With ``lines`` false no line is exchanged for another: their content has a form of its own.
    """
    while True:
        simpler = next((each for each in _simpler(sample, lines=lines) if fails(each)), None)
        if simpler is None:
            return sample
        sample = simpler


def _simpler(sample: Sample, *, lines: bool) -> Iterator[Sample]:
    yield from _fewer_cuts(sample)
    if sample.mark:
        yield _moved(sample._replace(mark=b""), 0, len(sample.mark), 0)
    if sample.rest:
        yield _moved(sample._replace(rest=b""), len(sample.data) - len(sample.rest), len(sample.rest), 0)
    for index in range(len(sample.lines)):
        yield _with_line(sample, index, None)
    if set(sample.ends) - {b"\n"}:
        yield from _simpler_ends(sample)
    if lines:
        yield from _simpler_lines(sample)


def _fewer_cuts(sample: Sample) -> Iterator[Sample]:
    if sample.cuts:
        yield sample._replace(cuts=())
    for index in range(len(sample.cuts)):
        yield sample._replace(cuts=sample.cuts[:index] + sample.cuts[index + 1 :])


def _simpler_lines(sample: Sample) -> Iterator[Sample]:
    for index, line in enumerate(sample.lines):
        for other in tokens.LINES[: _PLACE.get(line, len(tokens.LINES))]:
            if other != line and other.blank == line.blank:
                yield _with_line(sample, index, other)


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


def _with_line(sample: Sample, index: int, other: Line | None) -> Sample:
    """Return ``sample`` with another line there, or without it."""
    at = _starts(sample)[index]
    old = sample.lines[index]
    if other is not None:
        changed = sample._replace(lines=(*sample.lines[:index], other, *sample.lines[index + 1 :]))
        return _moved(changed, at, len(old.text), len(other.text))
    size = len(old.text) + len(sample.ends[index])
    changed = sample._replace(
        lines=sample.lines[:index] + sample.lines[index + 1 :], ends=sample.ends[:index] + sample.ends[index + 1 :]
    )
    return _moved(changed, at, size, 0)


def _moved(changed: Sample, at: int, before: int, after: int) -> Sample:
    """Return ``changed`` with cuts where they were, ``before`` bytes at ``at`` having become ``after``."""
    if not changed.cuts:
        return changed
    cuts = [
        cut if cut <= at else max(at, cut - before + after) if cut >= at + before else min(cut, at + after)
        for cut in changed.cuts
    ]
    return changed._replace(cuts=tuple(cuts))
