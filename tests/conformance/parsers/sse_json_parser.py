"""sse-json-parser decodes what it reads."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamsim.conformance import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "sse-json-parser"
POLICY = Policy(payload='{"text":TEXT}')


def parse(chunks: Iterator[bytes]) -> Iterator[str]:
    parser_class: Any = import_module("sse_json_parser").SSEParser

    for value in parser_class().parse(chunks):
        yield value["text"]
