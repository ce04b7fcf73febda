"""HAR 1.2 (the W3C's draft): ``log.entries``; with the extras of Chrome's DevTools and of Polly.

``_eventSourceMessages`` are the events that DevTools saw, each with its time in seconds since 1970; they time the body,
and stand in for it where it is missing. Polly writes binary bodies as a JSON array of base64 or hex pieces, which are
the chunks that came. Other tools give the body whole, as text or base64. ``timings.wait`` is the time until the first
byte, but Polly's is the time of it all.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.units import frames
from streamsim.recording.importers.found import Found, Part
from streamsim.recording.importers.shapes import data, headers, microseconds, number, rows, table, text, unbased
from streamsim.recording.moments import moment
from streamsim.sse import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.recording.importers.file import File
    from streamsim.recording.importers.found import Lack
    from streamsim.wire import Headers

_BEFORE = ("blocked", "dns", "connect", "send", "wait")
_HOUR_US = 3_600_000_000
_NO_LINE = dict.fromkeys(map(ord, "\r\n\0"))


def owns(file: File) -> bool:
    """Tell by ``log.entries``."""
    return "entries" in table(table(file.document).get("log"))


def found(file: File) -> list[Found]:
    """Return the exchanges."""
    log = table(table(file.document).get("log"))
    polly = "polly" in text(table(log.get("creator")).get("name")).lower()
    entries = rows(log.get("entries"))
    starts = [moment(text(entry.get("startedDateTime"))) for entry in entries]
    first_us = min((start for start in starts if start is not None), default=0)
    return [
        _exchange(entry, first_us if start is None else start, first_us, polly=polly)
        for entry, start in zip(entries, starts, strict=True)
    ]


def _exchange(entry: dict[str, object], start_us: int, first_us: int, *, polly: bool) -> Found:
    request, response, timings = (table(entry.get(name)) for name in ("request", "response", "timings"))
    head_us = start_us + sum(microseconds(timings.get(name), 1000) for name in _BEFORE)
    parts, lacks = _body(table(response.get("content")), _gaps(rows(entry.get("_eventSourceMessages")), head_us), entry)
    return Found(
        method=text(request.get("method")) or "GET",
        url=text(request.get("url")),
        asked=headers(request.get("headers")),
        body=_posted(table(request.get("postData"))),
        status=number(response.get("status")),
        reason=text(response.get("statusText")),
        headers=_typed(response),
        parts=parts,
        lacks=lacks,
        wait_us=0 if polly else microseconds(timings.get("wait"), 1000),
        at_us=start_us - first_us,
    )


def _typed(response: dict[str, object]) -> Headers:
    """Return the headers, with a content type from ``mimeType`` where they have none."""
    told = headers(response.get("headers"))
    kind = text(table(response.get("content")).get("mimeType"))
    if not kind or any(name.lower() == "content-type" for name, _ in told):
        return told
    return (*told, ("content-type", kind))


def _posted(posted: dict[str, object]) -> bytes:
    return unbased(posted.get("text")) if posted.get("encoding") == "base64" else data(posted.get("text"))


def _gaps(messages: Sequence[dict[str, object]], head_us: int) -> list[int]:
    """Return the time before each event; before the first one that since the head, if their clocks agree."""
    times = [microseconds(message.get("time"), 1_000_000) for message in messages]
    if not times:
        return []
    first_us = times[0] - head_us
    return [first_us if 0 <= first_us < _HOUR_US else 0, *(max(0, after - before) for before, after in pairwise(times))]


def _body(
    content: dict[str, object], gaps: Sequence[int], entry: dict[str, object]
) -> tuple[list[Part], tuple[Lack, ...]]:
    parts = _stored(content)
    if len(parts) > 1:
        return parts, ("times",)
    body = b"".join(part.data for part in parts)
    if not gaps:
        return parts, ("boundaries", "times")
    if not body:
        told = map(_frame, rows(entry.get("_eventSourceMessages")))
        return list(map(Part, told, gaps)), ("boundaries", "framing")
    cuts = list(frames("sse", body))
    if sum(events for _, events in cuts) != len(gaps):
        return parts, ("boundaries", "times")
    coming = iter(gaps)
    return [Part(frame, next(coming) if events else 0) for frame, events in cuts], ("boundaries",)


def _frame(message: dict[str, object]) -> bytes:
    kind, name = (text(message.get(key)).translate(_NO_LINE) for key in ("eventName", "eventId"))
    told = data(text(message.get("data"))).decode()
    return encode(told, event=kind if kind not in ("", "message") else None, id=name or None)


def _stored(content: dict[str, object]) -> list[Part]:
    body = content.get("text")
    if content.get("encoding") != "base64":
        return [Part(data(body))]
    return [Part(piece) for piece in _pieces(text(body))] or [Part(unbased(body))]


def _pieces(body: str) -> list[bytes]:
    """Return the pieces of a body that is an array of them, else none."""
    try:
        pieces = msgspec.json.decode(body, type=list[str])
    except msgspec.MsgspecError:
        return []
    try:
        return [bytes.fromhex(piece) for piece in pieces]
    except ValueError:
        return [unbased(piece) for piece in pieces]
