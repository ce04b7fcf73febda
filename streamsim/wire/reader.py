"""An answer as a strict reader finds it in the bytes on the wire, be they sent as heads and chunks or raw.

llhttp (through httptools) reads the protocol. What it refuses ends the reading; what came before stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsim.wire.actions import Headers


class Reader:
    """Feed it what is sent on a connection for one request.

    Attributes:
        status, headers: Of the final head; 0 and none before that came.
        complete: The body is, by its own framing.
        until_close: It has none: the body is complete when the connection ends (RFC 9112, 6.3).

    """

    def __init__(self) -> None:
        import httptools  # noqa: PLC0415 - loaded only where an altered plan is read back

        self._refused: type[Exception] = httptools.HttpParserError
        self.status = 0
        self.headers: Headers = ()
        self.complete = False
        self.until_close = False
        self._parser = httptools.HttpResponseParser(self)
        self._coming: list[tuple[str, str]] = []
        self._body = b""
        self._over = False

    def feed(self, data: bytes) -> bytes:
        """Return the body bytes in ``data``."""
        if not self._over:
            try:
                self._parser.feed_data(data)
            except self._refused:
                self._over = True
        body, self._body = self._body, b""
        return body

    def on_message_begin(self) -> None:
        """Forget the interim head."""
        self._coming = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer, which has no say."""
        self._coming.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Take the final head."""
        status = self._parser.get_status_code()
        if status < 200:
            return
        self.status, self.headers = status, tuple(self._coming)
        lengths = ("content-length", "transfer-encoding")
        self.until_close = not any(name.lower() in lengths for name, _ in self.headers)

    def on_body(self, body: bytes) -> None:
        """Take body bytes."""
        self._body += body

    def on_message_complete(self) -> None:
        """Note the end of the final answer."""
        self.complete = self.complete or bool(self.status)
