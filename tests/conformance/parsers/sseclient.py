"""sseclient wants a URL and a session of requests; the session here answers without a network, once."""

from __future__ import annotations

import contextlib
import io
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "sseclient"


class _Over(Exception):  # noqa: N818 - it is no error
    """It asks again: the stream is over."""


class _Raw:
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def read(self, _size: int) -> bytes:
        for chunk in self._chunks:
            if chunk:  # nothing would mean the end
                return chunk
        return b""


class _Response:
    encoding = "utf-8"
    apparent_encoding = "utf-8"

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.raw = _Raw(chunks)

    def raise_for_status(self) -> None:
        pass


class _Session:
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks: Iterator[bytes] | None = chunks

    def get(self, _url: str, **_: object) -> _Response:
        if self._chunks is None:
            raise _Over
        chunks, self._chunks = self._chunks, None
        return _Response(chunks)


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:

    client_class: Any = import_module("sseclient").SSEClient

    client: Any = client_class("http://example.test/", session=_Session(chunks), retry=0)
    while True:
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                client.retry = 0
                event = next(client)
        except (_Over, StopIteration):
            return
        yield event
