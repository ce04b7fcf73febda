"""huggingface_hub decodes what it reads: tokens, of which the text is taken."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamsim.conformance import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "huggingface_hub"
POLICY = Policy(payload='{"token":{"text":TEXT}}', done="[DONE]")


def parse(chunks: Iterator[bytes]) -> Iterator[str]:
    httpx: Any = import_module("httpx")
    _stream_text_generation_response: Any = import_module(
        "huggingface_hub.inference._common"
    )._stream_text_generation_response

    lines: Any = httpx.Response(200, content=chunks).iter_lines()
    outputs: Any = _stream_text_generation_response(lines, details=True)
    for output in outputs:
        yield output.token.text
