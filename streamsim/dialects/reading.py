"""Reading a stream as a conforming client would: which chunk completes which event, and what each event says."""

from __future__ import annotations

from contextlib import suppress
from itertools import takewhile
from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.dialects.answer import Answer, gather
from streamsim.dialects.content_encoding import decoder, header
from streamsim.dialects.generic import GENERIC
from streamsim.dialects.known import BY_NAME
from streamsim.dialects.protocol import Clues, Dialect
from streamsim.dialects.told import Told
from streamsim.dialects.units import is_event_stream, kind_of, streams, units
from streamsim.sse import Event, EventTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamsim.recording.model import Exchange, Request
    from streamsim.wire import Headers

__all__ = ["Clues", "Landed", "Reading", "StreamReader", "is_event_stream", "read", "read_chunks", "streams"]

PATIENCE: Final = 64
"""So many events are asked for their dialect; after that the stream is generic."""

_HEAD: Final = 4096
_UNHEARD: Final = 64 << 10


class Landed(msgspec.Struct, frozen=True, gc=False):
    """An event, the index of the chunk that completed it, and what its dialect makes of it."""

    chunk: int
    event: Event
    told: Told

    @property
    def content(self) -> str:
        """What a reader would see grow."""
        return self.told.content

    @property
    def terminal(self) -> bool:
        """Whether it is the last event of the answer."""
        return self.told.terminal


class Reading(msgspec.Struct, frozen=True):
    """All events of a response."""

    dialect: str
    landed: tuple[Landed, ...]

    @property
    def content_chunks(self) -> tuple[int, ...]:
        """Indices of the chunks that complete an event with content, in order."""
        return tuple(dict.fromkeys([item.chunk for item in self.landed if item.told.content]))

    @property
    def terminal(self) -> bool:
        """Whether the terminal event was seen."""
        return any(item.told.terminal for item in self.landed)

    @property
    def spoken(self) -> Dialect:
        """The dialect itself."""
        return BY_NAME.get(self.dialect, GENERIC)

    @property
    def events(self) -> list[Event]:
        """The events alone."""
        return [item.event for item in self.landed]

    def answer(self) -> Answer:
        """Return what the events add up to."""
        return gather((item.told for item in self.landed), complete=self.spoken.complete(self.events))


class StreamReader:
    """Reads one response as it comes. A body that is no stream has no events.

    The dialect is that of the first event that one owns, or of its family the variation that the clues tell; until then
    events are taken as generic.

    Attributes:
        dialect: What the events are taken for.
        chunks: How many chunks were fed.
        unclaimed: How many events came before one that a dialect owns.

    """

    def __init__(self, headers: Headers, clues: Clues = Clues()) -> None:  # noqa: B008 - frozen
        self.dialect: Dialect = GENERIC
        self.chunks = 0
        self.unclaimed = 0
        kind = kind_of(headers)
        self._terminal = False
        self._unheard: list[Event] = []  # counted, and not yet asked what they tell
        self._unheard_size = 0
        self._units = units(kind) if kind is not None else None
        self._head = bytearray()  # how it begins, until an event has come: for its comments
        self._clues = msgspec.structs.replace(clues, response=headers)
        self._decode = decoder(headers)

    @property
    def terminal(self) -> bool:
        """Whether the terminal event was seen."""
        self._hear()
        return self._terminal

    def feed(self, data: bytes) -> list[Landed]:
        """Take the next chunk and return the events that it completes."""
        if self._unheard:
            self._hear()
        nth, events = self.chunks, self._events(data)
        tell = self._told if self.dialect is GENERIC else self.dialect.tell
        items: list[Landed] = []
        for event in events:
            told = tell(event)
            if told.terminal:
                self._terminal = True
            items.append(Landed(nth, event, told))
        return items

    def whole(self, chunks: Iterable[bytes]) -> Iterator[tuple[int, Event, Told]]:
        """Take all chunks of a body and yield its events, each with its chunk and what it tells.

        They are told in the dialect that one of them shows, those before it, too.
        """
        early: list[Landed] = []
        chunks = iter(chunks)
        for data in chunks:
            early += self.feed(data)
            if self.dialect is not GENERIC or self.unclaimed == PATIENCE:
                break
        tell = self.dialect.tell
        for item in early:
            yield item.chunk, item.event, tell(item.event)
        if self._units is None:
            return
        feed = self._units.feed
        with suppress(EventTooLarge):
            for nth, data in enumerate(map(self._decode, chunks), self.chunks):
                for event in feed(data):
                    yield nth, event, tell(event)

    def count(self, data: bytes) -> int:
        """Take the next chunk and return how many events it completes; what they tell is looked at when it matters."""
        events = self._events(data)
        self._unheard += events
        self._unheard_size += len(data)
        if self._unheard_size > _UNHEARD:
            self._hear()
        return len(events)

    def _hear(self) -> None:
        """Take note of what counted events tell."""
        events, self._unheard = self._unheard, []
        self._unheard_size = 0
        for event in events:
            self._told(event)

    def _events(self, data: bytes) -> Sequence[Event]:
        self.chunks += 1
        if self._units is None:
            return []
        data = self._decode(data)
        if self.dialect is GENERIC and len(self._head) < _HEAD:
            self._head += data[: _HEAD - len(self._head)]
        try:
            return self._units.feed(data)
        except EventTooLarge:
            self._units = None
            return []

    def _told(self, event: Event) -> Told:
        if self.dialect is GENERIC and self.unclaimed < PATIENCE:
            self._ask(event)
        told = self.dialect.tell(event)
        if told.terminal:
            self._terminal = True
        return told

    def _ask(self, event: Event) -> None:
        """See whether ``event`` tells the dialect."""
        if self._head.startswith(b":"):
            self._clues = msgspec.structs.replace(self._clues, comments=comments_of(bytes(self._head)))
        self.dialect = claimed(event, self._clues)
        self.unclaimed += self.dialect is GENERIC


def comments_of(head: bytes) -> tuple[str, ...]:
    """Return the comments before the first other line of an event stream, without colon and one space."""
    lines = takewhile(lambda line: not line or line[:1] == b":", head.splitlines())
    return tuple(line[1:].removeprefix(b" ").decode("utf-8", "replace") for line in lines if line)


def claimed(event: Event, clues: Clues = Clues()) -> Dialect:  # noqa: B008 - frozen
    """Return the dialect that owns ``event``; of a family the variation that the clues tell, or else the event."""
    near = BY_NAME.near(event, clues)
    families = [dialect for dialect in near if not dialect.family]
    variations = [dialect for dialect in near if dialect.family]
    marked = next((dialect for dialect in variations if dialect.marks(event)), None)
    family = BY_NAME[marked.family] if marked else next((each for each in families if each.owns(event)), GENERIC)
    told = (dialect for dialect in variations if dialect.family == family.name and dialect.suits(clues))
    return next(told, marked or family)


def answered(dialect: Dialect, events: Sequence[Event]) -> Answer:
    """Return the answer that ``events`` make in ``dialect``."""
    return gather(map(dialect.tell, events), complete=dialect.complete(events))


def clues_of(request: Request, upstream: str = "") -> Clues:
    """Return what a recorded request tells; the provider is the recording's ``upstream``, where there was a proxy."""
    host = upstream.partition("://")[2].lower() or header(request.headers, "host")
    return Clues(request.method, request.target, host.partition("/")[0].partition(":")[0], request.headers)


def read(exchange: Exchange, upstream: str = "") -> Reading:
    """Return the events of a recorded response; ``upstream`` is what the recording's header says."""
    if exchange.response is None:
        return Reading(GENERIC.name, ())
    return read_chunks(
        exchange.response.headers, (chunk.data for chunk in exchange.chunks), clues_of(exchange.request, upstream)
    )


def read_chunks(headers: Headers, chunks: Iterable[bytes], clues: Clues = Clues()) -> Reading:  # noqa: B008 - frozen
    """Return the events of a response body given in chunks; all of them are taken in the dialect that one shows."""
    reader = StreamReader(headers, clues)
    found = tuple([Landed(*item) for item in reader.whole(chunks)])
    return Reading(reader.dialect.name, found)
