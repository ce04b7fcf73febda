"""A second reading of the standard, to judge by: the whole input at once, slowly, word for word.

Law: it shares no code with `streamsim.sse`, and knows nothing of chunks: characters first, then lines, then fields.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_REPLACEMENT: Final = "\ufffd"
_DIGITS: Final = frozenset("0123456789")


class Dispatched(NamedTuple):
    """One event.

    Attributes:
        data, type, id: As a listener sees them.
        own_id: The id its own block gives; None where it gives none.
        retry: The last reconnection time of its own block, in milliseconds.
        retries: All reconnection times so far, those of its own block last.
        end: How many bytes had to come for it: to the end of its blank line.

    """

    data: str
    type: str
    id: str
    own_id: str | None
    retry: int | None
    retries: tuple[int, ...]
    end: int


def characters(data: bytes) -> list[tuple[str, int]]:
    """Decode as the Encoding standard, section 8.1.1, says; return each character with the offset where it ends."""
    found: list[tuple[str, int]] = []
    point, needed, lower, upper = 0, 0, 0x80, 0xBF
    position = 0
    while position < len(data):
        byte = data[position]
        if needed and not lower <= byte <= upper:  # "prepend byte to ioQueue and return error"
            found.append((_REPLACEMENT, position))
            needed, lower, upper = 0, 0x80, 0xBF
            continue
        position += 1
        if needed:
            point, needed, lower, upper = point << 6 | byte & 0x3F, needed - 1, 0x80, 0xBF
            if not needed:
                found.append((chr(point), position))
        elif byte <= 0x7F:
            found.append((chr(byte), position))
        else:
            point, needed, lower, upper = _lead(byte)
            if not needed:
                found.append((_REPLACEMENT, position))
    if needed:
        found.append((_REPLACEMENT, position))
    return found


def _lead(byte: int) -> tuple[int, int, int, int]:
    """Return the bits of a first byte, how many bytes it needs (0 for none), and the bounds of the next."""
    if 0xC2 <= byte <= 0xDF:
        return byte & 0x1F, 1, 0x80, 0xBF
    if 0xE0 <= byte <= 0xEF:
        return byte & 0xF, 2, 0xA0 if byte == 0xE0 else 0x80, 0x9F if byte == 0xED else 0xBF
    if 0xF0 <= byte <= 0xF4:
        return byte & 0x7, 3, 0x90 if byte == 0xF0 else 0x80, 0x8F if byte == 0xF4 else 0xBF
    return 0, 0, 0x80, 0xBF


def lines(data: bytes) -> tuple[list[tuple[str, int]], str]:
    """Return the lines, each with the offset after its line end, and the unfinished rest."""
    text, ends = _decoded(data)
    found: list[tuple[str, int]] = []
    start = 0
    for line_end in _LINE_END.finditer(text):
        found.append((text[start : line_end.start()], ends[line_end.end() - 1]))
        start = line_end.end()
    return found, text[start:]


# "a U+000D CARRIAGE RETURN (CR) character followed by a U+000A LINE FEED (LF) character, or ..." one of the two alone
_LINE_END: Final = re.compile("\r\n|\n|\r")


def _decoded(data: bytes) -> tuple[str, Sequence[int]]:
    """Return the text without its byte order mark, and the offset where each character ends."""
    if data.isascii():
        return data.decode("ascii"), range(1, len(data) + 1)
    text = characters(data)
    if text[0][0] == "\ufeff":
        del text[0]
    return "".join([character for character, _ in text]), [end for _, end in text]


def interpret(data: bytes) -> list[Dispatched]:
    """Return what a conforming reader dispatches, section 9.2.6."""
    events: list[Dispatched] = []
    buffers = _Buffers()
    for line, end in lines(data)[0]:
        if line == "":
            event = buffers.dispatch(end)
            if event is not None:
                events.append(event)
        elif not line.startswith(":"):
            colon = line.find(":")
            field, value = (line, "") if colon < 0 else (line[:colon], line[colon + 1 :])
            buffers.process(field, value[1:] if value[:1] == " " else value)
    return events


class _Buffers:
    """The data buffer, the event type buffer, the last event ID buffer; and what the block gives by itself."""

    def __init__(self) -> None:
        self.data, self.event_type, self.last_event_id = "", "", ""
        self.own_id: str | None = None
        self.retry: int | None = None
        self.retries: tuple[int, ...] = ()

    def process(self, field: str, value: str) -> None:
        """Process the field."""
        if field == "data":
            self.data += value + "\n"
        elif field == "event":
            self.event_type = value
        elif field == "id" and "\x00" not in value:
            self.last_event_id = self.own_id = value
        elif field == "retry" and value and set(value) <= _DIGITS:
            self.retry = _number(value)
            self.retries += (self.retry,)

    def dispatch(self, end: int) -> Dispatched | None:
        """Dispatch the event.

        "If the data buffer is an empty string, set the data buffer and the event type buffer to the empty string and
        return." The data buffer ends in LF if there was any data line.
        """
        event = None
        if self.data != "":
            named = self.event_type or "message"
            event = Dispatched(self.data[:-1], named, self.last_event_id, self.own_id, self.retry, self.retries, end)
        self.data, self.event_type, self.own_id, self.retry = "", "", None, None
        return event


def _number(digits: str) -> int:
    """Return what the digits mean, however many there are."""
    value = 0
    for start in range(0, len(digits), _AT_ONCE):
        part = digits[start : start + _AT_ONCE]
        value = value * 10 ** len(part) + int(part)
    return value


_AT_ONCE: Final = 1000
