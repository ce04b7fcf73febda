"""The line parser under the streams of Zhipu's SDK and of its successor."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.conformance.answering import of_httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _reading(module: str) -> Callable[[Iterator[bytes]], Iterator[Any]]:
    def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
        parser_class: Any = import_module(module).SSELineParser

        yield from parser_class().iter_lines(of_httpx(chunks).iter_lines())

    return parse


zai = _reading("zai.core._streaming")
zhipuai = _reading("zhipuai.core._sse_client")

PARSERS = {"zai-sdk": "zai", "zhipuai": "zhipuai"}
