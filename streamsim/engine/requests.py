"""HTTP requests out of bytes, with every size bounded.

llhttp (through httptools) reads the protocol strictly: a request with two lengths, a length and chunks, or a bare LF is
refused, as request smuggling needs just such doubt. This module adds the limits, and says which one was broken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httptools
import msgspec

if TYPE_CHECKING:
    from typing import TypeGuard

    from streamsim.engine.repeats import Repeats


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a client may do to us. Sizes in bytes, times in ns."""

    head_bytes: int = 64 << 10
    request_bytes: int = 32 << 20
    pipelined: int = 64
    request_ns: int = 30_000_000_000
    idle_ns: int = 75_000_000_000
    stuck_ns: int = 60_000_000_000


class Request(msgspec.Struct, gc=False):
    """One whole request.

    ``headers`` keep order, case and duplicates; ``fields`` are for looking up, by names in lower case. Trailers are in
    neither. ``keep_alive`` is never true below HTTP/1.1, where it would take a header in the answer, and the answer's
    headers are the recording's. ``sought`` is what it was found to ask for, once somebody has looked.
    """

    method: str
    target: str
    headers: list[tuple[bytes, bytes]]
    fields: dict[bytes, bytes]
    body: bytes
    http: str
    keep_alive: bool
    sought: object = None


class Refusal(msgspec.Struct, frozen=True):
    """A request that is not answered, and why not."""

    status: int
    reason: str
    problem: str


# What readers hold between requests; nobody writes into these.
_NO_OUT: Final[list[Request | Refusal]] = []
_NO_HEADERS: Final[list[tuple[bytes, bytes]]] = []
_NO_FIELDS: Final[dict[bytes, bytes]] = {}
_NO_BODY: Final = bytearray()


class RequestReader:
    """Feed it what a client sends; it gives requests, or one :class:`Refusal` and then nothing any more.

    Readers that share ``repeats`` share requests too: one that any of them has heard is not read again.

    Attributes:
        begun: How many requests have begun.
        reading: The last of them is not complete.
        refused: Nothing more is read: a refusal was given, or somebody else has had enough.

    """

    __slots__ = (
        "_body", "_declined", "_fields", "_headed", "_headers", "_invited", "_limits", "_out", "_parser", "_raw",
        "_repeats", "_url", "begun", "reading", "refused",
    )  # fmt: skip

    def __init__(self, limits: Limits, repeats: Repeats[Request] | None = None) -> None:
        self.begun = 0
        self.reading = False
        self.refused = False
        self._limits = limits
        self._repeats = repeats
        self._parser: httptools.HttpRequestParser | None = None  # between requests there is none: it takes 1 kB
        self._out = _NO_OUT
        self._raw = 0
        self._declined: list[tuple[bytes, bytes]] | None = None
        self._headed = False
        self._invited = False
        self._clear()

    def feed(self, data: bytes) -> list[Request | Refusal]:
        """Return the requests that ``data`` completes."""
        alone = not self.reading and not self.refused
        if alone and self._repeats is not None:
            known = self._repeats.get(data)
            if known is not None:
                self.begun += 1
                self._raw = 0
                return [known]
        out: list[Request | Refusal] = []
        self._out = out
        self._read(data)
        self._out = _NO_OUT
        if out and self._between(out[-1]):
            self._parser = None
            self._clear()
            if alone and len(out) == 1 and self._repeats is not None:
                self._repeats.put(data, out[-1])
        return out

    def _between(self, heard: Request | Refusal) -> TypeGuard[Request]:
        """Tell whether the last request is whole, and another may come; after one that closes llhttp has to say no."""
        return not self.reading and isinstance(heard, Request) and heard.keep_alive

    def _read(self, data: bytes) -> None:
        while data and not self.refused:
            data = self._parse(self._parser or self._begin(), data)
        if self.reading and not self.refused:
            self._check_size()

    def _begin(self) -> httptools.HttpRequestParser:
        self._parser = httptools.HttpRequestParser(self)
        return self._parser

    def _clear(self) -> None:
        """Keep nothing of a request; what llhttp calls makes all this anew."""
        self._url, self._headers, self._fields, self._body = b"", _NO_HEADERS, _NO_FIELDS, _NO_BODY

    def wants_continue(self) -> bool:
        """Tell, once a request, whether the client waits for ``100 Continue`` before it sends the body."""
        wants = self.reading and self._headed and not self._invited and not self._body
        if not wants or self._fields.get(b"expect", b"").lower() != b"100-continue":
            return False
        self._invited = True
        return self._parser is not None and self._parser.get_http_version() == "1.1"  # RFC 9110, 10.1.1: not for 1.0

    def stop(self) -> None:
        """Read nothing more, and keep nothing of a request that is not complete."""
        self.refused = True
        self._parser = None
        self._clear()

    def _parse(self, parser: httptools.HttpRequestParser, data: bytes) -> bytes:
        """Have ``data`` parsed and return what is still to be parsed: nothing, but after a request to upgrade."""
        self._raw += len(data)
        try:
            parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._decline() + data[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            self._refuse(400, "Bad Request", f"this is not HTTP/1.1: {error}")
        return b""

    def _decline(self) -> bytes:
        """Go on in HTTP/1.1: whoever asks for an upgrade must live with a server that has none.

        httptools leaves the body of such a request unread. So the head is read again, as if nothing had been asked.
        """
        self._parser = None
        self._raw = 0
        request = self._out[-1]
        if not isinstance(request, Request) or request.method == "CONNECT":
            return b""
        self._out.pop()
        self.begun -= 1
        self._declined = request.headers
        lines = [b"%b: %b\r\n" % pair for pair in request.headers if pair[0].lower() != b"upgrade"]
        line = f"{request.method} {request.target} HTTP/{request.http}\r\n".encode("latin-1")
        return b"".join((line, *lines, b"\r\n"))

    def _check_size(self) -> None:
        """Refuse a request that is, or says it will be, too large."""
        limits = self._limits
        if not self._headed:
            if self._raw > limits.head_bytes:
                self._refuse_head()
        elif max(len(self._body), int(self._fields.get(b"content-length", b"0"))) > limits.request_bytes:
            self._refuse_body()
        elif self._raw > 2 * limits.head_bytes + 8 * len(self._body):
            # One byte in a chunk of its own takes six; what is worse is padding, or trailers without end.
            self._refuse(400, "Bad Request", "far more framing than content")

    def _refuse_head(self) -> None:
        self._refuse(431, "Request Header Fields Too Large", f"a head of over {self._limits.head_bytes} bytes")

    def _refuse_body(self) -> None:
        self._refuse(413, "Content Too Large", f"a body of over {self._limits.request_bytes} bytes")

    def _refuse(self, status: int, reason: str, problem: str) -> None:
        if not self.refused:
            self._out.append(Refusal(status, reason, problem))
            self.stop()

    # What llhttp calls.

    def on_message_begin(self) -> None:
        self.begun += 1
        self.reading = True
        self._headed = self._invited = False
        self._url, self._headers, self._fields, self._body = b"", [], {}, bytearray()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._headed:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._headed = True
        if self._raw > self._limits.head_bytes and self._head_size() > self._limits.head_bytes:
            self._refuse_head()
            raise ValueError("too large")  # stops llhttp
        if self._declined is not None:
            self._headers, self._declined = self._declined, None
        self._fields = {name.lower(): value for name, value in self._headers}

    def _head_size(self) -> int:
        return len(self._url) + sum(len(name) + len(value) + 4 for name, value in self._headers)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        parser = self._parser
        self.reading = False
        self._raw = 0
        if parser is None:  # it came in one read with what was refused
            return
        http = parser.get_http_version()
        if len(self._body) > self._limits.request_bytes:
            self._refuse_body()
            return
        self._out.append(
            Request(
                parser.get_method().decode("latin-1"),
                self._url.decode("latin-1"),
                self._headers,
                self._fields,
                bytes(self._body),
                http,
                http == "1.1" and parser.should_keep_alive(),
            )
        )
