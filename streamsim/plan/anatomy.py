"""Where things stand in a response body as it was recorded: chunks, frames, events, the first token, the last event.

Law: places count from 0 over the recording as it is, whatever any fault does to it; each is an offset in body bytes, so
that faults which change bytes, boundaries or times all agree on where they strike.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streamsim.dialects import Landed
from streamsim.dialects.content_encoding import header
from streamsim.dialects.units import Kind, frames, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects import Reading
    from streamsim.wire import Headers

_EOL = re.compile(rb"\r\n|\n|\r")
# A reason to finish that is given; within a string of JSON its quotes would be escaped, so no text looks like it.
_REASON = re.compile(r'"(?:finish_reason|finishReason|stop_reason)"[ \t]*:[ \t]*"[^"]')


class Span(NamedTuple):
    """Body bytes from ``start`` up to, not including, ``stop``."""

    start: int
    stop: int


class Anatomy(msgspec.Struct, frozen=True):
    """The places of one body.

    Attributes:
        body: The recorded bytes.
        chunks: Span of each chunk.
        frames: Span of each frame, an unfinished last one included: together they are the whole body. There are none
            where the body is no stream or not readable.
        events: Span of the frame that dispatches each event.
        content: Indices of the events with content.
        terminal: Index of the dialect's last event, or None.
        finish: Index of the first event that tells the end: by a reason to finish, or as the terminal one; or None.
        encoded: The body is compressed: frames are not visible in its bytes, and an event's span is that of its chunk.
        kind: How the body is made of events, by its content type: only ``sse`` has lines, comments and fields.
        landed: The events themselves, and what each tells.

    """

    body: bytes
    chunks: tuple[Span, ...]
    frames: tuple[Span, ...]
    events: tuple[Span, ...]
    content: tuple[int, ...]
    terminal: int | None
    finish: int | None = None
    encoded: bool = False
    kind: Kind | None = None
    landed: tuple[Landed, ...] = ()

    @property
    def size(self) -> int:
        """Length of the body."""
        return len(self.body)

    @property
    def before_end(self) -> int | None:
        """Where the last content stops that precedes what tells the end; None if there is no event at all.

        Where no event tells the end, the last one stands in for it. Where no content precedes it, or a compressed chunk
        holds both, the place is where it begins.
        """
        if not self.events:
            return None
        last = len(self.events) - 1 if self.finish is None else self.finish
        said = [index for index in self.content if index < last]
        return min(self.events[said[-1]].stop, self.events[last].start) if said else self.events[last].start

    @property
    def after_terminal(self) -> int:
        """Where the terminal event ends; without one, the end of the body."""
        return self.size if self.terminal is None else self.events[self.terminal].stop

    @property
    def eol(self) -> bytes:
        """The stream's own line end: that of its first line; LF where there is none to be seen."""
        match = None if self.encoded or self.kind not in ("sse", None) else _EOL.search(self.body)
        return match[0] if match is not None else b"\n"

    def first_event_from(self, offset: int) -> int:
        """Return the index of the first event whose frame begins at ``offset`` or later."""
        return bisect_left([span.start for span in self.events], offset)

    def first_event_after(self, offset: int) -> int:
        """Return the index of the first event whose frame ends after ``offset``."""
        return bisect_right([span.stop for span in self.events], offset)

    def between(self, offset: int) -> int:
        """Return ``offset``, or where the frame ends inside which it lies."""
        index = bisect_right([span.start for span in self.frames], offset) - 1
        if index < 0 or self.frames[index].start == offset:
            return offset
        return self.frames[index].stop


def anatomy(headers: Headers, chunks: Sequence[bytes], reading: Reading) -> Anatomy:
    """Return the places of a body given in ``chunks``."""
    body = b"".join(chunks)
    spans = tuple(Span(*pair) for pair in pairwise(accumulate(map(len, chunks), initial=0)))
    encoded = header(headers, "content-encoding") not in ("", "identity")
    kind = kind_of(headers)
    cuts, events = _frames(kind, body) if kind is not None and not encoded else ([], [])
    if encoded:
        events = [spans[item.chunk] for item in reading.landed]
    return Anatomy(
        body=body,
        chunks=spans,
        frames=tuple(cuts),
        events=tuple(events[: len(reading.landed)]),
        content=tuple(index for index, item in enumerate(reading.landed) if item.content),
        terminal=next((index for index, item in enumerate(reading.landed) if item.terminal), None),
        finish=next((index for index, item in enumerate(reading.landed) if _tells_end(item)), None),
        encoded=encoded,
        kind=kind,
        landed=reading.landed[: len(events)],
    )


def _tells_end(item: Landed) -> bool:
    return item.terminal or bool(item.told.stops) or _REASON.search(item.event.data) is not None


def _frames(kind: Kind, body: bytes) -> tuple[list[Span], list[Span]]:
    """Return the span of each frame, and that of the frame of each event, however large."""
    cuts: list[Span] = []
    events: list[Span] = []
    for frame, dispatched in frames(kind, body):
        start = cuts[-1].stop if cuts else 0
        cuts.append(Span(start, start + len(frame)))
        events += [cuts[-1]] * dispatched
    return cuts, events
