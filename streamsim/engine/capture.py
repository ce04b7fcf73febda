"""One exchange out of the bytes of its connection: what arrived, and when, becomes lines of a recording.

The laws: every body byte that arrived stands in exactly one chunk line, or, where it fitted no framing, in the end
line; a chunk's line comes when the chunk is complete and carries the time of its last byte. llhttp (through httptools)
reads the protocol; this module follows its position in each read, to know declared sizes and what bytes broke the
protocol. A read that is exactly one chunk, as most are, is taken as that: llhttp stands between chunks before and after
it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

import httptools

from streamsim.dialects import Clues, StreamReader
from streamsim.recording.model import Chunk, Ending, Info, Line, Response, as_text
from streamsim.recording.validity import flaw

if TYPE_CHECKING:
    from streamsim.wire import Framing

Cause: TypeAlias = Literal["complete", "fin", "reset", "timeout", "cancelled", "unreachable", "protocol_error"]


# Bytes kept of a response that broke the protocol, among them a head that does not end.
BROKEN_MOST = 16 << 20
# How a chunked body ends, with or without trailers.
_LAST = b"\r\n\r\n"
# A recording holds no larger number.
LARGEST = 2**53 - 1
# After the first content events are only counted, and those of so long a time together.
HEARD_US = 100_000
# The size line of a chunk without extensions.
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")


class Capture:
    """Takes the response to one request.

    Attributes:
        exchange: Its number.
        complete: The response is complete; nothing more belongs to it.
        cause: How it ended, once its end line was given.
        keep_alive: The connection may serve another exchange.
        bytes: Body bytes so far.
        events: SSE events so far; those of the last tenth of a second may be missing, until the end.
        ttft_us: Time from the request to the first content, once there was some.
        terminal: The dialect's last event was seen.

    """

    def __init__(self, exchange: int, method: str, started_us: int, clues: Clues = Clues()) -> None:  # noqa: B008 - frozen
        self.complete = False
        self.cause: Cause | None = None
        self.keep_alive = False
        self.bytes = 0
        self.events = 0
        self.ttft_us: int | None = None
        self.exchange = exchange
        self._method = method
        self._clues = clues
        self._started_us = self._last_us = self._now_us = self._body_us = started_us
        self._parser = httptools.HttpResponseParser(self)
        self._lines: list[Line] = []
        self._reader: StreamReader | None = None
        self._framing: Framing = "none"
        self._broken = False
        # The read in hand: its bytes, how far llhttp is in it, and where what is not yet accounted for begins.
        self._read = b""
        self._position = 0
        self._boundary = 0
        self._carry = b""
        # The head, or the chunk, in hand.
        self._reason = b""
        self._headers: list[tuple[str, str]] = []
        self._trailers: list[tuple[str, str]] = []
        self._pieces: list[bytes] = []
        self._size: int | None = None
        # Whole chunks whose events are not counted yet, and since when they are not.
        self._unheard: list[bytes] = []
        self._heard_us = started_us

    @property
    def terminal(self) -> bool:
        """Whether the dialect's last event was seen."""
        self._hear()
        return self._reader is not None and self._reader.terminal

    @property
    def answered(self) -> bool:
        """Whether a final head was seen."""
        return self._reader is not None

    def may_end(self, data: bytes) -> bool:
        """Tell whether the response may be complete with the read ``data``, or begin with it. Only chunks can tell.

        That ends in two line ends, if it ends at the end of a read, and a shorter read may hold a part of them.
        """
        return self._framing != "chunked" or len(data) < len(_LAST) or data.endswith(_LAST)

    def feed(self, data: bytes, at_us: int) -> list[Line]:
        """Take one read and return the lines it completes.

        Once the protocol is broken nothing can be told apart any more: all that still comes goes into the end line.
        """
        if self.cause is not None:
            return []
        if self._broken:
            self._carry += data[: max(0, BROKEN_MOST - len(self._carry))]
            return []
        self._now_us = at_us
        if self._framing == "chunked" and not self._carry and self._size is None and (body := _whole_chunk(data)):
            self._body_us = at_us
            self._add(body)
            return self._taken()
        self._read = data
        self._position = self._boundary = 0
        self._parse(data)
        if self._framing in ("content-length", "close") and self._pieces:
            self._chunk()
        if self.complete:
            self._end("complete", at_us)
        else:
            self._carry += self._read[self._boundary if self._size is None else self._position :]
            if len(self._carry) > BROKEN_MOST:
                self._broken = True
        return self._taken()

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            # What follows a complete response was not asked for: the response stands, its connection is of no more use.
            self._broken = not self.complete
            self.keep_alive = False

    def end(self, cause: Cause, at_us: int) -> list[Line]:
        """Take note of how the connection ended: what is in hand is given as it is, and the end line."""
        if self.cause is not None:
            return []
        if self._broken:
            cause = "protocol_error"
        elif cause == "fin" and self._framing == "close":
            cause = "complete"
        self._end(cause, at_us)
        return self._taken()

    def _end(self, cause: Cause, at_us: int) -> None:
        self.cause = cause
        loose = b"" if cause == "complete" else self._loose()
        if self._pieces:
            self._chunk(cut=self._size is not None)
        self._hear()
        text = as_text(loose)
        self._lines.append(
            Ending(
                exchange=self.exchange,
                dt_us=self._since(at_us),
                cause=cause,
                trailers=tuple(self._trailers),
                text=text or None,
                b64=loose if text is None else None,
            )
        )

    def _loose(self) -> bytes:
        """Return the bytes that belong to no line and are no body: a broken or unfinished piece of framing."""
        unopened = b"%x\r\n" % self._size if self._size is not None and not self._pieces else b""
        return unopened + self._carry

    def _taken(self) -> list[Line]:
        lines, self._lines = self._lines, []
        return lines

    def _since(self, at_us: int) -> int:
        """Return the time since the last line of this exchange. A head can come before the request's last byte."""
        dt_us = max(0, at_us - self._last_us)
        self._last_us = max(at_us, self._last_us)
        return dt_us

    def _chunk(self, *, cut: bool = False) -> None:
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces = []
        self._add(data, cut=cut, of=self._size if cut and self._size is not None and self._size <= LARGEST else None)

    def _add(self, data: bytes, *, cut: bool = False, of: int | None = None) -> None:
        text = as_text(data)
        b64 = data if text is None else None
        line = Chunk(exchange=self.exchange, dt_us=self._since(self._body_us), text=text, b64=b64, cut=cut, of=of)
        self._lines.append(line)
        self._count(data)

    def _count(self, data: bytes) -> None:
        self.bytes += len(data)
        assert self._reader is not None  # noqa: S101 - no body comes before a head
        if self.ttft_us is not None:
            self._unheard.append(data)
            if self._body_us - self._heard_us > HEARD_US:
                self._hear()
            return
        landed = self._reader.feed(data)
        self.events += len(landed)
        if any(item.content for item in landed):
            self.ttft_us = self._body_us - self._started_us

    def _hear(self) -> None:
        """Count the events of what came lately."""
        self._heard_us = self._body_us
        unheard, self._unheard = self._unheard, []
        if self._reader is not None and unheard:
            self.events += self._reader.count(b"".join(unheard))

    def _skip_line(self) -> bytes:
        """Move past the next line end and return the line, which may have begun in an earlier read."""
        end = self._read.find(b"\n", self._position) + 1
        line = self._carry + self._read[self._boundary : end]
        self._position = end
        return line

    # What llhttp calls.

    def on_message_begin(self) -> None:
        if self.complete:
            raise ValueError("a response that nobody asked for")
        self._reason = b""
        self._headers = []

    def on_status(self, reason: bytes) -> None:
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        kept = self._trailers if self._reader is not None else self._headers
        kept.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        line = self._head()
        if flaw(line):  # llhttp lets more pass than a head may hold
            raise ValueError("a head that cannot be replayed")
        before = len(self._carry)
        data = self._carry + self._read
        self._position = self._boundary = data.index(b"\r\n\r\n", data.index(b"HTTP/", self._boundary)) + 4 - before
        self._carry = b""
        self._last_us = max(self._now_us, self._last_us)
        self._lines.append(line)
        if isinstance(line, Info):
            return
        self._framing = line.framing
        self._reader = StreamReader(line.headers, self._clues)
        self.complete = self._method == "HEAD"
        extra = self.complete and self._position < len(self._read)
        self.keep_alive = line.framing != "close" and self._parser.should_keep_alive() and not extra

    def _head(self) -> Info | Response:
        status = self._parser.get_status_code()
        headers = tuple(self._headers)
        reason = self._reason.decode("latin-1")
        dt_us = max(0, self._now_us - self._last_us)
        if 100 <= status < 200:
            return Info(exchange=self.exchange, dt_us=dt_us, status=status, reason=reason, headers=headers)
        if status < 100:
            raise ValueError("no status")
        return Response(
            exchange=self.exchange,
            dt_us=dt_us,
            status=status,
            reason=reason,
            http=self._parser.get_http_version(),
            framing=self._framed(status),
            headers=headers,
        )

    def _framed(self, status: int) -> Framing:
        """Return how the body is delimited (RFC 9112, 6.3)."""
        if self._method == "HEAD" or status in (204, 304):
            return "none"
        named = {name.lower(): value.lower() for name, value in self._headers}
        coding = named.get("transfer-encoding")
        if coding is not None:
            return "chunked" if coding.rpartition(",")[2].strip() == "chunked" else "close"
        return "content-length" if "content-length" in named else "close"

    def on_chunk_header(self) -> None:
        size = int(self._skip_line().split(b";")[0], 16)
        if size:  # else it is the last one, which belongs to the trailers
            self._size = size
            self._carry = b""

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)
        self._position += len(body)
        if self._framing != "chunked":
            self._boundary = self._position
        self._body_us = self._now_us

    def on_chunk_complete(self) -> None:
        if self._pieces:
            self._chunk()
        self._size = None
        self._skip_line()
        self._carry = b""
        self._boundary = self._position

    def on_message_complete(self) -> None:
        if self._reader is not None:
            self.complete = True


def _whole_chunk(data: bytes) -> bytes:
    """Return the body of the chunk that ``data`` is, from its size line to its line end; b"" if it is anything else."""
    size = _SIZE.match(data)
    if size is None or not data.endswith(b"\r\n"):
        return b""
    body = data[size.end() : -2]
    return body if len(body) == int(size[1], 16) else b""
