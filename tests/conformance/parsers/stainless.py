"""The decoder under the streams of SDKs that Stainless writes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _reading(module: str) -> Callable[[Iterator[bytes]], Iterator[Any]]:
    def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
        decoder_class: Any = import_module(f"{module}._streaming").SSEDecoder

        yield from decoder_class().iter_bytes(chunks)

    return parse


cerebras = _reading("cerebras.cloud.sdk")
fireworks = _reading("fireworks")
groq = _reading("groq")
llama_stack_client = _reading("llama_stack_client")
together = _reading("together")
writer = _reading("writerai")

PARSERS = {
    "cerebras-cloud-sdk": "cerebras",
    "fireworks-ai": "fireworks",
    "groq": "groq",
    "llama-stack-client": "llama_stack_client",
    "together": "together",
    "writer-sdk": "writer",
}
