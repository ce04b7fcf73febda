"""The reader under the streams of SDKs that Speakeasy writes. Data that is JSON comes decoded."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamsim.conformance import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POLICY = Policy(by_design=frozenset({"words", "deltas"}))


class _Response:
    """As much of a response as is asked for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def iter_bytes(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        pass


def _text(data: object) -> str:
    """Return data as text: what looks like JSON was decoded."""
    return data if isinstance(data, str) else json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def _reading(module: str) -> Callable[[Iterator[bytes]], Iterator[Any]]:
    def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
        stream_events: Any = import_module(module).stream_events

        for event in stream_events(_Response(chunks), json.loads):
            yield {
                "event": event.get("event"),
                "id": event.get("id"),
                "data": _text(event.get("data")),
                "retry": event.get("retry"),
            }

    return parse


friendli = _reading("friendli.core.utils.eventstreaming")
openrouter = _reading("openrouter.utils.eventstreaming")
parse = _reading("mistralai.client.utils.eventstreaming")

PACKAGE = "mistralai"
PARSERS = {"friendli": "friendli", "openrouter": "openrouter", PACKAGE: "parse"}
