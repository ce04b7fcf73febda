"""httpx-sse reads an httpx response."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.conformance.answering import of_httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "httpx-sse"


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    source_class: Any = import_module("httpx_sse").EventSource

    yield from source_class(of_httpx(chunks)).iter_sse()
