"""Bytes of an event stream in, the same bytes out, cut after each blank line.

Laws:

* All frames and the rest, put together, are the input, byte for byte: line ends as they are, invalid UTF-8 too.
* The frames do not depend on how the input was cut.
* A frame is handed out with the last byte of its blank line; if that is a CR, with the byte after it, for an LF would
  belong to it.
* A blank line after a blank line is a frame of its own. A byte order mark belongs to the first frame.
* Time is linear in the bytes, however they were cut.
"""

from __future__ import annotations

import re
from itertools import pairwise, takewhile
from typing import Final

from streamsim.sse._lines import CR, Mark
from streamsim.sse.limits import MAX_EVENT_BYTES, checked_limit, too_large

# The line end of a blank line follows another line end. LF after CR is not one: they are a single line end.
_BLANK: Final = re.compile(rb"(?<=\n)\n|(?<=[\r\n])\r\n?")


def frames(data: bytes) -> list[bytes]:
    """Return the frames of a whole stream; the last one has no blank line if the stream ends early."""
    splitter = FrameSplitter(max_event_bytes=len(data) or 1)
    found = splitter.feed(data)
    rest = splitter.close()
    return [*found, rest] if rest else found


class FrameSplitter:
    """Cuts one event stream into frames, chunk by chunk."""

    __slots__ = ("_before", "_closed", "_cr", "_failed", "_held", "_limit", "_mark", "_tail")

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._limit = checked_limit(max_event_bytes)
        self._mark = Mark()
        self._tail = bytearray()  # the unfinished frame, but for what waits elsewhere
        self._held = 0  # its size, all told
        self._cr = b""  # a CR that waits for the byte after it
        self._before = b"\n"  # the byte before the next one: a stream begins like a line
        self._failed = False
        self._closed = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the frames that ``chunk`` completes.

        Raises:
            EventTooLarge: A frame is larger than allowed. Frames before it are returned first: then the next call
                raises. The splitter can't be used any more.
            ValueError: The splitter was closed.

        """
        self._check_usable()
        found = self._cut(self._settle(chunk))
        if max(map(len, found), default=0) > self._limit or self._held > self._limit:
            found = self._fail(found)
        return found

    def close(self) -> bytes:
        """End the stream and return its rest: an unfinished frame, or one whose last byte is a CR, or nothing.

        Raises:
            EventTooLarge: As in `feed`.

        """
        if self._failed:
            raise too_large(self._limit)
        self._closed = True
        rest = b"".join((self._mark.undecided, self._tail, self._cr))
        self._mark.undecided, self._cr = b"", b""
        self._tail.clear()
        return rest

    def _check_usable(self) -> None:
        if self._failed:
            raise too_large(self._limit)
        if self._closed:
            raise ValueError("the splitter was closed; make a new one for a new stream")

    def _settle(self, chunk: bytes) -> bytes:
        """Return the bytes that can be cut now: none of the byte order mark, and no CR at the end."""
        self._held += len(chunk)
        if not self._mark.settled:
            mark, chunk = self._mark.split(chunk)
            self._tail += mark
        ready = self._cr + chunk
        self._cr = b"\r" if ready.endswith(b"\r") else b""
        return ready.removesuffix(b"\r")

    def _cut(self, ready: bytes) -> list[bytes]:
        """Return the frames that end in ``ready`` and keep what is left of it."""
        window = self._before + ready
        self._before = window[-1:]
        ends = _blank_line_ends(window)
        if not ends:
            self._tail += ready
            return []
        first = bytes(self._tail) + window[1 : ends[0]]
        self._tail[:] = window[ends[-1] :]
        self._held = len(self._tail) + len(self._cr)
        return [first, *(window[start:end] for start, end in pairwise(ends))]

    def _fail(self, found: list[bytes]) -> list[bytes]:
        """Return the frames before the one that is too large; where there are none, say so at once."""
        self._failed = True
        self._tail.clear()
        found = list(takewhile(lambda frame: len(frame) <= self._limit, found))
        if not found:
            raise too_large(self._limit)
        return found


def _blank_line_ends(window: bytes) -> list[int]:
    if CR in window:
        return [blank.end() for blank in _BLANK.finditer(window)]
    ends: list[int] = []
    end = window.find(b"\n\n") + 2  # without a CR this is the same, and a lot faster
    while end > 1:
        ends.append(end)
        end = window.find(b"\n\n", end - 1) + 2
    return ends
