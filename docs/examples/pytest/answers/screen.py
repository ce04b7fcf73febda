"""A spinner until the first word, then the words."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import openai

FRAME_S = 0.1


class Screen(Protocol):
    """What a terminal or a page can do."""

    def spin(self) -> None:
        """Turn the spinner by one frame."""

    def still(self) -> None:
        """Take the spinner away."""

    def write(self, text: str) -> None:
        """Show more of the answer."""


async def show(client: openai.AsyncOpenAI, question: str, screen: Screen) -> None:
    """Show the answer to ``question`` as it comes."""
    messages = [{"role": "user", "content": question}]
    spinner = asyncio.create_task(_spin(screen))
    try:
        async with await client.chat.completions.create(model="any", messages=messages, stream=True) as stream:
            async for chunk in stream:
                text = chunk.choices[0].delta.content if chunk.choices else None
                if text:
                    await _stop(spinner)
                    screen.write(text)
    finally:
        await _stop(spinner)


async def _spin(screen: Screen) -> None:
    try:
        while True:
            screen.spin()
            await asyncio.sleep(FRAME_S)
    finally:
        screen.still()


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
