"""A request out of options that curl's users know."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from streamsim.engine.requests import Request
from streamsim.errors import UsageError
from streamsim.version import __version__

if TYPE_CHECKING:
    from streamsim.shells.recorder import Upstream

# RFC 9110, section 5.6.2.
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def build_request(  # noqa: PLR0913 - curl's options
    url: str,
    upstream: Upstream,
    method: str | None = None,
    data: str | None = None,
    json_body: str | None = None,
    headers: tuple[str, ...] = (),
    *,
    json_option: str = "--json",
) -> Request:
    """Return the request that the options describe.

    Raises:
        UsageError: They contradict each other, or a file or header is not what it should be.

    """
    if data is not None and json_body is not None:
        raise UsageError(json_option, "there is already a body from -d", "give one of the two")
    if method is not None and not _TOKEN.fullmatch(method):
        raise UsageError("-X", f"{method!r} is not a method", "write it like POST")
    body = _body("-d", data) if json_body is None else _body(json_option, json_body)
    named = [_header(text) for text in headers]
    replaced = {name.lower() for name, _ in named}
    usual = _usual(upstream, body, form=data is not None)
    pairs = [(name, value) for name, value in usual if name.lower() not in replaced]
    lines = [(name.encode(), value.encode()) for name, value in (*pairs, *named) if value]
    parts = urlsplit(url)
    return Request(
        method=(method or ("GET" if body is None else "POST")).upper(),
        target=_quoted((parts.path or "/") + (f"?{parts.query}" if parts.query else "")),
        headers=lines,
        fields={name.lower(): value for name, value in lines},
        body=body or b"",
        http="1.1",
        keep_alive=False,
    )


def _usual(upstream: Upstream, body: bytes | None, *, form: bool) -> list[tuple[str, str]]:
    """Return the headers that curl would send."""
    accept, kind = ("*/*", "application/x-www-form-urlencoded") if form or body is None else ("application/json",) * 2
    return [
        ("Host", upstream.host_header),
        ("Authorization", upstream.credentials),
        ("Accept", accept),
        ("User-Agent", f"streamsim/{__version__}"),
        ("Content-Type", kind if body is not None else ""),
        ("Content-Length", str(len(body)) if body is not None else ""),
    ]


def _body(where: str, text: str | None) -> bytes | None:
    """Return the body; ``@FILE``, or ``@-`` for what comes in, is read as it is, byte for byte."""
    if text is None or not text.startswith("@"):
        return None if text is None else text.encode("utf-8", "surrogateescape")
    try:
        return sys.stdin.buffer.read() if text == "@-" else Path(text[1:]).read_bytes()
    except OSError as error:
        raise UsageError(where, f"{text[1:]!r} cannot be read: {error.strerror}", "check the file") from error


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    if ":" not in text or not _TOKEN.fullmatch(name) or not value.isascii() or not set(value).isdisjoint("\r\n\0"):
        raise UsageError("-H", f"{text!r} is not a header", "write it like 'Name: value'")
    return name, value.strip()


def _quoted(text: str) -> str:
    """Return ``text`` with what cannot stand in a request line percent-encoded; what is already encoded stays."""
    return quote(text, safe="%/:?#[]@!$&'()*+,;=~-._", errors="surrogateescape")
