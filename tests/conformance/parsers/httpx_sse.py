"""httpx-sse reads an httpx response."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "httpx-sse"


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    httpx: Any = import_module("httpx")
    source_class: Any = import_module("httpx_sse").EventSource

    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=chunks)
    yield from source_class(response).iter_sse()
