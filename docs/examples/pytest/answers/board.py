"""A board of departures, read for as long as somebody has time: on whatever event loop anyio runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    import httpx2


async def departures(client: httpx2.AsyncClient, url: str, seconds: float) -> list[str]:
    """Return the first data line of all departures that came within ``seconds``."""
    found: list[str] = []
    with anyio.move_on_after(seconds):
        async with client.stream("GET", url, timeout=None) as answer:
            event = ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(":")
                if name == "event":
                    event = value.strip()
                elif name == "data" and event:
                    found.append(value.strip())
                    event = ""
    return found
