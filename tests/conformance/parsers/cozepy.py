"""The stream of Coze's SDK: an event is two lines, its name and its data."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamsim.conformance import Policy
from tests.conformance.answering import of_httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "cozepy"
POLICY = Policy(block=("event: t",))


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    stream_class: Any = import_module("cozepy.model").Stream
    response = of_httpx(chunks)
    yield from stream_class(response, response.iter_lines(), ["event", "data"], lambda event, _: event)
