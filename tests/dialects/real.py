"""The corpus of real streams, each read with what is known of it."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from streamsim.dialects.protocol import Clues
from streamsim.dialects.reading import Reading, read_chunks

if TYPE_CHECKING:
    from pathlib import Path

    from streamsim.wire import Headers

TYPES = {
    "sse": "text/event-stream",
    "ndjson": "application/x-ndjson",
    "json-array": "application/json",
    "aws-eventstream": "application/vnd.amazon.eventstream",
}


class Real(NamedTuple):
    """One stream."""

    name: str
    provider: str
    kind: str
    clues: Clues
    headers: Headers
    body: bytes
    reading: Reading


@cache
def real(corpus: Path) -> tuple[Real, ...]:
    """Return all streams."""
    return tuple(_real(corpus, entry) for entry in json.loads((corpus / "streams" / "index.json").read_bytes()))


def _real(corpus: Path, entry: dict[str, object]) -> Real:
    url = urlsplit(str(entry["url"] or ""))
    target = url.path + (f"?{url.query}" if url.query else "")
    clues = Clues("POST", target, url.netloc.partition(":")[0])
    told = entry["response_headers"]
    rest = told.items() if isinstance(told, dict) else ()
    left_out = ("content-type", "content-encoding", "transfer-encoding", "content-length")
    headers = (
        ("content-type", TYPES[str(entry["stream"])]),
        *((name, str(value)) for name, value in rest if name not in left_out),
    )
    body = (corpus / "streams" / str(entry["file"])).read_bytes()
    reading = read_chunks(headers, [body], clues)
    return Real(str(entry["file"]), str(entry["provider"]), str(entry["stream"]), clues, headers, body, reading)
