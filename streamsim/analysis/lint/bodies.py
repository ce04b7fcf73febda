"""A body against the rules of its form: an event stream, lines of JSON, an array of JSON, AWS frames.

Laws: any bytes can be linted; what is found does not depend on chunks, but for what is found about them.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from streamsim.analysis.lint.blocks import Scan
from streamsim.analysis.lint.report import Hit, Place
from streamsim.analysis.text import counted
from streamsim.dialects.units import frames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamsim.dialects.told import Failure
    from streamsim.dialects.units import Kind

_SPACE: Final = b" \t\r\n"
_NOUN: Final[dict[Kind, str]] = {"lines": "a line", "array": "an element", "aws": "a frame"}
_BLANK: Final[dict[Kind, bytes]] = {"lines": _SPACE, "array": _SPACE + b",]", "aws": b""}


class Looked(NamedTuple):
    """What was seen of a body.

    Attributes:
        hits: Rules that are broken.
        events: Where each event begins.
        whole: Nothing of it is lost at the end.
        failure: An error that is told outside of any event.

    """

    hits: tuple[Hit, ...]
    events: tuple[Place, ...]
    whole: bool
    failure: Failure | None = None


def look(kind: Kind, body: bytes, chunks: Sequence[bytes] = ()) -> Looked:
    """Return what is to be said of a body, decoded; ``chunks`` are its HTTP chunks, where they are known and tell."""
    if kind != "sse":
        return _units(kind, body)
    scan = Scan(body)
    split = _split(scan.frames, body, chunks)
    return Looked((*scan.hits, *split), tuple(scan.events), not scan.lost, scan.failure)


def _split(frames: Sequence[int], body: bytes, chunks: Iterable[bytes]) -> Iterator[Hit]:
    """Yield the ends of chunks that cut a block, or a character."""
    for end in accumulate(map(len, chunks)):
        nth = bisect_left(frames, end)
        if nth == len(frames) or end == 0 or frames[nth] == end:
            continue  # between blocks, or in what is unfinished
        yield Hit("split_frame", "", Place(nth, None, end))
        if body[end] & 0xC0 == 0x80:
            yield Hit("split_character", "", Place(nth, None, end))


def _units(kind: Kind, body: bytes) -> Looked:
    byte = 0
    hits: list[Hit] = []
    events: list[Place] = []
    for nth, (frame, count) in enumerate(frames(kind, body), 1):
        place = Place(len(events), nth if kind == "lines" else None, byte)
        events += [place] * count
        if not count and frame.strip(_BLANK[kind]):
            message = f"{_NOUN[kind]} is cut off or broken: what it holds is lost ({counted(len(frame), 'byte')})"
            hits.append(Hit("unfinished_frame", message, place))
        byte += len(frame)
    if kind == "array" and not hits and not body.rstrip(_SPACE).endswith(b"]"):
        hits.append(Hit("unfinished_frame", "the array is not closed", Place(len(events), None, byte)))
    return Looked(tuple(hits), tuple(events), not hits)
