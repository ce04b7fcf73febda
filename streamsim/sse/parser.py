"""Bytes of an event stream in, events out: HTML living standard, section 9.2.6, to the letter.

Laws:

* The events do not depend on how the bytes were cut, and each is handed out with the byte that completes it.
* Time is linear in the bytes, however they were cut: pieces of a line are joined once, when the line ends.
* Bytes are decoded only in whole lines, so that no character is ever cut: the bytes of CR and LF occur in no other.
* What an unfinished event may hold is limited.

`Parser.feed` is the fast path and the only place written for speed; all that it does not recognise goes to
`Parser._feed`, which alone would be a complete parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamsim.sse._lines import CR, LF, LineEnds
from streamsim.sse._uniform import read_uniform
from streamsim.sse.events import Event
from streamsim.sse.limits import MAX_EVENT_BYTES, checked_limit, too_large

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RETRY_MAX: Final = 10**18 - 1
"""The longest reconnection time we keep, in milliseconds; whoever asks for more gets this."""


def parse(data: bytes) -> list[Event]:
    """Return the events of a whole stream; an unfinished last one is none."""
    parser = Parser(max_event_bytes=len(data) or 1)
    events = list(parser.feed(data))
    parser.close()
    return events


class Parser:
    """Reads one event stream, chunk by chunk.

    The size of an event is that of its block up to the blank line, comments included, a line end being one byte.

    Attributes:
        last_event_id: What a reconnecting client would send: the last id of which the event was finished.
        retry_ms: The reconnection time the stream asked for last, at most `RETRY_MAX`.

    """

    __slots__ = (
        "_closed",
        "_data",
        "_ends",
        "_failed",
        "_held",
        "_id",
        "_idle",
        "_limit",
        "_ready",
        "_tail",
        "_type",
        "last_event_id",
        "retry_ms",
    )

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self.last_event_id = ""
        self.retry_ms: int | None = None
        self._limit = checked_limit(max_event_bytes)
        self._ends = LineEnds()
        self._tail: list[bytes] = []  # the unfinished line, in pieces
        self._held = 0  # the size of the unfinished event; 0 exactly between blocks
        self._data: list[str] = []  # the standard's three buffers
        self._type = ""
        self._id = ""
        self._ready = False  # chunks without a CR can be read as they are
        self._idle = False  # ready, and between blocks
        self._failed = False
        self._closed = False

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Return the events that ``chunk`` completes.

        Raises:
            EventTooLarge: An event is larger than allowed. Events before it are returned first: then the next call
                raises. The parser can't be used any more.
            ValueError: The parser was closed.

        """
        # FAST PATH, measured: a chunk of whole blocks, often just one, and a piece of a long line. Written for CPython's
        # costs: a method call is 50 ns, `10 in chunk` 18 ns, `b"\n" in chunk` 130 ns, and an event a read has 300 ns.
        if self._idle and CR not in chunk and len(chunk) <= self._limit:
            line, _, rest = chunk.partition(b"\n")
            if rest == b"\n":
                if line[:6] == b"data: ":
                    return (Event(line[6:].decode("utf-8", "replace"), "message", self.last_event_id),)
            elif line[:7] == b"event: ":
                value, _, rest = rest.partition(b"\n")
                if rest == b"\n" and value[:6] == b"data: ":
                    name = line[7:].decode("utf-8", "replace") or "message"
                    return (Event(value[6:].decode("utf-8", "replace"), name, self.last_event_id),)
            if chunk[-2:] == b"\n\n":
                return self._read_blocks(chunk.decode("utf-8", "replace"))
        elif self._ready and LF not in chunk and CR not in chunk:
            held = self._held + len(chunk)
            if chunk and held <= self._limit:
                self._tail.append(chunk)
                self._held = held
                return ()
        return self._feed(chunk)

    def close(self) -> None:
        """End the stream. "Once the end of the file is reached, any pending data must be discarded."

        Raises:
            EventTooLarge: As in `feed`.

        """
        if self._failed:
            raise too_large(self._limit)
        self._closed = True
        self._ready = self._idle = False
        self._tail.clear()
        self._data.clear()

    def _feed(self, chunk: bytes) -> Sequence[Event]:
        if CR in chunk or not self._ready:
            chunk = self._settle(chunk)
            if self._ready:
                return self.feed(chunk)  # the fast path may take it now
        if self._held + len(chunk) <= self._limit:
            return self._take(chunk)
        events = self._take(self._admit(chunk))
        if self._failed and not events:
            raise too_large(self._limit)
        return events

    def _settle(self, chunk: bytes) -> bytes:
        """Return ``chunk`` without byte order mark and with LF for every line end."""
        if self._failed:
            raise too_large(self._limit)
        if self._closed:
            raise ValueError("the parser was closed; make a new one for a new stream")
        chunk = self._ends.feed(chunk)
        self._ready = self._ends.settled
        self._idle = self._ready and not self._held
        return chunk

    def _admit(self, chunk: bytes) -> bytes:
        """Return the part of ``chunk`` before the line that makes its event too large, if there is one."""
        size, position, line_start = self._held, 0, not self._tail
        for line in chunk.splitlines(keepends=True):
            size = 0 if line == b"\n" and line_start else size + len(line)
            if size > self._limit:
                self._failed, self._ready = True, False
                return chunk[:position]
            position += len(line)
            line_start = True
        return chunk

    def _take(self, chunk: bytes) -> list[Event]:
        """Read the lines that ``chunk`` completes, and keep what is left of it."""
        lines_end = chunk.rfind(b"\n") + 1
        blocks_end = self._block_end(chunk, chunk.rfind)
        events: list[Event] = []
        start = 0
        if blocks_end:
            if self._pending():
                start = self._block_end(chunk, chunk.find)
                self._read(self._text(chunk[:start]), events)
            if start < blocks_end:
                events += self._read_blocks(self._text(chunk[start:blocks_end]))
            start = blocks_end
            self._held = -start
        if start < lines_end:
            self._read(self._text(chunk[start:lines_end]), events)
        if lines_end < len(chunk):
            self._tail.append(chunk[lines_end:])
        self._held += len(chunk)
        self._idle = self._ready and not self._held
        return events

    def _block_end(self, chunk: bytes, find: Callable[[bytes], int]) -> int:
        """Return where a block of ``chunk`` ends, 0 if none does; ``find`` decides which: the first or the last."""
        end = find(b"\n\n") + 2
        if end == 1 and (chunk[:1] != b"\n" or self._tail):
            return 0
        return end

    def _text(self, lines: bytes) -> str:
        """Return ``lines``, the first of which may have begun in earlier chunks."""
        if self._tail:
            self._tail.append(lines)
            lines = b"".join(self._tail)
            self._tail.clear()
        return str(lines, "utf-8", "replace")

    def _read_blocks(self, text: str) -> list[Event]:
        events = read_uniform(text, self.last_event_id)
        if events is None:
            events = []
            self._read(text, events)
        return events

    def _pending(self) -> bool:
        return bool(self._data or self._type) or self._id != self.last_event_id

    def _read(self, text: str, events: list[Event]) -> None:
        """Interpret whole lines, one by one."""
        lines = text.split("\n")
        lines.pop()  # what follows the last LF: nothing
        for line in lines:
            if line:
                self._field(line)
            else:
                self._dispatch(events)

    def _field(self, line: str) -> None:
        # "If the line contains a U+003A COLON character: collect the characters on the line before the first one, and
        # let field be that string." A comment is then a field without a name, and like all unknown ones ignored.
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id":
            if "\0" not in value:
                self._id = value
        elif name == "retry":
            self._retry(value)

    def _retry(self, value: str) -> None:
        # "If the field value consists of only ASCII digits"; int() refuses to read thousands of them.
        if value.isascii() and value.isdigit():
            digits = value.lstrip("0") or "0"
            self.retry_ms = int(digits) if len(digits) <= len(str(RETRY_MAX)) else RETRY_MAX

    def _dispatch(self, events: list[Event]) -> None:
        # The order is the standard's: the id counts even if there is no data, and then there is no event.
        self.last_event_id = self._id
        if self._data:
            events.append(Event("\n".join(self._data), self._type or "message", self._id))
            self._data.clear()
        self._type = ""
