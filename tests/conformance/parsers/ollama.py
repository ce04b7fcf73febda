"""Ollama's client reads lines of JSON."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamsim.conformance import Policy
from tests.conformance.answering import transport_of_httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "ollama"
POLICY = Policy(payload='{"response":TEXT}', ndjson=True)


def parse(chunks: Iterator[bytes]) -> Iterator[str]:
    client_class: Any = import_module("ollama").Client

    client: Any = client_class("http://127.0.0.1", transport=transport_of_httpx(chunks))
    for part in client.generate("model", "a", stream=True):
        yield part.response
