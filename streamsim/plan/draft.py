"""A timeline while faults work on it: every byte still knows for which recorded bytes it stands.

Laws: pieces stand for recorded spans in order, without overlap; an inserted piece stands for the empty span at its
place; a piece that has more or fewer bytes than it stands for cannot be cut inside. So each fault finds its place in
bytes whatever others have done before.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from streamsim.wire import Head, Raw, Send, Step, Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Filler = Callable[[int, int], Sequence["Cell"]]


class Piece(msgspec.Struct, frozen=True, gc=False):
    """Bytes that stand for the recorded body bytes from ``start`` up to ``stop``."""

    data: bytes
    start: int
    stop: int

    @property
    def altered(self) -> bool:
        """Whether it is longer or shorter than what it stands for, so that none of its bytes has an offset."""
        return len(self.data) != self.stop - self.start


class Cell(msgspec.Struct, frozen=True):
    """What is sent at once: under chunked framing, one HTTP chunk.

    Attributes:
        at_ns: When.
        pieces: What.
        origin: Index of the recorded chunk that it is, or is part of; -1: it is none.
        raw: It is sent outside all framing.
        size_line: The chunk size that a recorded chunk which was cut short declared; see :func:`opened`.

    """

    at_ns: int
    pieces: tuple[Piece, ...]
    origin: int = -1
    raw: bool = False
    size_line: bytes = b""

    @property
    def data(self) -> bytes:
        """All body bytes of the cell."""
        return b"".join([piece.data for piece in self.pieces])


class Draft(msgspec.Struct, frozen=True):
    """A timeline taken apart.

    Attributes:
        before: Interim heads.
        head: The final head's step, or None where nothing is answered.
        cells: The body.
        end: The steps after the body; the last one ends the timeline.
        whole: Where a reader resumes and the body begins after what it has: what it would be without that.

    """

    before: tuple[Step, ...]
    head: Step | None
    cells: tuple[Cell, ...]
    end: tuple[Step, ...]
    whole: Draft | None = None

    @property
    def head_action(self) -> Head | None:
        """The final head."""
        return self.head.action if self.head is not None and isinstance(self.head.action, Head) else None

    @property
    def size(self) -> int:
        """How many body bytes there are."""
        return sum(len(piece.data) for cell in self.cells for piece in cell.pieces)

    @property
    def headed_ns(self) -> int:
        """When the last head is sent; 0 where there is none."""
        heads = [*self.before, *([self.head] if self.head is not None else [])]
        return max((step.at_ns for step in heads), default=0)

    @property
    def last_ns(self) -> int:
        """When the last body byte is sent; without a body, when the head is."""
        return self.cells[-1].at_ns if self.cells else self.headed_ns

    def with_head(self, change: Callable[[Head], Head]) -> Draft:
        """Return the draft with its head changed; without a head there is nothing to change."""
        head = self.head_action
        if self.head is None or head is None:
            return self
        return msgspec.structs.replace(self, head=Step(self.head.at_ns, change(head)))

    def with_cells(self, cells: Iterable[Cell]) -> Draft:
        """Return the draft with other cells; a cell or a piece without bytes is none."""
        return msgspec.structs.replace(self, cells=tuple(full for cell in cells if (full := _full(cell)).pieces))

    def retimed(self, times: Sequence[int]) -> Draft:
        """Return the draft with its cells due at ``times``; what follows the body keeps its distance from it."""
        cells = tuple(msgspec.structs.replace(cell, at_ns=ns) for cell, ns in zip(self.cells, times, strict=True))
        by_ns = cells[-1].at_ns - self.last_ns if cells else 0
        return msgspec.structs.replace(self, cells=cells, end=_later(self.end, by_ns))


def _full(cell: Cell) -> Cell:
    """Return ``cell`` without its empty pieces, which no cut shall take for a cell."""
    if all(piece.data for piece in cell.pieces):
        return cell
    return msgspec.structs.replace(cell, pieces=tuple([piece for piece in cell.pieces if piece.data]))


def take_apart(timeline: Timeline, offsets: Sequence[int]) -> Draft:
    """Return ``timeline`` as a draft; ``offsets`` are where each recorded chunk begins in the body."""
    before: list[Step] = []
    head: Step | None = None
    cells: list[Cell] = []
    end: list[Step] = []
    for step in timeline:
        action = step.action
        if isinstance(action, Head):
            if action.status >= 200:
                head = step
            else:
                before.append(step)
        elif step.origin >= 0 and isinstance(action, Send | Raw):
            cells.append(_cell(step, action, offsets[step.origin]))
        else:
            end.append(step)
    return Draft(tuple(before), head, tuple(cells), tuple(end))


def _cell(step: Step, action: Send | Raw, start: int) -> Cell:
    """Return a recorded chunk as a cell. One that was cut short is raw, and begins with the size it declared."""
    if isinstance(action, Send):
        return Cell(step.at_ns, (Piece(action.data, start, start + len(action.data)),), step.origin)
    size, end_of_line, data = action.data.partition(b"\r\n")
    piece = Piece(data, start, start + len(data))
    return Cell(step.at_ns, (piece,), step.origin, raw=True, size_line=size + end_of_line)


def put_together(draft: Draft) -> Timeline:
    """Return ``draft`` as a timeline; a step is never due before the one that precedes it."""
    steps = [*draft.before, *([draft.head] if draft.head is not None else [])]
    for cell, size_line in opened(draft.cells):
        action = Raw(size_line + cell.data) if cell.raw else Send(cell.data)
        steps.append(Step(cell.at_ns, action, cell.origin))
    steps += draft.end
    ordered: list[Step] = []
    last_ns = 0
    for step in steps:
        last_ns = max(last_ns, step.at_ns)
        ordered.append(step if step.at_ns == last_ns else Step(last_ns, step.action, step.origin))
    return tuple(ordered)


def opened(cells: Iterable[Cell]) -> Iterator[tuple[Cell, bytes]]:
    """Yield each cell with the size line to send before it: a chunk that is sent in parts has it once, at its first."""
    before = -1
    for cell in cells:
        yield cell, cell.size_line if cell.raw and cell.origin != before else b""
        before = cell.origin if cell.raw else -1


def split_piece(piece: Piece, offset: int) -> tuple[Piece | None, Piece | None]:
    """Return what of ``piece`` stands before ``offset`` and what from it on; what is inserted there stands before.

    An altered piece across the offset stands after it, whole: better too little before a place than too much.
    """
    if piece.stop <= offset:
        return piece, None
    if piece.start >= offset or piece.altered:
        return None, piece
    inside = offset - piece.start
    return Piece(piece.data[:inside], piece.start, offset), Piece(piece.data[inside:], offset, piece.stop)


def _split_pieces(pieces: Iterable[Piece], offset: int) -> tuple[list[Piece], list[Piece]]:
    halves = [split_piece(piece, offset) for piece in pieces]
    return [left for left, _ in halves if left is not None], [right for _, right in halves if right is not None]


def cut(cells: Iterable[Cell], offset: int) -> tuple[list[Cell], list[Cell]]:
    """Return the cells before ``offset`` and those from it on; a cell across it becomes two. Nothing is lost."""
    left: list[Cell] = []
    right: list[Cell] = []
    for cell in cells:
        before, after = _split_pieces(cell.pieces, offset)
        if before:
            left.append(msgspec.structs.replace(cell, pieces=tuple(before)) if after else cell)
        if after:
            right.append(msgspec.structs.replace(cell, pieces=tuple(after)) if before else cell)
    return left, right


def insert(draft: Draft, offset: int, data: bytes) -> Draft:
    """Return ``draft`` with ``data`` before the recorded byte at ``offset``; see :func:`insert_all`."""
    return insert_all(draft, {offset: data})


def insert_all(draft: Draft, places: Mapping[int, bytes]) -> Draft:
    """Return ``draft`` with new bytes before the recorded bytes at these offsets, each in the cell that has the byte.

    At the end of the body they join the last cell, or become the only one.
    """
    waiting = [Piece(data, offset, offset) for offset, data in sorted(places.items(), reverse=True)]
    cells: list[Cell] = []
    for cell in draft.cells:
        pieces: list[Piece] = []
        for piece in cell.pieces:
            rest = piece
            while waiting and waiting[-1].start < rest.stop:
                new = waiting.pop()
                left, right = split_piece(rest, new.start)
                pieces += [left, new] if left is not None else [new]
                rest = right if right is not None else rest
            pieces.append(rest)
        cells.append(msgspec.structs.replace(cell, pieces=tuple(pieces)))
    if waiting:
        last = cells.pop() if cells else Cell(draft.headed_ns, ())
        cells.append(msgspec.structs.replace(last, pieces=(*last.pieces, *reversed(waiting))))
    return draft.with_cells(cells)


def seamed(draft: Draft, offsets: Iterable[int]) -> Draft:
    """Return ``draft`` with no piece across any of ``offsets``: altering the bytes before one does not blur it."""
    seams = sorted(set(offsets))
    cells = [msgspec.structs.replace(cell, pieces=tuple(_at_seams(cell.pieces, seams))) for cell in draft.cells]
    return msgspec.structs.replace(draft, cells=tuple(cells))


def _at_seams(pieces: Iterable[Piece], seams: Sequence[int]) -> Iterator[Piece]:
    for piece in pieces:
        rest = piece
        for seam in seams[bisect_right(seams, piece.start) : bisect_left(seams, piece.stop)]:
            left, right = split_piece(rest, seam)
            if left is not None and right is not None:
                yield left
                rest = right
        yield rest


def current(draft: Draft, span: tuple[int, int]) -> bytes:
    """Return what now stands for the recorded bytes of ``span``.

    Pieces that only touch it are left out; an altered piece across its border counts where the piece begins.
    """
    start, stop = span
    inside: list[bytes] = []
    for cell in draft.cells[bisect_right(draft.cells, start, key=_stop) :]:
        if cell.pieces[0].start >= stop:
            break
        for piece in cell.pieces[bisect_right(cell.pieces, start, key=_stop_of_piece) :]:
            if piece.start >= stop:
                break
            if not piece.altered:
                inside.append(piece.data[max(0, start - piece.start) : stop - piece.start])
            elif piece.start >= start:
                inside.append(piece.data)
    return b"".join(inside)


def _stop(cell: Cell) -> int:
    return cell.pieces[-1].stop


def _stop_of_piece(piece: Piece) -> int:
    return piece.stop


def replace_spans(draft: Draft, changes: Mapping[tuple[int, int], bytes]) -> Draft:
    """Return ``draft`` with new bytes for recorded spans; they go where the first of the span's bytes was.

    The spans are not empty and do not overlap. Boundaries inside a span vanish with it, and so do inserted pieces;
    an altered piece of which it covers a part vanishes whole. A span of which nothing is left stays so.
    """
    ordered = sorted(changes)
    waiting = dict(changes)
    cells: list[Cell] = []
    for cell in draft.cells if changes else ():
        pieces = [new for piece in cell.pieces for new in _changed(piece, ordered, waiting)]
        cells.append(msgspec.structs.replace(cell, pieces=tuple(pieces)))
    return draft.with_cells(cells) if changes else draft


def _changed(piece: Piece, ordered: Sequence[tuple[int, int]], waiting: dict[tuple[int, int], bytes]) -> list[Piece]:
    """Return what becomes of one piece. ``ordered`` are the spans; what is placed no longer waits."""
    kept: list[Piece] = []
    rest: Piece | None = piece
    first = max(0, bisect_right(ordered, (piece.start, 1 << 62)) - 1)
    for span in ordered[first:]:
        if rest is None or span[0] >= rest.stop:
            break
        if span[1] <= rest.start:
            continue
        before, rest = (None, None) if rest.altered else split_piece(rest, span[0])
        kept += [before] if before is not None else []
        if span in waiting:
            kept.append(Piece(waiting.pop(span), *span))
        rest = split_piece(rest, span[1])[1] if rest is not None else None
    return [*kept, rest] if rest is not None else kept


def join(cells: Iterable[Cell], at_ns: int) -> list[Cell]:
    """Return ``cells`` as one, due at ``at_ns``; raw cells stay by themselves, for their bytes are framed already."""
    joined: list[Cell] = []
    for raw, group in groupby(cells, key=lambda cell: cell.raw):
        run = list(group)
        if raw or len(run) == 1:
            joined += [msgspec.structs.replace(cell, at_ns=at_ns) for cell in run]
        else:
            joined.append(Cell(at_ns, tuple(piece for cell in run for piece in cell.pieces)))
    return joined


def chop(cell: Cell, size: int) -> list[Cell]:
    """Return ``cell`` in cells of ``size`` bytes; the last may have fewer.

    Of an altered piece, the first part stands for what the piece stood for, and the others for nothing.
    """
    parts: list[list[Piece]] = [[]]
    room = size
    for piece in cell.pieces:
        start = 0
        while start < len(piece.data):
            if not room:
                parts.append([])
                room = size
            stop = min(len(piece.data), start + room)
            parts[-1].append(_part(piece, start, stop))
            room -= stop - start
            start = stop
    return [msgspec.structs.replace(cell, pieces=tuple(part)) for part in parts if part]


def _part(piece: Piece, start: int, stop: int) -> Piece:
    if piece.altered:
        return Piece(piece.data[start:stop], piece.stop if start else piece.start, piece.stop)
    return Piece(piece.data[start:stop], piece.start + start, piece.start + stop)


def pause(draft: Draft, offsets: Iterable[int], for_ns: int, filler: Filler | None = None) -> Draft:
    """Return ``draft`` with all from each place on, the end included, later by ``for_ns`` once more.

    ``filler`` gives the cells to send meanwhile, from the place and the time of the last byte before it.
    """
    waiting = sorted(offsets, reverse=True)
    cells: list[Cell] = []
    late_ns = 0

    def wait(offset: int) -> None:
        nonlocal late_ns
        start_ns = cells[-1].at_ns if cells else draft.headed_ns
        cells.extend(filler(offset, start_ns) if filler is not None else ())
        late_ns += for_ns

    for cell in draft.cells:
        rest = [cell]
        while waiting and rest and waiting[-1] < _stop(cell):
            left, rest = cut(rest, waiting[-1])
            cells += [_moved(part, late_ns) for part in left]
            wait(waiting.pop())
        cells += [_moved(part, late_ns) for part in rest]
    for offset in reversed(waiting):
        wait(offset)
    return msgspec.structs.replace(draft, cells=tuple(cells), end=_later(draft.end, late_ns))


def _moved(cell: Cell, by_ns: int) -> Cell:
    return msgspec.structs.replace(cell, at_ns=cell.at_ns + by_ns) if by_ns else cell


def _later(steps: Iterable[Step], by_ns: int) -> tuple[Step, ...]:
    return tuple(msgspec.structs.replace(step, at_ns=step.at_ns + by_ns) for step in steps)
