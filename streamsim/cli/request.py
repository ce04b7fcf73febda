"""A request out of options that curl's users know."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlsplit

from streamsim.engine.requests import Request
from streamsim.errors import UsageError
from streamsim.version import __version__


def build_request(
    url: str, method: str | None, data: str | None, json_body: str | None, headers: tuple[str, ...]
) -> Request:
    """Return the request that the options describe.

    Raises:
        UsageError: They contradict each other, or a file or header is not what it should be.

    """
    if data is not None and json_body is not None:
        raise UsageError("--json", "there is already a body from -d", "give one of the two")
    body = _body("--json", json_body) if json_body is not None else _body("-d", data)
    fields = {"Accept": "*/*", "User-Agent": f"streamsim/{__version__}"}
    if json_body is not None:
        fields |= {"Content-Type": "application/json", "Accept": "application/json"}
    elif data is not None:
        fields["Content-Type"] = "application/x-www-form-urlencoded"
    named = [_header(text) for text in headers]
    replaced = {name.lower() for name, _ in named}
    pairs = [(name, value) for name, value in fields.items() if name.lower() not in replaced]
    pairs += [(name, value) for name, value in named if value]
    parts = urlsplit(url)
    if body is not None:
        pairs.append(("Content-Length", str(len(body))))
    pairs.insert(0, ("Host", parts.netloc.rpartition("@")[2]))
    lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
    return Request(
        method=(method or ("GET" if body is None else "POST")).upper(),
        target=_quoted((parts.path or "/") + (f"?{parts.query}" if parts.query else "")),
        headers=lines,
        fields={name.lower(): value for name, value in lines},
        body=body or b"",
        http="1.1",
        keep_alive=False,
    )


def _body(where: str, text: str | None) -> bytes | None:
    """Return the body; ``@FILE`` is read as it is, byte for byte."""
    if text is None or not text.startswith("@"):
        return None if text is None else text.encode()
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise UsageError(where, f"{text[1:]} cannot be read: {error.strerror}", "check the file") from error


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    sound = colon and name.strip() and "\n" not in text and "\r" not in text
    if not sound or not (name + value).isascii():
        raise UsageError("-H", f"{text!r} is not a header", "write it like 'Name: value'")
    return name.strip(), value.strip()


def _quoted(text: str) -> str:
    """Return ``text`` with what cannot stand in a request line percent-encoded; what is already encoded stays."""
    return quote(text, safe="%/:?#[]@!$&'()*+,;=~-._")
