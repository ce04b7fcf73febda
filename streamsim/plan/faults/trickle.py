"""The response drips: a few bytes at a time, with its chunks as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.errors import PlanError, UsageError
from streamsim.plan.draft import Cell, Piece, chop, opened
from streamsim.plan.faults.fault import Fault, Phase
from streamsim.plan.faults.values import MOST, positive
from streamsim.wire import End, Fin, Raw, Step, http1

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Framing


class Trickle(Fault, frozen=True, kw_only=True, tag="trickle"):
    """Send the same bytes, so many at a time, so far apart; nothing earlier than recorded.

    The pieces are cut through the HTTP chunks, which stay what they were: a reader sees each arrive slowly. What ends
    the body keeps its distance from it and is sent at once. With ``headers`` a complete body is followed by FIN, for
    what was sent in pieces is, to the server, no answer after which another could follow.

    Attributes:
        bytes_: ``bytes=1``: how many at a time.
        every: How far apart.
        headers: ``true``: the head drips too, without any header that the server adds.

    """

    bytes_: int = msgspec.field(default=1, name="bytes")
    every: str = "100ms"
    headers: bool = False

    phase: ClassVar[Phase] = Phase.WIRE
    sees: ClassVar[str] = "bytes that never stop coming and hardly come: only a timeout for the whole strikes"
    rows: ClassVar[tuple[str, ...]] = ("trickle",)

    def __post_init__(self) -> None:
        """Refuse no bytes and no time."""
        super().__post_init__()
        positive(self, "every", self.every)
        if self.bytes_ < 1:
            raise UsageError(f"{self.name()}: bytes", f"{self.bytes_} at a time never end", "write bytes=1 or more")

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` in drops."""
        del scene
        head = draft.head_action
        framing = head.framing if head is not None else "none"
        cells = [_framed(cell, size_line, framing) for cell, size_line in opened(draft.cells)]
        if head is not None and self.headers:
            cells.insert(0, Cell(draft.headed_ns, (Piece(http1.head(head), 0, 0),), raw=True))
            draft = msgspec.structs.replace(draft, head=None, end=_unheaded(draft.end, framing))
        pieces = sum(-(-len(cell.data) // self.bytes_) for cell in cells)
        if pieces > MOST:
            raise PlanError(self.name(), f"{pieces} pieces are more than {MOST}", "write more bytes")
        whole = msgspec.structs.replace(draft, cells=tuple(cells))
        drops = [drop for cell in cells for drop in chop(cell, self.bytes_)]
        return _spread(whole, drops, positive(self, "every", self.every))


def _framed(cell: Cell, size_line: bytes, framing: Framing) -> Cell:
    """Return ``cell`` as the bytes that it is on the wire."""
    start, stop = cell.pieces[0].start, cell.pieces[-1].stop
    opening, closing = size_line, b""
    if framing == "chunked" and not cell.raw:
        opening, closing = b"%x\r\n" % len(cell.data), b"\r\n"
    pieces = (Piece(opening, start, start), *cell.pieces, Piece(closing, stop, stop))
    return msgspec.structs.replace(cell, pieces=pieces, raw=True, size_line=b"")


def _unheaded(end: tuple[Step, ...], framing: Framing) -> tuple[Step, ...]:
    """Return ``end`` as it can be without a head."""
    action, at_ns = end[-1].action, end[-1].at_ns
    if not isinstance(action, End):
        return end
    last = http1.end(action, framing)
    return (*end[:-1], *([Step(at_ns, Raw(last))] if last else []), Step(at_ns, Fin()))


def _spread(draft: Draft, drops: list[Cell], every_ns: int) -> Draft:
    """Return ``draft`` with ``drops`` for cells, each at its time and not too soon after the one before."""
    times: list[int] = []
    for drop in drops:
        times.append(max(drop.at_ns, times[-1] + every_ns) if times else drop.at_ns)
    return msgspec.structs.replace(draft, cells=tuple(drops)).retimed(times)
