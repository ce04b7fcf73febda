"""Google's SDK decodes what it reads."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streamsim.conformance import Policy
from tests.conformance.answering import of_httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "google-genai"
POLICY = Policy(payload='{"text":TEXT}')


def parse(chunks: Iterator[bytes]) -> Iterator[str]:
    response_class: Any = import_module("google.genai._api_client").HttpResponse

    for value in response_class({}, response_stream=of_httpx(chunks)).segments():
        yield value["text"]
