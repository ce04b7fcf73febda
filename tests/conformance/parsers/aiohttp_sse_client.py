"""aiohttp-sse-client and its successor want a URL and a session of aiohttp; the session here answers once."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.conformance.answering import URL, Over, SessionOfAiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

PACKAGE = "aiohttp-sse-client"
HOW = "async"


def _reading(module: str) -> Callable[[AsyncIterator[bytes]], AsyncIterator[Any]]:
    async def parse(chunks: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        source_class: Any = import_module(f"{module}.client").EventSource

        source = source_class(URL, session=SessionOfAiohttp(chunks), reconnection_time=timedelta(0))
        try:
            await source.connect()
            async for event in source:
                yield event
                source._reconnection_time = timedelta(0)
        except Over:
            pass
        finally:
            await source.close()

    return parse


parse = _reading("aiohttp_sse_client")
second = _reading("aiohttp_sse_client2")

PARSERS = {PACKAGE: "parse", "aiohttp-sse-client2": "second"}
