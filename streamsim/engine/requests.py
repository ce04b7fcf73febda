"""HTTP requests out of bytes, with every size bounded.

llhttp (through httptools) reads the protocol strictly: a request with two lengths, a length and chunks, or a bare LF is
refused, as request smuggling needs just such doubt. This module adds the limits, and says which one was broken.
"""

from __future__ import annotations

import httptools
import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a client may do to us. Sizes in bytes, times in ns."""

    head_bytes: int = 64 << 10
    request_bytes: int = 64 << 20
    pipelined: int = 64
    request_ns: int = 30_000_000_000
    idle_ns: int = 75_000_000_000
    stuck_ns: int = 60_000_000_000


class Request(msgspec.Struct, gc=False):
    """One whole request.

    ``headers`` keep order, case and duplicates; ``fields`` are for looking up, by names in lower case.
    """

    method: str
    target: str
    headers: list[tuple[bytes, bytes]]
    fields: dict[bytes, bytes]
    body: bytes
    http: str
    keep_alive: bool


class Refusal(msgspec.Struct, frozen=True):
    """A request that is not answered, and why not."""

    status: int
    reason: str
    problem: str


class RequestReader:
    """Feed it what a client sends; it gives requests, or one :class:`Refusal` and then nothing any more."""

    def __init__(self, limits: Limits) -> None:
        self.reading = False
        self.refused = False
        self._limits = limits
        self._parser = httptools.HttpRequestParser(self)
        self._out: list[Request | Refusal] = []
        self._raw = 0
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._headed = False
        self._continue = False

    def feed(self, data: bytes) -> list[Request | Refusal]:
        """Return the requests that ``data`` completes."""
        if self.refused:
            return []
        self._raw += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._no_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._refuse(400, "Bad Request", f"this is not HTTP/1.1: {error}")
        if self.reading and not self.refused:
            self._check_size()
        out, self._out = self._out, []
        return out

    def wants_continue(self) -> bool:
        """Tell, once, whether a client waits for ``100 Continue`` before it sends its body."""
        wants, self._continue = self._continue, False
        return wants

    def _no_upgrade(self, rest: bytes) -> list[Request | Refusal]:
        """Go on in HTTP/1.1: whoever asks for an upgrade must live with a server that has none."""
        self._parser = httptools.HttpRequestParser(self)
        out, self._out = self._out, []
        return [*out, *(self.feed(rest) if rest else [])]

    def _check_size(self) -> None:
        if not self._headed and self._raw > self._limits.head_bytes:
            self._refuse(431, "Request Header Fields Too Large", f"a head of over {self._limits.head_bytes} bytes")
        elif self._raw > self._limits.request_bytes:
            self._refuse(413, "Content Too Large", f"a request of over {self._limits.request_bytes} bytes")

    def _refuse(self, status: int, reason: str, problem: str) -> None:
        self.refused = True
        self._out.append(Refusal(status, reason, problem))
        self._headers, self._body, self._url = [], [], b""

    # What llhttp calls.

    def on_message_begin(self) -> None:
        self.reading = True
        self._headed = False
        self._url = b""
        self._headers = []
        self._body = []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._headed = True
        self._continue = any(n.lower() == b"expect" and v.lower() == b"100-continue" for n, v in self._headers)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        parser = self._parser
        self.reading = False
        self._continue = False
        self._raw = 0
        self._out.append(
            Request(
                parser.get_method().decode("latin-1"),
                self._url.decode("latin-1"),
                self._headers,
                {name.lower(): value for name, value in self._headers},
                b"".join(self._body),
                parser.get_http_version(),
                parser.should_keep_alive(),
            )
        )
        self._body = []
