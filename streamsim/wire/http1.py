"""How an action is spelt on an HTTP/1.1 connection.

Nothing is added or tidied up here: a head is written with the headers it has, in their order and case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsim.wire.actions import End, Framing, Head, Headers


def head(head: Head, extra: bytes = b"") -> bytes:
    """Return the status line, the headers, ``extra`` header lines and the empty line."""
    line = f"HTTP/{head.http if head.http.startswith('1.') else '1.1'} {head.status} {head.reason}\r\n"
    return line.encode("latin-1") + lines(head.headers) + extra + b"\r\n"


def lines(headers: Headers) -> bytes:
    """Return headers as lines, each with its CR LF."""
    return "".join([f"{name}: {value}\r\n" for name, value in headers]).encode("latin-1")


def body(data: bytes, framing: Framing) -> bytes:
    """Return body bytes in their framing; an empty chunk would end the body, so it writes nothing."""
    if framing != "chunked":
        return data
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def end(end: End, framing: Framing) -> bytes:
    """Return what completes the body: the final chunk and the trailers, or nothing."""
    return b"0\r\n" + lines(end.trailers) + b"\r\n" if framing == "chunked" else b""
