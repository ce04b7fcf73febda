"""simple-sse-client reads an httpx response."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.conformance.answering import of_httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "simple-sse-client"


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    source_class: Any = import_module("simple_sse_client.simple_sse_client").EventSource

    yield from source_class(of_httpx(chunks)).iter_sse()
