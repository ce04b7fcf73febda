"""py-sse-client wants a URL and a callback, and makes its own session of aiohttp; data is JSON."""

from __future__ import annotations

import asyncio
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

from streamsim.conformance import Policy
from tests.conformance.answering import URL, OfAiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PACKAGE = "py-sse-client"
HOW = "async"
POLICY = Policy(payload='{"text":TEXT}')


class _Session:
    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks

    def get(self, *_: object, **__: object) -> OfAiohttp:
        return OfAiohttp(self._chunks)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


async def parse(chunks: AsyncIterator[bytes]) -> AsyncIterator[Any]:
    module: Any = import_module("pysse.client")

    module.aiohttp = SimpleNamespace(ClientSession=lambda: _Session(chunks), StreamReader=module.aiohttp.StreamReader)
    events: asyncio.Queue[Any] = asyncio.Queue()

    def take(event: Any) -> None:
        data = event.data["text"] if isinstance(event.data, dict) else str(event.data)
        events.put_nowait({"event": event.name, "data": data})

    reading = asyncio.ensure_future(module.Client(URL, take).connect())
    reading.add_done_callback(lambda _: events.put_nowait(None))
    while (event := await events.get()) is not None:
        yield event
    await reading
