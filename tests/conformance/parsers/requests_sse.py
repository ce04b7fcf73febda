"""requests-sse wants a URL and a session of requests; the session here answers once."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.conformance.answering import URL, Over, SessionOfRequests

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "requests-sse"


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    source_class: Any = import_module("requests_sse").EventSource

    session: Any = SessionOfRequests(chunks)
    source = source_class(URL, session=session, reconnection_time=timedelta(0), max_connect_retry=0)
    source.connect()
    try:
        for event in source:
            yield event
            source._reconnection_time = timedelta(0)
    except Over:
        pass
