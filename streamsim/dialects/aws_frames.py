"""The frames of AWS event streams (``application/vnd.amazon.eventstream``), as Bedrock sends them.

A frame is: its length, the length of its headers, a CRC-32 of these two, headers, payload, and a CRC-32 of all before;
numbers are big-endian of 32 bits (AWS SDKs' documentation of the event stream encoding, and recorded streams).

Laws:

* All frames and the rest, put together, are the input, byte for byte, however the input was cut.
* A frame is handed out with its last byte. After a prelude with a wrong checksum nothing more is: no reader could know
  where the next frame begins.
* Only a frame with both checksums right is an event.
"""

from __future__ import annotations

import zlib
from struct import Struct
from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.sse import MAX_EVENT_BYTES, Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CONTENT_TYPE: Final = "application/vnd.amazon.eventstream"
_PRELUDE: Final = Struct(">III")
_U32: Final = Struct(">I")
_U16: Final = Struct(">H")
_SMALLEST: Final = _PRELUDE.size + _U32.size
_STRING: Final = 7
_SIZES: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # of header values with a fixed size, by their type
_SIZED: Final = (6, _STRING)  # header values that begin with their size: bytes and text


class Message(msgspec.Struct, frozen=True):
    """What one frame holds; of the headers those that are text."""

    headers: dict[str, str]
    payload: bytes


class AwsSplitter:
    """Cuts one event stream into frames, chunk by chunk."""

    __slots__ = ("_broken", "_limit", "_tail")

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._limit = max_event_bytes
        self._tail = bytearray()
        self._broken = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the frames that ``chunk`` completes."""
        self._tail += chunk
        found: list[bytes] = []
        start = 0
        while (stop := self._end(start)) is not None:
            found.append(bytes(self._tail[start:stop]))
            start = stop
        del self._tail[:start]
        return found

    def close(self) -> bytes:
        """End the stream and return its rest: an unfinished frame, or all from a broken one on, or nothing."""
        rest = bytes(self._tail)
        self._tail.clear()
        return rest

    def _end(self, start: int) -> int | None:
        """Return where the frame from ``start`` on ends, or None while that cannot be told."""
        if self._broken or len(self._tail) - start < _PRELUDE.size:
            return None
        size = _size(self._tail, start, self._limit)
        self._broken = size is None
        return None if size is None or start + size > len(self._tail) else start + size


def _size(data: bytearray, start: int, limit: int) -> int | None:
    """Return the size that a prelude tells; None where it cannot be true."""
    total, inside, checksum = _PRELUDE.unpack_from(data, start)
    told = zlib.crc32(data[start : start + 8]) == checksum
    return total if told and _SMALLEST + inside <= total <= limit else None


def message(frame: bytes) -> Message | None:
    """Return what ``frame`` holds; None where a length or a checksum is wrong."""
    if len(frame) < _SMALLEST or _size(bytearray(frame), 0, len(frame)) != len(frame):
        return None
    if zlib.crc32(frame[:-4]) != _U32.unpack(frame[-4:])[0]:
        return None
    inside = _PRELUDE.unpack_from(frame)[1]
    headers_end = _PRELUDE.size + inside
    try:
        headers = dict(_headers(frame[_PRELUDE.size : headers_end]))
    except (IndexError, KeyError, ValueError):
        return None
    return Message(headers, frame[headers_end:-4])


def _headers(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield names and values of the headers that are text."""
    place = 0
    while place < len(data):
        name_end = place + 1 + data[place]
        name, kind, place = data[place + 1 : name_end].decode(), data[name_end], name_end + 1
        size = _SIZES.get(kind)
        if kind in _SIZED:
            size, place = int.from_bytes(data[place : place + 2], "big"), place + 2
        if size is None:
            raise ValueError(f"no header value is of type {kind}")
        if kind == _STRING:
            yield name, data[place : place + size].decode()
        place += size


def frame(headers: Iterable[tuple[str, str]], payload: bytes) -> bytes:
    """Return the frame that holds ``headers``, all text, and ``payload``."""
    head = b"".join(_header(name.encode(), value.encode()) for name, value in headers)
    prelude = _U32.pack(_SMALLEST + len(head) + len(payload)) + _U32.pack(len(head))
    body = b"".join((prelude, _U32.pack(zlib.crc32(prelude)), head, payload))
    return body + _U32.pack(zlib.crc32(body))


def _header(name: bytes, value: bytes) -> bytes:
    return b"".join((bytes((len(name),)), name, bytes((_STRING,)), _U16.pack(len(value)), value))


def event(frame: bytes) -> Event | None:
    """Return ``frame`` as an event: payload and event type, or exception type; None for one that cannot be read."""
    told = message(frame)
    if told is None:
        return None
    headers = told.headers
    if headers.get(":message-type") == "error":
        said = msgspec.json.encode({"message": headers.get(":error-message", "")}).decode()
        return Event(said, headers.get(":error-code", "error"))
    name = headers.get(":event-type") or headers.get(":exception-type") or "message"
    return Event(told.payload.decode("utf-8", "replace"), name)
