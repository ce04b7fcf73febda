"""AI21's SDK decodes what it reads."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamsim.conformance import Policy
from tests.conformance.answering import of_httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "ai21"
POLICY = Policy(payload='{"text":TEXT}', done="[DONE]")


def parse(chunks: Iterator[bytes]) -> Iterator[str]:
    stream_class: Any = import_module("ai21.stream.stream").Stream

    for value in stream_class(cast_to=dict, response=of_httpx(chunks)):
        yield value["text"]
