"""Where the boundaries between cells are: found, moved, and bytes added without moving any place.

A position counts the body bytes as they now are; an offset, as always, those of the recording. Raw cells are never cut:
their bytes are framed already.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from streamsim.plan.draft import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamsim.plan.anatomy import Span
    from streamsim.plan.draft import Cell, Draft


def where(draft: Draft, spans: Sequence[Span]) -> dict[Span, tuple[int, int]]:
    """Return from which position to which the bytes stand that stand for each of the recorded ``spans``.

    The spans are in order and do not overlap; one of which nothing is left is left out.
    """
    starts, stops = [span.start for span in spans], [span.stop for span in spans]
    found: dict[Span, tuple[int, int]] = {}
    base = 0
    for piece in [piece for cell in draft.cells for piece in cell.pieces]:
        for span in spans[bisect_right(stops, piece.start) : bisect_left(starts, piece.stop)]:
            low, high = 0, len(piece.data)
            if not piece.altered:
                low, high = max(low, span.start - piece.start), min(high, span.stop - piece.start)
            found[span] = (found.get(span, (base + low, 0))[0], base + high)
        base += len(piece.data)
    return found


def recut(draft: Draft, positions: Iterable[int]) -> Draft:
    """Return ``draft`` with a boundary more at each of ``positions``."""
    wanted = sorted(set(positions))
    ends = accumulate(len(cell.data) for cell in draft.cells)
    cells: list[Cell] = []
    for cell, end in zip(draft.cells, ends, strict=True):
        base = end - len(cell.data)
        inside = wanted[bisect_right(wanted, base) : bisect_left(wanted, end)]
        cells += parts(cell, [position - base for position in inside])
    return draft.with_cells(cells)


def parts(cell: Cell, cuts: Iterable[int]) -> list[Cell]:
    """Return ``cell`` cut at these places in its bytes, which are in order."""
    if cell.raw:
        return [cell]
    return [msgspec.structs.replace(cell, pieces=tuple(group)) for group in _groups(cell.pieces, cuts)]


def _groups(pieces: Iterable[Piece], cuts: Iterable[int]) -> Iterator[list[Piece]]:
    """Yield the pieces between the cuts. Of an altered piece, the first part stands for all that the piece did."""
    waiting = list(pieces)[::-1]
    done = 0
    for cut in cuts:
        group: list[Piece] = []
        while waiting and done + len(waiting[-1].data) <= cut:
            group.append(waiting.pop())
            done += len(group[-1].data)
        if done < cut:
            left, right = _halves(waiting.pop(), cut - done)
            group.append(left)
            waiting.append(right)
            done = cut
        yield group
    yield waiting[::-1]


def _halves(piece: Piece, inside: int) -> tuple[Piece, Piece]:
    middle = piece.stop if piece.altered else piece.start + inside
    return Piece(piece.data[:inside], piece.start, middle), Piece(piece.data[inside:], middle, piece.stop)


def prefixed(cell: Cell, data: bytes) -> Cell:
    """Return ``cell`` with ``data`` before its bytes: at the place of the first, so that no fault parts the two."""
    pieces = list(cell.pieces)
    index = next(index for index, piece in enumerate(pieces) if piece.data)
    piece = pieces[index]
    if piece.altered:
        pieces[index] = Piece(data + piece.data, piece.start, piece.stop)
    else:
        second = piece.start + 1
        rest = [Piece(piece.data[1:], second, piece.stop)] if piece.data[1:] else []
        pieces[index : index + 1] = [Piece(data + piece.data[:1], piece.start, second), *rest]
    return msgspec.structs.replace(cell, pieces=tuple(pieces))


def shortened(draft: Draft, count: int) -> Draft:
    """Return ``draft`` without its last ``count`` bytes."""
    left = max(0, draft.size - count)
    cells: list[Cell] = []
    for cell in draft.cells:
        kept = min(left, len(cell.data))
        left -= kept
        cells.append(msgspec.structs.replace(cell, pieces=tuple(next(_groups(cell.pieces, [kept])))))
    return draft.with_cells(cells)
