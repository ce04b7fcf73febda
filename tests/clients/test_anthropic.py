"""The official Anthropic SDK, sync and async, completes what a shipped recording serves, and reports what it says."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import anthropic

from streamsim.dialects import read
from tests.clients.running import command, serving
from tests.clients.said import body_of, recorded

if TYPE_CHECKING:
    from anthropic.types import Message

KEY = "sk-ant-example-0123456789"
NAME = "llama-messages"


def _client(url: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=url, api_key=KEY, max_retries=0, timeout=20)


def _async_client(url: str) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(base_url=url, api_key=KEY, max_retries=0, timeout=20)


def _ask() -> dict[str, Any]:
    """Return the recorded question, as the SDK's streaming helper takes it."""
    body = body_of(recorded(NAME))
    return {"model": body["model"], "messages": body["messages"], "max_tokens": body["max_tokens"]}


def _told(message: Message) -> tuple[str, int]:
    return "".join(block.text for block in message.content if block.type == "text"), message.usage.output_tokens


def _wanted() -> tuple[str, int]:
    """Return the recorded text, and the tokens that the last ``message_delta`` counts."""
    landed = read(recorded(NAME)).landed
    (last,) = (json.loads(item.event.data) for item in landed if item.event.type == "message_delta")
    return "".join(item.content for item in landed), last["usage"]["output_tokens"]


def test_the_served_command_answers_a_message() -> None:
    """A stream of `streamsim serve NAME` gives the SDK the recorded text and usage."""
    with (
        command("serve", NAME, "--port", "0", "--speed", "20") as url,
        _client(url) as client,
        client.messages.stream(**_ask()) as stream,
    ):
        assert _told(stream.get_final_message()) == _wanted()


def test_sync_message() -> None:
    """The sync client gets text and usage of the recorded message."""
    with serving(NAME) as url, _client(url) as client, client.messages.stream(**_ask()) as stream:
        assert _told(stream.get_final_message()) == _wanted()


def test_async_message() -> None:
    """The async client gets text and usage of the recorded message."""

    async def main(url: str) -> Message:
        async with _async_client(url) as client, client.messages.stream(**_ask()) as stream:
            return await stream.get_final_message()

    with serving(NAME) as url:
        assert _told(asyncio.run(main(url))) == _wanted()


def test_sync_events() -> None:
    """The raw events of the sync client are those of the recording, one for one."""
    with serving(NAME) as url, _client(url) as client, client.messages.create(**_ask(), stream=True) as stream:
        assert [event.type for event in stream] == [item.event.type for item in read(recorded(NAME)).landed]
