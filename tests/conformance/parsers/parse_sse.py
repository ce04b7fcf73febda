"""parse-sse reads a response of requests."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.conformance.answering import of_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "parse-sse"


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    parse_sse: Any = import_module("parse_sse").parse_sse

    yield from parse_sse(of_requests(chunks))
