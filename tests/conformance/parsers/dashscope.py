"""DashScope's SDK: the reader under its streams, of a response of requests; what it gives is one object, changed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.conformance.answering import of_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "dashscope"


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    handle: Any = import_module("dashscope.common.utils")._handle_stream

    for _, _, event in handle(of_requests(chunks)):
        yield {"data": event.data, "event": event.eventType, "id": event.id}
