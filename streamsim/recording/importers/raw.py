"""A response body by itself, as ``curl -N`` prints it, or with its head before it, as ``curl -iN`` does.

Of the request nothing is known. Where the events show whose they are, it is given that provider's usual method and
target, so that a client finds it; else it is a GET of ``/``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.reading import read_chunks
from streamsim.recording.importers.found import Found, Part
from streamsim.recording.importers.heads import head_of
from streamsim.recording.importers.shapes import json_of, table

if TYPE_CHECKING:
    from streamsim.recording.importers.file import File
    from streamsim.wire import Headers

_HEAD = re.compile(rb"HTTP/[0-9.]+ ([0-9]{3})\b[^\n]*\n(?:[^\r\n]+\r?\n)*\r?\n")
_FIELD = re.compile(rb"(?:\xef\xbb\xbf)?(?:(?:data|event|id|retry)(?::|\r|\n)|:)")


def owns(file: File) -> bool:
    """Tell by how it starts: a field or comment of an event stream, a head, a JSON array, or a line of Ollama."""
    start = _FIELD.match(file.data) or _HEAD.match(file.data)
    return start is not None or file.data.lstrip()[:1] == b"[" or _is_ollama(file.data)


def found(file: File) -> list[Found]:
    """Return the exchange."""
    rest, head = file.data, None
    while (match := _HEAD.match(rest)) is not None:
        head, rest = match, rest[match.end() :]
    if head is None:
        headers: Headers = (("content-type", _guessed(rest)),)
        told = Found(reason="OK", headers=headers, lacks=("boundaries", "times", "request", "head"))
    else:
        first, headers = head_of(head[0])
        reason = first.partition(" ")[2].partition(" ")[2]
        told = Found(status=int(head[1]), reason=reason, headers=headers, lacks=("boundaries", "times", "request"))
    method, url = _endpoint(headers, rest)
    return [msgspec.structs.replace(told, method=method, url=url, parts=(Part(rest),))]


def _endpoint(headers: Headers, body: bytes) -> tuple[str, str]:
    reading = read_chunks(headers, [body])
    writer = reading.spoken.writer
    method, target = ("GET", "/") if writer is None else writer.endpoints[0]
    return method, target.replace("{model}", reading.answer().model or "model")


def _guessed(body: bytes) -> str:
    """Return the content type that the body looks like."""
    first, _, more = body.strip().partition(b"\n")
    if first[:1] == b"{" and table(json_of(first)) and (more or _is_ollama(first)):
        return "application/x-ndjson"
    return "application/json" if first[:1] in (b"{", b"[") else "text/event-stream"


def _is_ollama(body: bytes) -> bool:
    """Tell by ``done``, which no other provider's lines have."""
    return isinstance(table(json_of(body.lstrip().partition(b"\n")[0])).get("done"), bool)
