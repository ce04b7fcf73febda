"""aiohttp-sse-client wants a URL and a session of aiohttp; the session here answers without a network, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PACKAGE = "aiohttp-sse-client"
HOW = "async"


class _Over(Exception):  # noqa: N818 - it is no error
    """It asks again: the stream is over."""


class _Url:
    def origin(self) -> str:
        return "http://example.test"


class _Response:
    status = 200
    content_type = "text/event-stream"
    real_url = _Url()

    def __init__(self, content: Any) -> None:
        self.content = content

    def close(self) -> None:
        pass


class _Session:
    def __init__(self, content: Any) -> None:
        self._content = content

    async def request(self, *_: object, **__: object) -> _Response:
        if self._content is None:
            raise _Over
        content, self._content = self._content, None
        return _Response(content)


async def _fill(reader: Any, chunks: AsyncIterator[bytes]) -> None:
    async for chunk in chunks:
        reader.feed_data(chunk)
        for _ in range(4):
            await asyncio.sleep(0)
    reader.feed_eof()


async def parse(chunks: AsyncIterator[bytes]) -> AsyncIterator[Any]:
    reader_class: Any = import_module("aiohttp").StreamReader
    source_class: Any = import_module("aiohttp_sse_client.client").EventSource

    reader = reader_class(Mock(_reading_paused=False), 2**16, loop=asyncio.get_running_loop())
    session: Any = _Session(reader)
    filling = asyncio.ensure_future(_fill(reader, chunks))
    source = source_class("http://example.test/", session=session, reconnection_time=timedelta(0))
    try:
        await source.connect()
        async for event in source:
            yield event
            source._reconnection_time = timedelta(0)
    except _Over:
        pass
    finally:
        filling.cancel()
