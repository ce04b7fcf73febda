"""OpenAI's SDK: the decoder under its streams, of this year's bytes and of the lines of its first versions."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "openai"


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    decoder_class: Any = import_module("openai._streaming").SSEDecoder
    decoder: Any = decoder_class()
    if hasattr(decoder, "iter_bytes"):
        yield from decoder.iter_bytes(chunks)
        return
    httpx: Any = import_module("httpx")
    yield from decoder.iter(httpx.Response(200, content=chunks).iter_lines())
