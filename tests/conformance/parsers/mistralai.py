"""Mistral's SDK: the reader under its streams. Data that is JSON comes decoded."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamsim.conformance import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "mistralai"
POLICY = Policy(by_design=frozenset({"words", "deltas"}))


class _Response:
    """As much of an httpx response as is asked for: its own would join and cut the chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def iter_bytes(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        pass


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    stream_events: Any = import_module("mistralai.client.utils.eventstreaming").stream_events

    response: Any = _Response(chunks)
    for event in stream_events(response, json.loads):
        yield {
            "event": event.get("event"),
            "id": event.get("id"),
            "data": _text(event.get("data")),
            "retry": event.get("retry"),
        }


def _text(data: object) -> str:
    """Return data as text: what looks like JSON was decoded."""
    return data if isinstance(data, str) else json.dumps(data, separators=(",", ":"), ensure_ascii=False)
