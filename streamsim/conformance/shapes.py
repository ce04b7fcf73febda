"""Streams of any size, for what is to be seen in large ones only.

Law: a shape is one thing, very often; which events it has follows from its size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from streamsim.conformance.policy import Policy


class Shape(NamedTuple):
    """A stream of any size.

    Attributes:
        name: In words.
        holds: What the unit is: a piece of a ``text``, a data ``line``, an ``event``, or ``nothing`` that is delivered.
        before, unit, after: What is repeated, and what stands around that.
        chunk: Bytes of each chunk; 0 for one chunk.
        cause: What is at work where it takes too long; of two shapes with the same one, the first is told.
        needs: Features without which it says nothing.
        presumes: Causes that show here, too.

    """

    name: str
    holds: Literal["text", "line", "event", "nothing"]
    before: bytes
    unit: bytes
    after: bytes
    chunk: int
    cause: str
    needs: frozenset[str] = frozenset()
    presumes: frozenset[str] = frozenset()

    def chunks(self, size: int) -> list[bytes]:
        """Return a stream of about ``size`` bytes."""
        data = self.before + self.unit * (size // len(self.unit)) + self.after
        step = self.chunk or len(data)
        return [data[start : start + step] for start in range(0, len(data), step)]

    def right(self, size: int) -> tuple[int, int]:
        """Return how many events there are in it, and how many characters of data."""
        times = size // len(self.unit)
        if self.holds == "event":
            return times, times * len(_VALUE)
        return 1, {"text": times * len(self.unit), "line": times * (len(_VALUE) + 1) - 1, "nothing": 1}[self.holds]

    def holding(self, policy: Policy) -> Shape | None:
        """Return the same shape with events as ``policy`` has them; None where there is no such thing."""
        quote = b'"' if policy.payload else b""
        before, after = policy.around
        if self.holds == "text":
            return self._replace(before=before + quote, after=quote + after)
        if policy.ndjson and (self.holds != "event" or self.before):
            return None
        if self.holds == "event":
            return self._replace(unit=before + quote + _VALUE + quote + after)
        if self.holds == "nothing":
            return self._replace(after=self.after + policy.simplest)
        return None if policy.payload else self._replace(before=policy.lead)


_VALUE: Final = b"xyz"
_TEXT: Final = b"x" * 64
_LINE: Final = b"data: " + _VALUE + b"\n"
_EVENT: Final = _LINE + b"\n"
_CUT: Final = frozenset({"cut"})
_LINES: Final = frozenset({"lines"})
_EVENTS: Final = frozenset({"events"})
_NOISE: Final = frozenset({"comment", "comment-block", "blank-first"})
_BLANK: Final = frozenset({"blank-first"})
_WHOLE: Final = frozenset({"a line"})
_CHUNKED: Final = frozenset({"chunks of an event", "small chunks"})
_LINED: Final = frozenset({"data lines in chunks"})

SHAPES: Final = (
    Shape("one long line in one chunk", "text", b"", _TEXT, b"", 0, "a line"),
    Shape("one long line in chunks of 1 KiB", "text", b"", _TEXT, b"", 1024, "chunks of an event", _CUT, _WHOLE),
    Shape("one long line in chunks of 64 bytes", "text", b"", _TEXT, b"", 64, "small chunks", _CUT,
          _WHOLE | _CHUNKED),
    Shape("many data lines in one chunk", "line", b"", _LINE, b"\n", 0, "data lines", _LINES),
    Shape("many data lines in chunks of 1 KiB", "line", b"", _LINE, b"\n", 1024, "data lines in chunks",
          _CUT | _LINES | {"cut-line"}, frozenset({"data lines"}) | _CHUNKED),
    Shape("many events in one chunk", "event", b"", _EVENT, b"", 0, "events", _EVENTS),
    Shape("many events in one chunk after a CRLF", "event", b": c\r\n", _EVENT, b"", 0, "events after a CRLF",
          _EVENTS | {"comment", "crlf", "mixed"}, frozenset({"events"})),
    Shape("many events in chunks of 1 KiB", "event", b"", _EVENT, b"", 1024, "events in chunks", _CUT | _EVENTS,
          frozenset({"events"})),
    Shape("many comments in one chunk", "nothing", b"", b": ping\n\n", b"", 0, "comments", _NOISE,
          frozenset({"events"})),
    Shape("many comments in chunks of 1 KiB", "nothing", b"", b": ping\n\n", b"", 1024, "comments in chunks",
          _CUT | _NOISE, frozenset({"events", "events in chunks", "comments"})),
    Shape("many blank lines in one chunk", "nothing", b"", b"\n", b"", 0, "blank lines", _BLANK,
          frozenset({"events", "comments"})),
    Shape("many comment lines in chunks of 1 KiB", "nothing", b"", b": ping\n", b"", 1024, "comment lines in chunks",
          _CUT | {"comment", "cut-line"}, _CHUNKED | _LINED),
    Shape("many unknown lines in chunks of 1 KiB", "nothing", b"", b"foo: bar\n", b"", 1024, "unknown lines in chunks",
          _CUT | {"unknown", "cut-line"}, _CHUNKED | _LINED | {"comment lines in chunks"}),
    Shape("one long comment in chunks of 1 KiB", "nothing", b": ", _TEXT, b"\n", 1024, "a comment in chunks",
          _CUT | {"comment"}, _WHOLE | _CHUNKED),
    Shape("one long event name in chunks of 1 KiB", "nothing", b"event: ", _TEXT, b"\n", 1024, "a name in chunks",
          _CUT | {"event"}, _WHOLE | _CHUNKED),
    Shape("one long line without a colon in chunks of 1 KiB", "nothing", b"x", _TEXT, b"\n", 1024,
          "a line without a colon", _CUT | {"unknown", "no-colon"}, _WHOLE | _CHUNKED | {"a comment in chunks"}),
)  # fmt: skip
