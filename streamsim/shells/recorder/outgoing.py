"""The request as the upstream gets it: the client's own, but for what belongs to the client's connection to us."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from streamsim.engine.requests import Request
    from streamsim.shells.recorder.upstream import Upstream

# Ours to answer (Expect), about the way to us (the proxy fields), or about a coding that is undone here.
_DROPPED = frozenset(
    (b"host", b"expect", b"proxy-connection", b"proxy-authorization", b"transfer-encoding", b"content-length")
)


def outgoing(request: Request, upstream: Upstream, *, keep_encoding: bool) -> bytes:
    """Return the bytes to send.

    Unless ``keep_encoding``, the upstream is asked for ``accept-encoding: identity``: the recording can then be read.
    """
    target = request.target
    if "://" in target:  # a client that takes us for its forward proxy sends the whole URL
        parts = urlsplit(target)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"{request.method} {upstream.prefix}{upstream.base}{target} HTTP/1.1\r\n".encode("latin-1"),
        f"Host: {upstream.host_header}\r\n".encode("latin-1"),
    ]
    for name, value in request.headers:
        lower = name.lower()
        if lower in _DROPPED or (lower == b"accept-encoding" and not keep_encoding):
            continue
        lines.append(b"%b: %b\r\n" % (name, value))
    if not keep_encoding:
        lines.append(b"Accept-Encoding: identity\r\n")
    if upstream.credentials and b"authorization" not in request.fields:
        lines.append(f"Authorization: {upstream.credentials}\r\n".encode())
    if request.body or b"content-length" in request.fields or b"transfer-encoding" in request.fields:
        lines.append(b"Content-Length: %d\r\n" % len(request.body))
    return b"".join((*lines, b"\r\n", request.body))
