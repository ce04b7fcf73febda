"""The request as the upstream gets it: the client's own, but for what belongs to the client's connection to us."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from streamsim.engine.requests import Request
    from streamsim.shells.recorder.upstream import Upstream

# Ours to answer (Expect), about the way to us (the proxy fields), about a coding that is undone here, or asking to
# leave HTTP/1.1, as Java's client does of every server.
_DROPPED = frozenset(
    (
        *(b"host", b"expect", b"proxy-connection", b"proxy-authorization", b"transfer-encoding", b"content-length"),
        *(b"upgrade", b"http2-settings"),
    )
)


def outgoing(request: Request, upstream: Upstream, *, keep_encoding: bool) -> bytes:
    """Return the bytes to send.

    Unless ``keep_encoding``, the upstream is asked for ``accept-encoding: identity``: the recording can then be read.
    """
    fields = request.fields
    target = f"{upstream.prefix}{upstream.base}{_origin_form(request.target)}"
    ours = [("Host", upstream.host_header)]
    if upstream.proxy_credentials:
        ours.append(("Proxy-Authorization", upstream.proxy_credentials))
    if not keep_encoding:
        ours.append(("Accept-Encoding", "identity"))
    if upstream.credentials and b"authorization" not in fields:
        ours.append(("Authorization", upstream.credentials))
    if request.body or b"content-length" in fields or b"transfer-encoding" in fields:
        ours.append(("Content-Length", str(len(request.body))))
    lines = [f"{request.method} {target} HTTP/{request.http}", *(f"{name}: {value}" for name, value in ours)]
    theirs = [b"%b: %b" % pair for pair in request.headers if _passes(*pair, keep_encoding=keep_encoding)]
    return b"\r\n".join(("\r\n".join(lines).encode("latin-1"), *theirs, b"", request.body))


def _passes(name: bytes, value: bytes, *, keep_encoding: bool) -> bool:
    """Tell whether a header is the client's word to the upstream."""
    lower = name.lower()
    if lower == b"connection":
        return b"upgrade" not in value.lower()
    return lower not in _DROPPED and (keep_encoding or lower != b"accept-encoding")


def _origin_form(target: str) -> str:
    """Return ``target`` without scheme and host, which a client sends that takes us for its forward proxy."""
    if "://" not in target.partition("?")[0]:
        return target
    parts = urlsplit(target)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
