"""Anthropic's SDK: the decoder under its streams."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "anthropic"


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    decoder_class: Any = import_module("anthropic._streaming").SSEDecoder

    yield from decoder_class().iter_bytes(chunks)
