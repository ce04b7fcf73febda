"""What a recorded exchange says, as streamsim reads it: the measure for what an SDK reports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects import read
from streamsim.shells.files import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.recording.model import Exchange

DONE = "[DONE]"


class Said(msgspec.Struct, frozen=True):
    """The content of one answer: text, or name and arguments of its tool call, and the tokens it counts."""

    content: str
    usage: tuple[int, int] | None


def recorded(name: str, number: int = 1) -> Exchange:
    """Return an exchange of a shipped recording."""
    return load(name).exchange(number)


def body_of(exchange: Exchange) -> dict[str, object]:
    """Return the JSON that was asked with."""
    body: dict[str, object] = json.loads(exchange.request.data)
    return body


def said(exchange: Exchange) -> Said:
    """Return what ``exchange`` says to a reader of its stream."""
    reading = read(exchange)
    content = "".join(item.content for item in reading.landed)
    usage = None
    for told in _told(exchange):
        usage = _usage(told) or usage
    return Said(content, usage)


def _told(exchange: Exchange) -> Iterator[dict[str, object]]:
    for item in read(exchange).landed:
        if item.event.data != DONE:
            yield json.loads(item.event.data)


def _usage(told: dict[str, object]) -> tuple[int, int] | None:
    """Return tokens in and out, wherever the three OpenAI dialects write them."""
    inner = told.get("response")
    usage = (inner if isinstance(inner, dict) else told).get("usage")
    if not isinstance(usage, dict):
        return None
    asked = usage.get("prompt_tokens", usage.get("input_tokens"))
    answered = usage.get("completion_tokens", usage.get("output_tokens"))
    return (asked, answered) if isinstance(asked, int) and isinstance(answered, int) else None
