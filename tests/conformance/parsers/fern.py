"""The event source inside SDKs that Fern writes; each is of another age."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.conformance.answering import of_httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _reading(module: str) -> Callable[[Iterator[bytes]], Iterator[Any]]:
    def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
        source_class: Any = import_module(f"{module}.core.http_sse._api").EventSource

        yield from source_class(of_httpx(chunks)).iter_sse()

    return parse


cohere = _reading("cohere")
sarvamai = _reading("sarvamai")

PARSERS = {"cohere": "cohere", "sarvamai": "sarvamai"}
