"""A reader that comes back with ``Last-Event-ID``: what it has is not sent again.

Law: the answer goes on after the frame that gives the id, the first one if several do; an id that no frame gives, or
whose frames cannot be seen, changes nothing. What is skipped takes no time: what follows comes as much sooner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.plan.draft import cut
from streamsim.plan.faults.framing import sized
from streamsim.sse import Parser

if TYPE_CHECKING:
    from streamsim.plan.anatomy import Anatomy
    from streamsim.plan.draft import Draft
    from streamsim.wire import Head


def resumed(draft: Draft, anatomy: Anatomy, last_event_id: str) -> Draft:
    """Return what of ``draft`` a reader lacks that has all up to ``last_event_id``; the whole is kept beside it."""
    offset = _after(anatomy, last_event_id) if last_event_id else None
    if offset is None:
        return draft
    _, rest = cut(draft.cells, offset)
    sooner_ns = (rest[0].at_ns if rest else draft.last_ns) - draft.cells[0].at_ns
    moved = draft.retimed([cell.at_ns - sooner_ns for cell in draft.cells])
    left = msgspec.structs.replace(moved, cells=tuple(cut(moved.cells, offset)[1]), whole=draft)
    return left.with_head(lambda head: _shorter(head, offset))


def _after(anatomy: Anatomy, last_event_id: str) -> int | None:
    """Return where the first frame ends that gives ``last_event_id``."""
    parser = Parser(anatomy.size or 1)
    for frame in anatomy.frames:
        parser.feed(anatomy.body[frame.start : frame.stop])
        if parser.last_event_id == last_event_id:
            return frame.stop
    return None


def _shorter(head: Head, by: int) -> Head:
    """Return ``head`` with a promised length that counts no skipped bytes."""
    promised = next((value for name, value in head.headers if name.lower() == "content-length"), "")
    return sized(head, int(promised) - by) if promised.isdecimal() and int(promised) >= by else head
