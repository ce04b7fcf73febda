"""What planning asks of a stream's events, in a few bytes a chunk: which chunks have content, how many events are over.

Law: it says what a reading of the same chunks says, and holds none of its events.
"""

from __future__ import annotations

from array import array
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.generic import GENERIC
from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import StreamReader, clues_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.dialects.protocol import Dialect
    from streamsim.dialects.reading import Reading
    from streamsim.dialects.told import Told
    from streamsim.recording.model import Exchange
    from streamsim.sse import Event

_DATA = attrgetter("data")


class Outline(msgspec.Struct, frozen=True):
    """A response, outlined.

    Attributes:
        dialect: What the events are.
        content: Indices of the chunks that complete an event with content, in order.
        events: How many events are complete after each chunk.
        terminal: Whether the terminal event was seen.

    """

    dialect: str
    content: array[int]
    events: array[int]
    terminal: bool

    @property
    def landed(self) -> int:
        """How many events there are."""
        return self.events[-1] if self.events else 0

    @property
    def spoken(self) -> Dialect:
        """The dialect itself."""
        return BY_NAME.get(self.dialect, GENERIC)


def outline(exchange: Exchange, upstream: str = "") -> Outline:
    """Return the outline of a recorded response; ``upstream`` is what the recording's header says."""
    chunks = exchange.chunks
    if exchange.response is None:
        return _outlined(GENERIC.name, (), len(chunks))
    reader = StreamReader(exchange.response.headers, clues_of(exchange.request, upstream))
    found = _outlined("", reader.whole(map(_DATA, chunks)), len(chunks))
    return msgspec.structs.replace(found, dialect=reader.dialect.name)


def outline_of(reading: Reading, chunks: int) -> Outline:
    """Return the outline of a reading of so many chunks."""
    items = ((item.chunk, item.event, item.told) for item in reading.landed)
    return _outlined(reading.dialect, items, chunks)


def _outlined(dialect: str, items: Iterable[tuple[int, Event, Told]], chunks: int) -> Outline:
    content, counts, last, terminal = array("I"), array("I", bytes(4 * chunks)), -1, False
    for chunk, _, told in items:
        counts[chunk] += 1
        if told.terminal:
            terminal = True
        if chunk != last and told.content:
            content.append(chunk)
            last = chunk
    return Outline(dialect, content, array("I", accumulate(counts)), terminal)
