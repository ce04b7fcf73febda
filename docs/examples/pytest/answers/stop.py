"""A stop button: who has read enough pays for no more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import anthropic


async def write(client: anthropic.AsyncAnthropic, topic: str, stop: asyncio.Event) -> str:
    """Return what the model wrote on ``topic`` until ``stop`` was set."""
    said: list[str] = []
    reading = asyncio.create_task(_read(client, topic, said))
    stopping = asyncio.create_task(stop.wait())
    done, pending = await asyncio.wait((reading, stopping), return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    if reading in done:
        reading.result()
    return "".join(said)


async def _read(client: anthropic.AsyncAnthropic, topic: str, said: list[str]) -> None:
    messages = [{"role": "user", "content": topic}]
    async with client.messages.stream(model="any", max_tokens=500, messages=messages) as stream:
        async for text in stream.text_stream:
            said.append(text)
