"""Secrets, kept out of recordings.

The laws: the values of authorization, cookie and key-like headers and query parameters become ``[redacted]``; wherever the
same value stands in a body it does too, also when it is cut by the end of a chunk; boundaries and times stay. Names of what
was removed are collected for the header of the recording.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import msgspec

from streamsim.recording.model import Chunk, Ending, Request, as_text

if TYPE_CHECKING:
    from streamsim.recording.model import Line
    from streamsim.wire import Headers

REDACTED = "[redacted]"

# A shorter value is too common a word to be hunted in bodies, and a shorter beginning of one gives nothing away.
SHORTEST = 8

_SECRET = re.compile(
    r"(?:.*[-_.])?(?:api[-_]?key|key|token|secret|password|passwd|auth|authorization|cookie|signature|sig|credentials?|jwt)|set-cookie2?",
    re.IGNORECASE,
)
_HARMLESS = re.compile(r"x-streamsim-.*|idempotency-key|sec-websocket-key|x-.*cache-key|surrogate-key", re.IGNORECASE)
_QUERY = re.compile(r"([?&])([^=&]+)=([^&#]*)")


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
        self._secrets: set[bytes] = set()
        self._held: dict[int, _Held] = {}

    def lines(self, line: Line) -> list[Line]:
        """Return what may be written now: ``line``, clean; or nothing yet; or also what was held back before."""
        if not self._enabled:
            return [line]
        if isinstance(line, Chunk):
            return self._chunk(line)
        held = self._held.pop(line.exchange, None)
        before: list[Line] = [] if held is None else list(map(self._clean, held.lines))
        if isinstance(line, Ending):
            return [*before, self._clean(line)]
        if isinstance(line, Request):
            line = msgspec.structs.replace(line, target=self._target(line.target))
            line = msgspec.structs.replace(line, headers=self._headers(line.headers))
            return [*before, self._clean(line)]
        return [*before, msgspec.structs.replace(line, headers=self._headers(line.headers))]

    def _headers(self, headers: Headers) -> Headers:
        return tuple((name, self._value(name, value)) for name, value in headers)

    def _value(self, name: str, value: str) -> str:
        if not is_secret(name) or not value:
            return value
        self._remember(name, value)
        return REDACTED

    def _target(self, target: str) -> str:
        def clean(found: re.Match[str]) -> str:
            mark, name, value = found.groups()
            if not is_secret(name) or not value:
                return found[0]
            self._remember(name, value)
            return f"{mark}{name}={REDACTED}"

        return _QUERY.sub(clean, target)

    def _remember(self, name: str, value: str) -> None:
        """Note the value and, as in ``Bearer sk-…`` or ``a=1; b=2``, its parts."""
        self.removed.add(name.lower())
        parts = {value, *re.split(r"[ ;,]+", value), *re.findall(r"=([^;,\s]+)", value)}
        self._secrets.update(part.encode("latin-1") for part in parts if len(part) >= SHORTEST)

    def _chunk(self, line: Chunk) -> list[Line]:
        held = self._held.pop(line.exchange, None)
        if held is None:
            return self._or_hold(line)
        rest = held.take(line)
        if rest is None:
            self._held[line.exchange] = held
            return []
        return [*map(self._clean, held.lines), *self._or_hold(rest)]

    def _or_hold(self, line: Chunk) -> list[Line]:
        """Return ``line``, clean, unless it ends in what may be the beginning of a secret."""
        data = line.data
        for secret in self._secrets:
            begin = data.rfind(secret[:SHORTEST], max(0, len(data) - len(secret) + 1))
            if begin >= 0 and secret.startswith(data[begin:]):
                self._held[line.exchange] = _Held(line, begin, secret)
                return []
        return [self._clean(line)]

    def _clean(self, line: _Bodied) -> _Bodied:
        data = line.data
        cleaned = data
        for secret in self._secrets:
            if secret in cleaned:
                cleaned = cleaned.replace(secret, REDACTED.encode())
        return line if cleaned is data else with_data(line, cleaned)


class _Held:
    """Chunks that end inside what may be a secret."""

    def __init__(self, line: Chunk, begin: int, secret: bytes) -> None:
        self.lines = [line]
        self._begin = begin
        self._secret = secret
        self._matched = len(line.data) - begin

    def take(self, line: Chunk) -> Chunk | None:
        """Take the next chunk: return what is left to look at of it, or None while the secret still goes on."""
        data = line.data
        wanted = self._secret[self._matched : self._matched + len(data)]
        if not data.startswith(wanted):
            return line
        self._matched += len(wanted)
        if self._matched < len(self._secret):
            self.lines.append(line)
            return None
        first = self.lines[0]
        self.lines[0] = with_data(first, first.data[: self._begin] + REDACTED.encode())
        self.lines[1:] = [with_data(middle, b"") for middle in self.lines[1:]]
        return with_data(line, data[len(wanted) :])


_Bodied = TypeVar("_Bodied", Request, Chunk, Ending)


def with_data(line: _Bodied, data: bytes) -> _Bodied:
    """Return ``line`` with other bytes, spelt as text where they are UTF-8."""
    text = as_text(data)
    return msgspec.structs.replace(line, text=text, b64=None if text is not None else data)
