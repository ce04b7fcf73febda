"""Answers of HTTP clients without a network: what each gives to who reads a stream, made of chunks.

Each chunk is given as it comes: nothing is read ahead, joined or cut.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

URL = "http://example.test/"
HEADERS = {"content-type": "text/event-stream"}


class Over(Exception):  # noqa: N818 - it is no error
    """The client asks again: the stream is over."""


def of_httpx(chunks: Iterator[bytes]) -> Any:
    """Return a response of httpx."""
    httpx: Any = import_module("httpx")
    return httpx.Response(200, headers=HEADERS, content=chunks)


def client_of_httpx(chunks: Iterator[bytes]) -> Any:
    """Return a client of httpx whose requests are answered so."""
    httpx: Any = import_module("httpx")
    return httpx.Client(base_url=URL, transport=transport_of_httpx(chunks))


def transport_of_httpx(chunks: Iterator[bytes]) -> Any:
    """Return the same as a transport."""
    httpx: Any = import_module("httpx")
    return httpx.MockTransport(lambda _: of_httpx(chunks))


class _Raw:
    """As much of urllib3's response as requests asks for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def stream(self, _size: int, *, decode_content: bool = False) -> Iterator[bytes]:
        del decode_content
        return self._chunks

    def read(self, _size: int) -> bytes:
        return next((chunk for chunk in self._chunks if chunk), b"")  # nothing would mean the end

    def close(self) -> None:
        pass

    release_conn = close


def of_requests(chunks: Iterator[bytes]) -> Any:
    """Return a response of requests."""
    response: Any = import_module("requests").Response()
    response.status_code = 200
    response.url = URL
    response.headers.update(HEADERS)
    response.encoding = "utf-8"
    response.raw = _Raw(chunks)
    return response


class SessionOfRequests:
    """A session of requests that answers once."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks: Iterator[bytes] | None = chunks

    def request(self, **_: object) -> Any:
        """Answer.

        Raises:
            Over: It did before.

        """
        if self._chunks is None:
            raise Over
        chunks, self._chunks = self._chunks, None
        return of_requests(chunks)

    def get(self, _url: str, **_: object) -> Any:
        """Answer."""
        return self.request()


class _Url:
    def origin(self) -> str:
        return URL.rstrip("/")


class _Connection:
    """As much of a connection as aiohttp's reader asks for."""

    connected = True
    _reading_paused = False

    def pause_reading(self, *_: object, **__: object) -> None:
        """Do nothing: chunks come one by one anyway."""

    resume_reading = pause_reading


class OfAiohttp:
    """A response of aiohttp: its content is aiohttp's own reader, filled as chunks come."""

    status = 200
    headers = HEADERS
    content_type = HEADERS["content-type"]
    real_url = _Url()

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        reader_class: Any = import_module("aiohttp").StreamReader
        self.content = reader_class(_Connection(), 2**16, loop=asyncio.get_running_loop())
        self._filling = asyncio.ensure_future(self._fill(chunks))

    async def _fill(self, chunks: AsyncIterator[bytes]) -> None:
        async for chunk in chunks:
            self.content.feed_data(chunk)
            for _ in range(4):
                await asyncio.sleep(0)
        self.content.feed_eof()

    def close(self) -> None:
        """Take no further chunk."""
        self._filling.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


class SessionOfAiohttp:
    """A session of aiohttp that answers once."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks: AsyncIterator[bytes] | None = chunks

    async def request(self, *_: object, **__: object) -> OfAiohttp:
        """Answer.

        Raises:
            Over: It did before.

        """
        if self._chunks is None:
            raise Over
        chunks, self._chunks = self._chunks, None
        return OfAiohttp(chunks)

    async def close(self) -> None:
        """Do nothing."""
