"""Secrets, kept out of recordings.

The laws: the values of authorization, cookie and key-like headers and query parameters, and the user part of a URL,
become ``[redacted]``; wherever the same value stands in another header, a target or a body, plain, percent-encoded or
escaped for JSON, it does too, also where it is cut by the ends of chunks. Chunks and times stay: where a value goes on
in the next chunks, those lose its bytes. A body of declared length keeps that length, or it could not be replayed.

What it cannot do: it does not look into compressed bodies, nor for values shorter than :data:`SHORTEST`, nor for
secrets that stand in bodies alone.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, unquote_to_bytes

import msgspec

from streamsim.recording.model import Chunk, Ending, Info, Request, Response, as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamsim.recording.model import Line
    from streamsim.wire import Headers

REDACTED = "[redacted]"

# A shorter value is too common a word to be hunted.
SHORTEST = 8

_SECRET = re.compile(
    r"(?:.*[-_.])?(?:(?:access|api|auth|bearer|client|id|private|refresh|secret|session|subscription)?(?:key|secret|token)"
    r"|assertion|auth|authentication|authorization|cookie|credentials?|jwt|passphrase|passwd|password|pwd|sig|signature)"
    r"|set-cookie2?|mcp-session-id",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"x-streamsim-.*|idempotency-key|sec-websocket-key|surrogate-key|(?:x-.*)?cache-key|.*public[-_]?key", re.IGNORECASE
)
_QUERY = re.compile(r"([?&])([^=&\s]+)=([^&#\s>]+)")
_USER = re.compile(r"(?<=://)([^/?#\s@]+)@")
_HOLD_URLS = frozenset(("location", "content-location", "link", "referer", "refresh"))
# What JSON writers escape though they need not: Gson and Go's encoding/json; .NET's System.Text.Json; PHP.
_ESCAPED = (
    {ord(char): f"\\u{ord(char):04x}" for char in "<>&='"},
    {ord(char): f"\\u{ord(char):04X}" for char in "<>&+'`"},
    {ord("/"): "\\/"},
)


def is_secret(name: str) -> bool:
    """Tell whether a header or query parameter of this name holds a secret."""
    return _SECRET.fullmatch(name) is not None and _HARMLESS.fullmatch(name) is None


class Redactor:
    """Takes the lines of a whole session, and remembers the secrets it has met.

    Attributes:
        removed: Names of headers and query parameters whose values were removed, in lower case.

    """

    def __init__(self, *, enabled: bool = True) -> None:
        self.removed: set[str] = set()
        self._enabled = enabled
        self._secrets = _Secrets()
        # Chunks of an exchange that end in what may be the beginning of a secret.
        self._held: dict[int, list[Chunk]] = {}
        self._sized: set[int] = set()

    def clean(self, lines: list[Line]) -> list[Line]:
        """Return what may be written now of ``lines``, in their order; chunks, which most lines are, at one look."""
        return lines if self._harmless(lines) else [safe for line in lines for safe in self.lines(line)]

    def _harmless(self, lines: list[Line]) -> bool:
        """Tell whether ``lines`` are chunks in which no secret is, begins, or goes on."""
        if self._held:
            return False
        data = [line.data for line in lines if isinstance(line, Chunk)]
        return len(data) == len(lines) and not self._secrets.concern(data)

    def lines(self, line: Line) -> list[Line]:
        """Return what may be written now: ``line``, clean; or nothing yet; or also what was held back before."""
        if not self._enabled:
            return [line]
        if isinstance(line, Chunk):
            return self._chunk(line)
        if isinstance(line, Ending):
            return self._ending(line)
        if isinstance(line, Request):
            return [self._request(line)]
        return [self._head(line)]

    def remember(self, name: str, value: str) -> None:
        """Note that ``value`` is secret, and with it the parts of it that are."""
        for part in _parts(name.lower(), value):
            self._secrets.add(part)

    def _request(self, line: Request) -> Request:
        target = self._url(line.target)
        headers = self._headers(line.headers)
        line = msgspec.structs.replace(line, target=self._clean(target), headers=headers)
        data = line.data
        return with_data(line, self._secrets.replace(data)) if data else line

    def _head(self, line: Info | Response) -> Info | Response:
        headers = self._headers(line.headers)
        if isinstance(line, Response) and line.framing == "content-length":
            self._sized.add(line.exchange)
        return msgspec.structs.replace(line, reason=self._clean(line.reason), headers=headers)

    def _chunk(self, line: Chunk) -> list[Line]:
        held = self._held.pop(line.exchange, None)
        if held is None and not self._secrets.concern([line.data]):
            return [line]
        clean, safe = self._joined([*(held or ()), line])
        if safe < len(clean):
            self._held[line.exchange] = clean[safe:]
        return list(clean[:safe])

    def _ending(self, line: Ending) -> list[Line]:
        line = msgspec.structs.replace(line, trailers=self._headers(line.trailers))
        # The bytes of an end line may go on with what a chunk began.
        clean, _ = self._joined([*self._held.pop(line.exchange, ()), line], last=True)
        self._sized.discard(line.exchange)
        return list(clean)

    def _joined(self, lines: list[_Bodied], *, last: bool = False) -> tuple[list[_Bodied], int]:
        """Return ``lines``, clean, and how many of them are sure whatever comes after them."""
        sized = lines[0].exchange in self._sized
        spans, sure = self._secrets.find(b"".join([line.data for line in lines]), last=last)
        clean: list[_Bodied] = []
        safe = begin = 0
        for line in lines:
            end = begin + len(line.data)
            touched = [span for span in spans if span[0] < end and span[1] > begin]
            clean.append(with_data(line, _cover(line.data, begin, touched, sized=sized)) if touched else line)
            safe += end <= sure
            begin = end
        return clean, safe

    def _headers(self, headers: Headers) -> Headers:
        # Those that stand before a secret may repeat it too.
        hidden = [(name, self._value(name, value)) for name, value in headers]
        return tuple((name, self._clean(value)) for name, value in hidden)

    def _value(self, name: str, value: str) -> str:
        if value and is_secret(name):
            self._remove(name, value)
            return REDACTED
        return self._url(value) if name.lower() in _HOLD_URLS else value

    def _url(self, url: str) -> str:
        """Return a target or URL without its secret parameters and its user."""

        def parameter(found: re.Match[str]) -> str:
            mark, name, value = found.groups()
            if not is_secret(unquote_to_bytes(name).decode("latin-1")):
                return found[0]
            self._remove(name, value)
            return f"{mark}{name}={REDACTED}"

        def user(found: re.Match[str]) -> str:
            self._remove("userinfo", found[1])
            return f"{REDACTED}@"

        return _USER.sub(user, _QUERY.sub(parameter, url))

    def _remove(self, name: str, value: str) -> None:
        self.removed.add(name.lower())
        self.remember(name, value)

    def _clean(self, text: str) -> str:
        return self._secrets.replace(text.encode("latin-1")).decode("latin-1")


class _Secrets:
    """What is hunted, in all its spellings."""

    def __init__(self) -> None:
        self._met: set[bytes] = set()  # as they were spelt; the same ones come with every request
        self._known: set[bytes] = set()
        self._inner: set[bytes] = set()
        self._pattern: re.Pattern[bytes] | None = None

    def add(self, secret: bytes) -> None:
        if len(secret) < SHORTEST or secret in self._met:
            return
        self._met.add(secret)
        for spelling in _spellings(secret) - self._known:
            self._known.add(spelling)
            self._inner.update(spelling[place : place + 1] for place in range(len(spelling)))
            self._pattern = None

    def concern(self, data: list[bytes]) -> bool:
        """Tell whether one of ``data`` may hold a secret, or the beginning of one at its end."""
        # For an event stream hardly ever: its chunks end in a line end, which is in no secret.
        if any(each[-1:] in self._inner for each in data):
            return True
        together = b"".join(data)  # what stands in one stands in all of them
        return any(map(together.__contains__, self._known))

    def replace(self, data: bytes) -> bytes:
        return self._any().sub(REDACTED.encode(), data) if self._known else data

    def find(self, data: bytes, *, last: bool) -> tuple[list[tuple[int, int]], int]:
        """Return where secrets stand in ``data``, and up to where that is sure whatever comes next."""
        spans: list[tuple[int, int]] = []
        begin = 0
        if not self._known:
            return spans, len(data)
        while True:
            sure = len(data) if last else self._unsure(data, begin)
            found = self._any().search(data, begin)
            if found is None or found.start() >= sure:
                return spans, sure
            spans.append(found.span())
            begin = found.end()

    def _unsure(self, data: bytes, begin: int) -> int:
        """Return where the longest end of ``data`` begins that a secret may begin with; where it ends, if none."""
        best = 0
        for secret in self._known:
            for length in range(min(len(secret) - 1, len(data) - begin), best, -1):
                if data.endswith(secret[:length]):
                    best = length
                    break
        return len(data) - best

    def _any(self) -> re.Pattern[bytes]:
        if self._pattern is None:
            longest_first = sorted(self._known, key=lambda secret: (-len(secret), secret))
            self._pattern = re.compile(b"|".join(map(re.escape, longest_first)))
        return self._pattern


def _cover(data: bytes, begin: int, spans: Iterable[tuple[int, int]], *, sized: bool) -> bytes:
    """Return ``data``, which stands at ``begin``, with the part of each span that lies in it covered."""
    out = b""
    done = 0
    for start, end in spans:
        first, after = max(start - begin, 0), min(end - begin, len(data))
        cover = REDACTED.encode()
        if sized:
            cover = cover.ljust(end - start, b"*")[begin + first - start : begin + after - start]
        elif start < begin:
            cover = b""
        out += data[done:first] + cover
        done = after
    return out + data[done:]


def _parts(name: str, value: str) -> Iterator[bytes]:
    """Yield what is secret in a value: ``sk-…`` in ``Bearer sk-…``, ``1`` and ``2`` in ``a=1; b=2``."""
    for part in _pieces(name, value):
        secret = part.strip(' \t",;').encode("latin-1", "replace")
        yield secret
        yield unquote_to_bytes(secret)
        yield from _login(secret)


def _pieces(name: str, value: str) -> list[str]:
    if "cookie" in name:
        pairs = value.split(";")
        # What follows in a Set-Cookie are its attributes (RFC 6265, 4.1).
        return [pair.partition("=")[2] or pair for pair in (pairs[:1] if name.startswith("set-") else pairs)]
    if name == "userinfo":
        return [value, _password(value)]
    scheme, *words = value.split() or [""]
    return [value, *words, *re.findall(r'=\s*"?([^;,\s"]+)', value)] if words else [scheme]


def _password(pair: str) -> str:
    """Return the password of ``user:password``; a key that is used without one stands before the colon."""
    user, _, password = pair.partition(":")
    return password or user


def _login(secret: bytes) -> Iterator[bytes]:
    """Yield user and password, and the password, of Basic credentials (RFC 7617)."""
    try:
        pair = b64decode(secret, validate=True)
    except ValueError:
        return
    if b":" in pair:
        yield pair
        yield _password(pair.decode("latin-1")).encode("latin-1")


def _spellings(secret: bytes) -> set[bytes]:
    """Return how the secret may be written in a URL, a form, or a JSON string."""
    quoted = {quote(secret, safe=""), quote(secret), quote(secret).replace("%20", "+")}
    lower = {re.sub("%..", lambda found: found[0].lower(), text) for text in quoted}
    plain = msgspec.json.encode(secret.decode("latin-1"))[1:-1].decode()
    escaped = {plain, *(plain.translate(table) for table in _ESCAPED)}
    return {secret, *(text.encode() for text in quoted | lower | escaped)}


_Bodied = TypeVar("_Bodied", bound=Request | Chunk | Ending)


def with_data(line: _Bodied, data: bytes) -> _Bodied:
    """Return ``line`` with other bytes, spelt as text where they are UTF-8."""
    text = as_text(data)
    return msgspec.structs.replace(line, text=text, b64=None if text is not None else data)
