"""GigaChat's SDK decodes what it reads, into a model of pydantic."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamsim.conformance import Policy
from tests.conformance.answering import URL, client_of_httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "gigachat"
POLICY = Policy(payload='{"text":TEXT}')


def parse(chunks: Iterator[bytes]) -> Iterator[str]:
    execute: Any = import_module("gigachat.api.utils").execute_stream_sync
    pydantic: Any = import_module("pydantic")

    model = pydantic.create_model("Chunk", text=(str, ...))
    for value in execute(client_of_httpx(chunks), {"method": "POST", "url": URL}, model):
        yield value.text
