"""LangGraph's SDK decodes what it reads."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamsim.conformance import Policy
from tests.conformance.answering import client_of_httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "langgraph-sdk"
POLICY = Policy(payload='{"text":TEXT}')


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    client_class: Any = import_module("langgraph_sdk._sync.http").SyncHttpClient

    for part in client_class(client_of_httpx(chunks)).stream("/", "POST"):
        text = part.data["text"] if isinstance(part.data, dict) else str(part.data)
        yield {"data": text, "event": part.event, "id": part.id}
