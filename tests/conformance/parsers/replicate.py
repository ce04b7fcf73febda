"""The stream of replicate's SDK: each event has an id and one of four names, or is none."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamsim.conformance import Policy
from tests.conformance.answering import of_httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "replicate"
POLICY = Policy(block=("event: output", "id: 1"), by_design=frozenset({"colon"}))
"""Data that begins with ``data:`` is a file."""


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    source_class: Any = import_module("replicate.stream").EventSource
    for event in source_class(None, of_httpx(chunks)):
        yield {"event": event.event.value, "data": event.data, "id": event.id, "retry": event.retry}
