"""go-vcr: YAML with ``interactions`` that name a ``url``; ``duration`` is the time until the response's head."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from streamsim.recording.importers.found import Found, Part
from streamsim.recording.importers.shapes import data, headers, number, rows, table, text

if TYPE_CHECKING:
    from streamsim.recording.importers.file import File

# As time.Duration of Go prints itself: 1m2.5s, 309.1ms, 52µs.
_DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?)(h|ms|m|s|us|µs|μs|ns)")
_NS = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 1000, "µs": 1000, "μs": 1000, "ns": 1}


def owns(file: File) -> bool:
    """Tell by ``interactions`` with a ``url``."""
    return any("url" in table(row.get("request")) for row in rows(table(file.document).get("interactions"))[:1])


def found(file: File) -> list[Found]:
    """Return the exchanges."""
    return [_exchange(row) for row in rows(table(file.document).get("interactions"))]


def _exchange(row: dict[str, object]) -> Found:
    request, response = table(row.get("request")), table(row.get("response"))
    status = text(response.get("status"))
    return Found(
        method=text(request.get("method")) or "GET",
        url=text(request.get("url")),
        asked=headers(request.get("headers")),
        body=data(request.get("body")),
        status=number(response.get("code"), 200),
        reason=status.partition(" ")[2] or status,
        headers=headers(response.get("headers")),
        parts=(Part(data(response.get("body"))),),
        wait_us=_microseconds(response.get("duration")),
    )


def _microseconds(value: object) -> int:
    if isinstance(value, int):
        return value // 1000
    return int(sum(Fraction(count) * _NS[unit] for count, unit in _DURATION.findall(text(value))) / 1000)
