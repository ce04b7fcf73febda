"""The client of Text Generation Inference asks with requests, and decodes what it reads."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from streamsim.conformance import Policy
from tests.conformance.answering import URL, of_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "text-generation"
POLICY = Policy(payload='{"token":{"id":1,"text":TEXT,"logprob":0,"special":false}}')


def parse(chunks: Iterator[bytes]) -> Iterator[str]:
    module: Any = import_module("text_generation.client")

    module.requests = SimpleNamespace(post=lambda *_, **__: of_requests(chunks))
    for part in module.Client(URL).generate_stream("a"):
        yield part.token.text
