"""requests-sse wants a URL and a session of requests; the session here answers without a network, once."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "requests-sse"


class _Over(Exception):  # noqa: N818 - it is no error
    """It asks again: the stream is over."""


class _Raw:
    """As much of urllib3's response as requests asks for: each chunk as it comes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def stream(self, _size: int, *, decode_content: bool = False) -> Iterator[bytes]:
        del decode_content
        return self._chunks

    def close(self) -> None:
        pass

    release_conn = close


class _Session:
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks: Iterator[bytes] | None = chunks

    def request(self, **_: object) -> Any:
        requests: Any = import_module("requests")

        if self._chunks is None:
            raise _Over
        response: Any = requests.Response()
        response.status_code = 200
        response.url = "http://example.test/"
        response.headers["content-type"] = "text/event-stream"
        response.raw, self._chunks = _Raw(self._chunks), None
        return response


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    source_class: Any = import_module("requests_sse").EventSource

    session: Any = _Session(chunks)
    source = source_class("http://example.test/", session=session, reconnection_time=timedelta(0), max_connect_retry=0)
    source.connect()
    try:
        for event in source:
            yield event
            source._reconnection_time = timedelta(0)
    except _Over:
        pass
