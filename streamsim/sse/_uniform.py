"""The fast path: whole blocks that all look alike, read by a handful of C-speed calls.

Law: the result is the plain path's result, or None, which means "ask the plain path". Nothing here is needed for
correctness; it is here because nearly all real streams are made of blocks of one of these two shapes, and reading them
line by line costs several times more (``benchmarks`` measure it):

    data: VALUE                 event: TYPE
    <blank line>                data: VALUE
                                <blank line>
"""

from __future__ import annotations

from itertools import repeat

from streamsim.sse.events import Event


def read_uniform(text: str, last_id: str) -> list[Event] | None:
    """Return the events of ``text`` if its blocks have one of the two shapes throughout, else None.

    ``text`` begins at the beginning of a block, ends in a blank line, and has no line end but LF.
    """
    if text[:6] == "data: ":
        return _unnamed(text, last_id)
    if text[:7] == "event: ":
        return _named(text, last_id)
    return None


def _unnamed(text: str, last_id: str) -> list[Event] | None:
    values = text[6:-2].split("\n\ndata: ")
    # Two line ends a block are the ones the shape has: one more, and some value holds a line end.
    if text.count("\n") != 2 * len(values):
        return None
    return list(map(Event, values, repeat("message"), repeat(last_id)))


def _named(text: str, last_id: str) -> list[Event] | None:
    blocks = text[7:-2].split("\n\nevent: ")
    # Three line ends a block are the ones the shape has. Each has its one before its data, or this is not the shape;
    # so where there are no more, no type and no value holds a line end.
    if text.count("\n") != 3 * len(blocks):
        return None
    events: list[Event] = []
    for block in blocks:
        name, mark, value = block.partition("\ndata: ")
        if not mark or not name:  # an empty name means "message"
            return None
        events.append(Event(value, name, last_id))
    return events
