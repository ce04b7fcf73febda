"""Frames that stand together in one place, spread over the time up to what follows."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

from streamsim.plan.draft import Piece, current, replace_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from streamsim.plan.draft import Cell, Draft


def gathered(draft: Draft, spans: Iterable[tuple[int, int]]) -> Draft:
    """Return ``draft`` with the bytes of each span in the cell of the last of them: when it was complete."""
    stops = [cell.pieces[-1].stop for cell in draft.cells]
    told: dict[tuple[int, int], bytes] = {}
    for start, stop in spans:
        nth = bisect_left(stops, stop)
        if nth < len(stops) and draft.cells[nth].pieces[0].start > start:
            told[start, draft.cells[nth].pieces[0].start] = b""
            told[draft.cells[nth].pieces[0].start, stop] = current(draft, (start, stop))
    return replace_spans(draft, told)


def spread(draft: Draft, spans: Iterable[tuple[int, int]], cut: Callable[[bytes], Sequence[bytes]]) -> Draft:
    """Return ``draft`` with the frames of each span in cells of their own, the first one when it was.

    ``cut`` finds the frames. Where something follows in the same cell, and so at the same time, they stay together.
    """
    wanted = frozenset(stop for _, stop in spans)
    cells: list[Cell] = []
    for nth, cell in enumerate(draft.cells):
        piece = cell.pieces[-1]
        next_ns = draft.cells[nth + 1].at_ns if nth + 1 < len(draft.cells) else draft.end[0].at_ns
        apart = piece.stop in wanted and piece.altered and not cell.raw and next_ns > cell.at_ns
        found = cut(piece.data) if apart else ()
        cells += _spread(cell, found, next_ns) if len(found) > 1 else [cell]
    return draft.with_cells(cells)


def _spread(cell: Cell, found: Sequence[bytes], next_ns: int) -> Iterator[Cell]:
    *before, piece = cell.pieces
    first = Piece(found[0], piece.start, piece.stop)
    yield msgspec.structs.replace(cell, pieces=(*before, first))
    for nth, frame in enumerate(found[1:], start=1):
        at_ns = cell.at_ns + (next_ns - cell.at_ns) * nth // len(found)
        yield msgspec.structs.replace(cell, at_ns=at_ns, pieces=(Piece(frame, piece.stop, piece.stop),))
