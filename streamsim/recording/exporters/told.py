"""What exporters need of an exchange: its URL, and its body out of its compression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.dialects.content_encoding import decoder, header
from streamsim.recording.model import Header

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange, Recording
    from streamsim.wire import Headers

_NEAR = ("localhost", "127.", "[::1]", "0.0.0.0")  # noqa: S104 - a name to compare with


def upstream(recording: Recording) -> str:
    """Return the server that was recorded, as far as the header says."""
    return recording.header.upstream if isinstance(recording.header, Header) else ""


def created(recording: Recording) -> str:
    """Return when it was recorded, as far as the header says."""
    return recording.header.created if isinstance(recording.header, Header) else ""


def url(exchange: Exchange, upstream: str) -> str:
    """Return the URL that was asked: of the upstream, or else of the host that the request names."""
    target = exchange.request.target
    host = header(exchange.request.headers, "host")
    if not upstream:
        scheme = "http" if host.startswith(_NEAR) else "https"
        upstream = f"{scheme}://{host or 'localhost'}"
    return upstream + (target if target.startswith("/") else f"/{target}")


def plain(exchange: Exchange) -> tuple[list[bytes], Headers]:
    """Return the chunks, out of a gzip or deflate that we can read, and the headers that hold of them."""
    headers = exchange.response.headers if exchange.response else ()
    chunks = [chunk.data for chunk in exchange.chunks]
    decode = decoder(headers)
    clear = [decode(chunk) for chunk in chunks]
    if not any(clear):
        return chunks, headers
    return clear, tuple(pair for pair in headers if pair[0].lower() != "content-encoding")
