"""aiosseclient wants a URL and makes its own session of aiohttp, which here is one that answers once."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

from tests.conformance.answering import URL, OfAiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PACKAGE = "aiosseclient"
HOW = "async"


class _Session:
    closed = True

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._response = OfAiohttp(chunks)

    async def get(self, *_: object, **__: object) -> OfAiohttp:
        return self._response

    async def close(self) -> None:
        pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._response.close()


async def parse(chunks: AsyncIterator[bytes]) -> AsyncIterator[Any]:
    module: Any = import_module("aiosseclient")

    module.aiohttp = SimpleNamespace(ClientSession=lambda **_: _Session(chunks), ClientTimeout=lambda **_: None)
    async for event in module.aiosseclient(URL):
        yield event
