"""Bodies as units, each an event: SSE, one JSON a line, one JSON array written piece by piece, AWS event streams.

Laws:

* The events do not depend on how the bytes were cut, and each is handed out with the byte that completes it.
* The frames put together are the body; an event stands in the frame that dispatches it.

A line of NDJSON and an element of an array are events without a name; blank lines are none.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from itertools import takewhile
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias

from streamsim.dialects import aws_frames
from streamsim.dialects.content_encoding import header
from streamsim.sse import MAX_EVENT_BYTES, Event, EventTooLarge, FrameSplitter, Parser

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.wire import Headers

Kind: TypeAlias = Literal["sse", "lines", "array", "aws"]

_KINDS: Final[dict[str, Kind]] = {
    "text/event-stream": "sse",
    "application/x-ndjson": "lines",
    "application/ndjson": "lines",
    "application/jsonl": "lines",
    "application/x-jsonlines": "lines",
    "application/stream+json": "lines",
    "application/json": "array",
    aws_frames.CONTENT_TYPE: "aws",
}
_MARKS = re.compile(rb'["\\{}\[\],]')
_BLANK: Final = b" \t\r\n"


class Units(Protocol):
    """Reads one body."""

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Return the events that ``chunk`` completes; raise `EventTooLarge` where one can't be held."""
        ...


class Cutter(Protocol):
    """Cuts one body into frames."""

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """Return the frames that ``chunk`` completes."""
        ...

    def close(self) -> bytes:
        """End the body and return its rest."""
        ...


def kind_of(headers: Headers) -> Kind | None:
    """Return how a body of this content type is made of events; an ``array`` may also be one object, no event."""
    return _KINDS.get(header(headers, "content-type").partition(";")[0].strip())


def is_event_stream(headers: Headers) -> bool:
    """Tell whether the content type is ``text/event-stream``."""
    return kind_of(headers) == "sse"


def streams(headers: Headers) -> bool:
    """Tell whether the content type alone says that the body is a stream of events."""
    return kind_of(headers) in ("sse", "lines", "aws")


def units(kind: Kind, max_event_bytes: int = MAX_EVENT_BYTES) -> Units:
    """Return what reads a body of this kind."""
    return Parser(max_event_bytes) if kind == "sse" else _Cut(kind, max_event_bytes)


def cutter(kind: Kind, max_event_bytes: int = MAX_EVENT_BYTES) -> Cutter:
    """Return what cuts a body of this kind."""
    if kind == "sse":
        return FrameSplitter(max_event_bytes)
    if kind == "aws":
        return aws_frames.AwsSplitter(max_event_bytes)
    return _Lines(max_event_bytes) if kind == "lines" else _Array(max_event_bytes)


def frames(kind: Kind, body: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield each frame of a whole body, an unfinished last one too, and how many events it dispatches."""
    limit = len(body) or 1
    cuts, reader = cutter(kind, limit), units(kind, limit)
    found = cuts.feed(body)
    rest = cuts.close()
    for frame in (*found, rest) if rest else found:
        yield frame, len(reader.feed(frame))


class _Cut:
    """Reads a body whose frames each hold one event at most."""

    def __init__(self, kind: Kind, limit: int) -> None:
        self._cutter = cutter(kind, limit)
        self._event = {"aws": aws_frames.event, "array": _element}.get(kind, _line)

    def feed(self, chunk: bytes) -> list[Event]:
        found = map(self._event, self._cutter.feed(chunk))
        return [event for event in found if event is not None]


class _Limited:
    """Keeps what is unfinished, and gives up once a frame is too large: first the frames before it, then an error."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._failed = False
        self._tail = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        if self._failed:
            raise _too_large(self._limit)
        found = self._cut(chunk)
        fitting = list(takewhile(lambda frame: len(frame) <= self._limit, found))
        self._failed = len(fitting) < len(found) or len(self._tail) > self._limit
        if self._failed:
            self._tail.clear()
            if not fitting:
                raise _too_large(self._limit)
        return fitting

    def close(self) -> bytes:
        rest = bytes(self._tail)
        self._tail.clear()
        return rest

    @abstractmethod
    def _cut(self, chunk: bytes) -> list[bytes]:
        """Return the frames that ``chunk`` completes, keeping the rest."""


def _line(frame: bytes) -> Event | None:
    """Return the JSON of a line."""
    data = frame.strip(_BLANK)
    return Event(data.decode("utf-8", "replace")) if data else None


def _element(frame: bytes) -> Event | None:
    """Return the JSON of an array's element, without the bracket or comma before it."""
    data = frame.strip(_BLANK)
    data = data[1:].lstrip(_BLANK) if data[:1] in (b"[", b",") else data
    return Event(data.decode("utf-8", "replace")) if data and data != b"]" else None


class _Lines(_Limited):
    """Cuts after each LF."""

    def _cut(self, chunk: bytes) -> list[bytes]:
        *lines, rest = chunk.split(b"\n")
        if lines:
            lines[0] = bytes(self._tail) + lines[0]
            self._tail.clear()
        self._tail += rest
        return [line + b"\n" for line in lines]


class _Array(_Limited):
    """Cuts an array behind each object in it; the opening bracket belongs to the first one's frame."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._looked = 0
        self._depth = 0
        self._quoted = False
        self._none = False  # it is no array

    def _cut(self, chunk: bytes) -> list[bytes]:
        self._tail += chunk
        if self._depth == 0 and not self._none:
            start = self._tail.lstrip(_BLANK)[:1]
            self._none = bool(start) and start not in b"[]"
        if self._none:
            self._tail.clear()
            return []
        return self._found()

    def _found(self) -> list[bytes]:
        found: list[bytes] = []
        start = 0
        while (match := _MARKS.search(self._tail, self._looked)) is not None:
            mark = match[0]
            if mark == b"\\" and match.end() == len(self._tail):
                break  # what it escapes has not come
            self._looked = match.end() + (mark == b"\\")
            if self._passed(mark):
                found.append(bytes(self._tail[start : self._looked]))
                start = self._looked
        else:
            self._looked = len(self._tail)
        del self._tail[:start]
        self._looked -= start
        return found

    def _passed(self, mark: bytes) -> bool:
        """Take note of a mark; tell whether it ends an object of the array."""
        if mark == b'"':
            self._quoted = not self._quoted
        elif not self._quoted and mark in b"{[":
            self._depth += 1
        elif not self._quoted and mark in b"}]":
            self._depth -= 1
            return self._depth == 1
        return False


def _too_large(limit: int) -> EventTooLarge:
    return EventTooLarge("body", f"an event is larger than {limit} bytes", "make the sender end its events")
