"""gzip (RFC 1952) written by hand, in stored blocks (RFC 1951, 3.2.4): the same bytes on every machine.

A stored block holds its bytes as they are, so each of them still has its place for the faults that follow.
"""

from __future__ import annotations

import zlib
from struct import pack
from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.content_encoding import header
from streamsim.errors import PlanError
from streamsim.plan.draft import Piece
from streamsim.plan.faults.boundaries import parts, prefixed
from streamsim.plan.faults.heads import replaced
from streamsim.wire import End

if TYPE_CHECKING:
    from streamsim.plan.anatomy import Anatomy
    from streamsim.plan.draft import Cell, Draft
    from streamsim.plan.faults.fault import Fault

# No name, no time, no extra flags; the operating system is unknown.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_MOST = 65_535


def plain(fault: Fault, anatomy: Anatomy) -> None:
    """Do nothing where the recorded body is not compressed.

    Raises:
        PlanError: It is.

    """
    if anatomy.encoded:
        problem = "the recorded body is compressed already"
        raise PlanError(fault.name(), problem, "record it without content-encoding")


def gzipped(draft: Draft) -> Draft:
    """Return ``draft`` with its body as gzip, every cell in blocks of its own.

    One without a body, or with an encoding, stays as it is. A body that is never completed lacks the trailer too.
    """
    head = draft.head_action
    if head is None or not draft.cells or header(head.headers, "content-encoding"):
        return draft
    cells = [_stored(cell) for cell in draft.cells]
    cells[0] = prefixed(cells[0], _HEADER)
    if isinstance(draft.end[-1].action, End):
        stop = cells[-1].pieces[-1].stop
        last = Piece(_trailer(b"".join(cell.data for cell in draft.cells)), stop, stop)
        cells[-1] = msgspec.structs.replace(cells[-1], pieces=(*cells[-1].pieces, last))
    return draft.with_cells(cells).with_head(lambda head: replaced(head, "content-encoding", "gzip"))


def _stored(cell: Cell) -> Cell:
    """Return ``cell`` in stored blocks, none of them the last of the body."""
    whole = msgspec.structs.replace(cell, raw=False)
    blocks = [prefixed(part, _opening(len(part.data))) for part in parts(whole, range(_MOST, len(cell.data), _MOST))]
    return msgspec.structs.replace(cell, pieces=tuple(piece for block in blocks for piece in block.pieces))


def _opening(size: int, *, last: bool = False) -> bytes:
    return pack("<BHH", last, size, size ^ 0xFFFF)


def _trailer(body: bytes) -> bytes:
    """Return an empty last block, the CRC and the length of all that was stored."""
    return _opening(0, last=True) + pack("<II", zlib.crc32(body), len(body) & 0xFFFFFFFF)
