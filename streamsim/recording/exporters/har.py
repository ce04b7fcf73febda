"""HAR 1.2, as browsers' developer tools open it; the events of an event stream stand in ``_eventSourceMessages``.

So Chrome's DevTools writes them: time in seconds since 1970, name, id, data. A recording without a date is dated 1970.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import msgspec

from streamsim.dialects.units import is_event_stream, units
from streamsim.recording.exporters.told import created, plain, upstream, url
from streamsim.recording.model import as_text
from streamsim.recording.moments import moment, spelt
from streamsim.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.recording.model import Exchange, Recording, Request
    from streamsim.wire import Headers

_WHOLE = 1 << 30  # no event of a recording is larger


def write(recording: Recording, exchanges: Sequence[Exchange]) -> bytes:
    """Return the archive."""
    began_us = moment(created(recording)) or 0
    log = {
        "version": "1.2",
        "creator": {"name": "streamsim", "version": __version__},
        "entries": [_entry(one, began_us + one.request.at_us, upstream(recording)) for one in exchanges],
    }
    return msgspec.json.format(msgspec.json.encode({"log": log}), indent=2) + b"\n"


def _entry(exchange: Exchange, start_us: int, origin: str) -> dict[str, object]:
    request, response = exchange.request, exchange.response
    assert response is not None  # noqa: S101 - only such are exported
    where = url(exchange, origin)
    pieces, headers = plain(exchange)
    wait_us = sum(info.dt_us for info in exchange.infos) + response.dt_us
    receive_us = sum(chunk.dt_us for chunk in exchange.chunks) + (exchange.end.dt_us if exchange.end else 0)
    return {
        "startedDateTime": spelt(start_us),
        "time": (wait_us + receive_us) / 1000,
        "request": {
            "method": request.method,
            "url": where,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _rows(request.headers),
            "queryString": [{"name": name, "value": value} for name, value in parse_qsl(urlsplit(where).query)],
            "headersSize": -1,
            "bodySize": len(request.data),
            **_posted(request),
        },
        "response": {
            "status": response.status,
            "statusText": response.reason,
            "httpVersion": f"HTTP/{response.http}",
            "cookies": [],
            "headers": _rows(headers),
            "content": _content(b"".join(pieces), headers),
            "redirectURL": next((value for name, value in headers if name.lower() == "location"), ""),
            "headersSize": -1,
            "bodySize": len(exchange.body),
        },
        "cache": {},
        "timings": {"send": 0, "wait": wait_us / 1000, "receive": receive_us / 1000},
        **_messages(exchange, pieces, headers, start_us + wait_us),
    }


def _rows(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _content(body: bytes, headers: Headers) -> dict[str, object]:
    kind = next((value for name, value in headers if name.lower() == "content-type"), "x-unknown")
    return {"size": len(body), "mimeType": kind, **_text(body)}


def _text(body: bytes) -> dict[str, str]:
    text = as_text(body)
    return {"text": text} if text is not None else {"text": b64encode(body).decode(), "encoding": "base64"}


def _posted(request: Request) -> dict[str, object]:
    if not request.data:
        return {}
    kind = next((value for name, value in request.headers if name.lower() == "content-type"), "")
    return {"postData": {"mimeType": kind, **_text(request.data)}}


def _messages(exchange: Exchange, pieces: Sequence[bytes], headers: Headers, head_us: int) -> dict[str, object]:
    """Return the events, each with the time of the chunk that completed it."""
    if not is_event_stream(headers):
        return {}
    reader = units("sse", _WHOLE)
    told: list[object] = []
    now_us = head_us
    for chunk, piece in zip(exchange.chunks, pieces, strict=True):
        now_us += chunk.dt_us
        told += [
            {"time": now_us / 1_000_000, "eventName": event.type, "eventId": event.id, "data": event.data}
            for event in reader.feed(piece)
        ]
    return {"_eventSourceMessages": told}
