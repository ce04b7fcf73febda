"""What the head of an answer says against what a stream needs: status, content type, encoding, framing, caches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamsim.analysis.lint.report import Hit
from streamsim.dialects.content_encoding import header
from streamsim.dialects.units import kind_of
from streamsim.units import SECOND, format_duration
from streamsim.wire.render import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.dialects.units import Kind
    from streamsim.recording.model import Exchange, Response
    from streamsim.wire import Headers

_FIELD: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?::[^\n\r]*[\r\n]+)*(?:data|event|id|retry):")
_CHARSET: Final = re.compile(r';\s*charset\s*=\s*"?([^";,\s]*)')
_DECODED: Final = frozenset(("", "identity", "gzip", "x-gzip", "deflate"))
QUIET_NS: Final = 15 * SECOND
"""How often a comment line is due, by HTML 9.2.7."""


def kind(headers: Headers, body: bytes) -> Kind | None:
    """Return how the body is made of events: as the content type says, or, where it says no such thing, as it looks."""
    told = kind_of(headers)
    return "sse" if told in (None, "array") and _FIELD.match(body) else told


def readable(headers: Headers) -> bool:
    """Tell whether the content encoding can be undone."""
    return header(headers, "content-encoding") in _DECODED


def of_head(response: Response, *, has_events: bool) -> Iterator[Hit]:
    """Yield what is wrong with the head of a stream; ``has_events``: of an event stream, and not of NDJSON or such."""
    if response.status != 200:
        yield Hit("status_not_200", f"a stream with status {response.status}: an EventSource gives up")
    if has_events:
        yield from _content_type(header(response.headers, "content-type"))
        yield from _delivery(response)
    yield from _caches(response.headers)


def _content_type(told: str) -> Iterator[Hit]:
    if not told:
        yield Hit("content_type_missing")
    elif told.partition(";")[0].strip() != "text/event-stream":
        yield Hit("content_type_wrong", f"the body looks like an event stream but its content type is {visible(told)}")
    charset = _CHARSET.search(told)
    if charset is not None and charset[1] not in ("utf-8", "utf8"):
        shown = visible(charset[1])
        yield Hit("charset", f"the charset is told to be {shown}: an event stream is always decoded as UTF-8")


def _delivery(response: Response) -> Iterator[Hit]:
    encoding = header(response.headers, "content-encoding")
    if encoding not in ("", "identity"):
        yield Hit("compressed", f"the event stream is compressed ({visible(encoding)}): events may come in bundles")
    if response.framing == "content-length":
        yield Hit("content_length")
    if response.framing == "close":
        yield Hit("close_delimited")


def _caches(headers: Headers) -> Iterator[Hit]:
    if not re.search(r"\bno-(cache|store)\b", header(headers, "cache-control")):
        yield Hit("cache_control")
    buffering = header(headers, "x-accel-buffering")
    if buffering not in ("", "no"):
        yield Hit("proxy_buffering", f"x-accel-buffering: {visible(buffering)} asks proxies to hold the stream back")


def of_silence(exchange: Exchange) -> Iterator[Hit]:
    """Yield the longest silence within the body, if it is too long."""
    longest_us = max((chunk.dt_us for chunk in exchange.chunks), default=0)
    if longest_us * 1000 > QUIET_NS:
        yield Hit("silence", f"{format_duration(longest_us * 1000)} without a byte: proxies close idle connections")
