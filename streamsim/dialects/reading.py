"""Reading a stream as a conforming client would: which chunk completes which event, and what each event says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.anthropic_messages import AnthropicMessages
from streamsim.dialects.content_encoding import decoder, header
from streamsim.dialects.generic import Generic
from streamsim.dialects.openai_chat import OpenAIChat
from streamsim.dialects.openai_completions import OpenAICompletions
from streamsim.dialects.openai_responses import OpenAIResponses
from streamsim.sse import Event, EventTooLarge, Parser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.dialects.protocol import Dialect
    from streamsim.recording.model import Exchange
    from streamsim.wire import Headers

KNOWN: tuple[Dialect, ...] = (OpenAIChat(), AnthropicMessages(), OpenAIResponses(), OpenAICompletions())


class Landed(msgspec.Struct, frozen=True):
    """An event, the index of the chunk that completed it, and what its dialect makes of it."""

    chunk: int
    event: Event
    content: str
    terminal: bool


class Reading(msgspec.Struct, frozen=True):
    """All events of a response."""

    dialect: str
    landed: tuple[Landed, ...]

    @property
    def content_chunks(self) -> tuple[int, ...]:
        """Indices of the chunks that complete an event with content, in order."""
        return tuple(dict.fromkeys(item.chunk for item in self.landed if item.content))

    @property
    def terminal(self) -> bool:
        """Whether the terminal event was seen."""
        return any(item.terminal for item in self.landed)


class StreamReader:
    """Reads one response as it comes. A body that is no event stream has no events.

    The dialect is that of the first event that one owns; until then events are taken as generic.

    Attributes:
        dialect: What the events are taken for.
        terminal: The terminal event was seen.
        chunks: How many chunks were fed.
        unclaimed: How many events came before one that a dialect owns.

    """

    def __init__(self, headers: Headers) -> None:
        self.dialect: Dialect = _GENERIC
        self.terminal = False
        self.chunks = 0
        self.unclaimed = 0
        self._parser = Parser() if is_event_stream(headers) else None
        self._decode = decoder(headers)

    def feed(self, data: bytes) -> list[Landed]:
        """Take the next chunk and return the events that it completes."""
        nth = self.chunks
        self.chunks += 1
        if self._parser is None:
            return []
        try:
            return [self._land(nth, event) for event in self._parser.feed(self._decode(data))]
        except EventTooLarge:
            self._parser = None
            return []

    def _land(self, nth: int, event: Event) -> Landed:
        if self.dialect is _GENERIC:
            self.dialect = next((dialect for dialect in KNOWN if dialect.owns(event)), _GENERIC)
            self.unclaimed += self.dialect is _GENERIC
        landed = _landed(nth, event, self.dialect)
        self.terminal = self.terminal or landed.terminal
        return landed


_GENERIC: Dialect = Generic()


def _landed(nth: int, event: Event, dialect: Dialect) -> Landed:
    return Landed(nth, event, dialect.content(event), dialect.is_terminal(event))


def is_event_stream(headers: Headers) -> bool:
    """Tell whether the content type is ``text/event-stream``."""
    return header(headers, "content-type").partition(";")[0].strip() == "text/event-stream"


def read(exchange: Exchange) -> Reading:
    """Return the events of a recorded response."""
    if exchange.response is None:
        return Reading(_GENERIC.name, ())
    return read_chunks(exchange.response.headers, (chunk.data for chunk in exchange.chunks))


def read_chunks(headers: Headers, chunks: Iterable[bytes]) -> Reading:
    """Return the events of a response body given in chunks; all of them are taken in the dialect that one shows."""
    reader = StreamReader(headers)
    landed = [item for data in chunks for item in reader.feed(data)]
    early = [_landed(item.chunk, item.event, reader.dialect) for item in landed[: reader.unclaimed]]
    return Reading(reader.dialect.name, (*early, *landed[reader.unclaimed :]))
