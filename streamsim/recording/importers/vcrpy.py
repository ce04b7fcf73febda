"""vcrpy and pytest-recording: YAML or JSON with ``interactions`` of ``request`` and ``response``.

Headers are lists or texts; a body's ``string`` is text, binary or base64; some suites store JSON bodies parsed, as
``parsed_body``. One file may hold several exchanges: retries, and the turns of a tool loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.recording.importers.found import Found, Part
from streamsim.recording.importers.shapes import data, headers, number, rows, table, text, unbased

if TYPE_CHECKING:
    from streamsim.recording.importers.file import File


def owns(file: File) -> bool:
    """Tell by ``interactions`` with a ``uri``."""
    return any("uri" in table(row.get("request")) for row in rows(table(file.document).get("interactions"))[:1])


def found(file: File) -> list[Found]:
    """Return the exchanges."""
    interactions = rows(table(file.document).get("interactions"))
    return [exchange(row, url=text(table(row.get("request")).get("uri"))) for row in interactions]


def exchange(row: dict[str, object], *, url: str) -> Found:
    """Return what one interaction tells."""
    request, response = table(row.get("request")), table(row.get("response"))
    status = table(response.get("status"))
    return Found(
        method=text(request.get("method")) or "GET",
        url=url,
        asked=headers(request.get("headers")),
        body=body(request),
        status=number(status.get("code") or response.get("status_code") or response.get("status"), 200),
        reason=text(status.get("message")),
        headers=headers(response.get("headers")),
        parts=(Part(body(response)),),
    )


def body(side: dict[str, object]) -> bytes:
    """Return the body of a request or response, in whichever place and form it stands."""
    if "parsed_body" in side:
        return data(side["parsed_body"])
    stored = side.get("body", side.get("content"))
    told = table(stored)
    if "base64_string" in told:
        return unbased(told["base64_string"])
    return data(told.get("string", stored) or None)
