"""Two streams side by side, around their first difference.

The laws: no line is wider than `WIDTH` columns; the same two streams give the same text; what differs deep inside long
rows is shown where it differs; work is bounded, however long the streams are.
"""

from __future__ import annotations

from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from streamsim.wire.render import clip, visible

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

WIDTH = 120

# Rows shown before the first difference, and from it on; rows a side that are aligned by likeness, not by place.
BEFORE = 3
AFTER = 10
ALIGNED = 400

# Characters shown before the place where two long rows begin to differ.
LEAD = 12

# The same | different | only left | only right, as sdiff writes them.
Mark: TypeAlias = Literal[" ", "|", "<", ">"]


class Row(NamedTuple):
    """One thing in a stream: what it is compared by, when it was (None: not known), and how it is shown."""

    key: Hashable
    at_ns: int | None
    text: str


class Pair(NamedTuple):
    """Places of two rows that belong together; None where one has no partner."""

    left: int | None
    right: int | None
    mark: Mark


class Side(NamedTuple):
    """One of the two: its title, its rows, and how it ended, where that is known."""

    title: str
    rows: Sequence[Row]
    end: Row | None = None


def difference(noun: str, left: Side, right: Side) -> str | None:
    """Return in words how ``right`` first differs from ``left``, which is how it should be; None where it does not."""
    pair = next((pair for pair in pairs(left.rows, right.rows) if pair.mark != " "), None)
    if pair is None:
        return "it ended otherwise" if _ends_differ(left, right) else None
    if pair.left is None:
        return f"{noun} {pair.right} is one too many"
    if pair.right is None:
        return f"{noun} {pair.left} is missing"
    one, other = left.rows[pair.left], right.rows[pair.right]
    if one.key == other.key:
        return f"{noun} {pair.left} came at {milliseconds(other.at_ns)} ms, not at {milliseconds(one.at_ns)} ms"
    return f"{noun} {pair.left} differs"


def pairs(left: Sequence[Row], right: Sequence[Row]) -> list[Pair]:
    """Return the rows of both, aligned by their keys. Where both times are known, these have to agree too."""
    return [
        Pair(one, other, _mark(left, right, one, other))
        for one, other in _aligned([row.key for row in left], [row.key for row in right])
    ]


def render(left: Side, right: Side) -> str:
    """Return both sides in two columns, around the first difference, and the ends; without a last line end."""
    found = pairs(left.rows, right.rows)
    first = next((place for place, pair in enumerate(found) if pair.mark != " "), len(found))
    start = max(0, first - BEFORE)
    stop = min(len(found), first + AFTER)
    shown = [_cells(left, right, pair) for pair in found[start:stop]]
    leads = _leads(shown)
    ends = _ends(left, right)
    times = max((len(cell.at) for one, _, other in (*shown, *ends) for cell in (one, other)), default=0)
    page = _Page(max(times, len("at ms")))
    lines = [page.line(_Cell("#", "at ms", left.title), " ", _Cell("#", "at ms", right.title))]
    lines += [f"    … {start} before, the same"] if start else []
    lines += [page.line(*cells, lead) for cells, lead in zip(shown, leads, strict=True)]
    lines += [f"    … {len(found) - stop} more"] if stop < len(found) else []
    return "\n".join([*lines, *(page.line(*cells) for cells in ends)])


def milliseconds(ns: int | None) -> str:
    """Return ``ns`` in milliseconds, all of it: ``20``, ``412.345``, ``20.000001``; "" for None."""
    if ns is None:
        return ""
    sign, size = ("-", -ns) if ns < 0 else ("", ns)
    return f"{sign}{size // 1_000_000}.{size % 1_000_000:06d}".rstrip("0").rstrip(".")


class _Cell(NamedTuple):
    number: str = ""
    at: str = ""
    text: str = ""


class _Page:
    """Two columns of equal width, the times in them ``times`` characters wide."""

    def __init__(self, times: int) -> None:
        self._times = times
        self._text = (WIDTH - 3) // 2 - 5 - 2 - times

    def line(self, one: _Cell, mark: Mark, other: _Cell, same: int = 0) -> str:
        """Return one line; the first ``same`` characters of both texts are of less interest than what follows."""
        # Half as many fit if all are two columns wide.
        lead = max(0, same - LEAD) if same > self._text // 2 else 0
        return f"{self._half(one, lead)} {mark} {self._half(other, lead)}".rstrip()

    def _half(self, cell: _Cell, lead: int) -> str:
        text = "…" + clip(cell.text[lead:], self._text - 1) if lead and cell.text else clip(cell.text, self._text)
        return f"{cell.number:>5} {cell.at:>{self._times}} {text}{' ' * (self._text - _columns(text))}"


def _leads(shown: Sequence[tuple[_Cell, Mark, _Cell]]) -> list[int]:
    """Return, for each line, how many characters of its texts tell nothing.

    In a line that differs these are the ones that both sides share, in any other those that it shares with a line next
    to it: what changes from event to event often stands behind much that does not.
    """
    texts = [one.text or other.text for one, _, other in shown]
    shared = [0, *(_shared(*pair) for pair in pairwise(texts)), 0]
    return [
        (_shared(one.text, other.text) if mark == "|" else 0) or max(shared[nth : nth + 2])
        for nth, (one, mark, other) in enumerate(shown)
    ]


def _shared(one: str, other: str) -> int:
    """Return how many characters two different texts share at their beginnings; 0 for equal ones."""
    if one == other:
        return 0
    pairs_of = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs_of if a != b), min(len(one), len(other)))


def _columns(text: str) -> int:
    return sum(2 if char >= "\u1100" and char != "…" else 1 for char in text)


def _cells(left: Side, right: Side, pair: Pair) -> tuple[_Cell, Mark, _Cell]:
    return _cell(left.rows, pair.left), pair.mark, _cell(right.rows, pair.right)


def _cell(rows: Sequence[Row], place: int | None) -> _Cell:
    if place is None:
        return _Cell()
    row = rows[place]
    return _Cell(str(place), milliseconds(row.at_ns), visible(row.text))


def _ends(left: Side, right: Side) -> list[tuple[_Cell, Mark, _Cell]]:
    ends = (left.end, right.end)
    if ends == (None, None):
        return []
    one, other = (_Cell("end", milliseconds(end.at_ns), visible(end.text)) if end else _Cell() for end in ends)
    return [(one, "|" if _ends_differ(left, right) else " ", other)]


def _ends_differ(left: Side, right: Side) -> bool:
    one, other = left.end, right.end
    return one is not None and other is not None and not _same(one, other)


def _mark(left: Sequence[Row], right: Sequence[Row], one: int | None, other: int | None) -> Mark:
    if one is None:
        return ">"
    if other is None:
        return "<"
    return " " if _same(left[one], right[other]) else "|"


def _same(one: Row, other: Row) -> bool:
    return one.key == other.key and _timely(one, other)


def _timely(one: Row, other: Row) -> bool:
    return one.at_ns is None or other.at_ns is None or one.at_ns == other.at_ns


def _aligned(left: list[Hashable], right: list[Hashable]) -> Iterator[tuple[int | None, int | None]]:
    """Yield the places that belong together: what begins and ends alike, and between by likeness."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - what those need who compare streams, not those who serve

    shorter = min(len(left), len(right))
    head = next((place for place in range(shorter) if left[place] != right[place]), shorter)
    tail = next((back for back in range(shorter - head) if left[-1 - back] != right[-1 - back]), shorter - head)
    yield from zip(range(head), range(head), strict=True)
    lefts, rights = range(head, len(left) - tail), range(head, len(right) - tail)
    near = [left[place] for place in lefts[:ALIGNED]], [right[place] for place in rights[:ALIGNED]]
    for _, low, high, other_low, other_high in SequenceMatcher(None, *near, autojunk=False).get_opcodes():
        yield from zip_longest(lefts[low:high], rights[other_low:other_high])
    yield from zip_longest(lefts[ALIGNED:], rights[ALIGNED:])
    yield from zip(range(len(left) - tail, len(left)), range(len(right) - tail, len(right)), strict=True)
