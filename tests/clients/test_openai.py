"""The official OpenAI SDK, sync and async, completes what the shipped recordings serve, and reports what they say."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import openai
import pytest

from tests.clients.running import command, serving
from tests.clients.said import Said, body_of, recorded, said

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openai.types import Completion
    from openai.types.chat import ChatCompletionChunk
    from openai.types.responses import ResponseStreamEvent

KEY = "sk-example-0123456789abcdef"
# Recordings of chat streams that end in [DONE].
CHATS = ["llama-chat", "llama-tool-call", "llama-unicode", "llama-keep-alive", "llama-openai-sdk"]

each_chat = pytest.mark.parametrize("name", CHATS)


def _client(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0, timeout=20)


def _async_client(url: str) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0, timeout=20)


def _said_in_chat(chunks: Iterable[ChatCompletionChunk]) -> Said:
    """Return what the SDK makes of a chat stream: text, then name and arguments of a tool call, then usage."""
    parts: list[str | None] = []
    usage = None
    for chunk in chunks:
        for choice in chunk.choices:
            parts.append(choice.delta.content)
            calls = [call.function for call in choice.delta.tool_calls or () if call.function is not None]
            parts += [part for function in calls for part in (function.name, function.arguments)]
        if chunk.usage is not None:
            usage = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
    return Said("".join(part for part in parts if part), usage)


def _said_in_completion(chunks: Iterable[Completion]) -> Said:
    text = ""
    usage = None
    for chunk in chunks:
        text += "".join(choice.text for choice in chunk.choices)
        if chunk.usage is not None:
            usage = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
    return Said(text, usage)


def _said_in_response(events: Iterable[ResponseStreamEvent]) -> Said:
    text = ""
    usage = None
    for event in events:
        if event.type == "response.output_text.delta":
            text += event.delta
        elif event.type == "response.completed" and event.response.usage is not None:
            usage = (event.response.usage.input_tokens, event.response.usage.output_tokens)
    return Said(text, usage)


def _ask(name: str) -> dict[str, Any]:
    return body_of(recorded(name))


def test_the_served_command_answers_a_chat() -> None:
    """A stream of `streamsim serve NAME` gives the SDK the recorded text and usage."""
    with (
        command("serve", "llama-chat", "--port", "0", "--speed", "20") as url,
        _client(url) as client,
        client.chat.completions.create(**_ask("llama-chat")) as stream,
    ):
        assert _said_in_chat(stream) == said(recorded("llama-chat"))


@each_chat
def test_sync_chat(name: str) -> None:
    """The sync client gets text, tool call and usage of the recorded chat."""
    with serving(name) as url, _client(url) as client, client.chat.completions.create(**_ask(name)) as stream:
        assert _said_in_chat(stream) == said(recorded(name))


@each_chat
def test_async_chat(name: str) -> None:
    """The async client gets text, tool call and usage of the recorded chat."""

    async def main(url: str) -> list[ChatCompletionChunk]:
        async with _async_client(url) as client, await client.chat.completions.create(**_ask(name)) as stream:
            return [chunk async for chunk in stream]

    with serving(name) as url:
        assert _said_in_chat(asyncio.run(main(url))) == said(recorded(name))


def test_the_tool_call_is_whole() -> None:
    """The helper that gathers a stream gives one tool call whose arguments are the recorded JSON."""
    asked = _ask("llama-tool-call")
    del asked["stream"]
    with serving("llama-tool-call") as url, _client(url) as client, client.chat.completions.stream(**asked) as stream:
        choice = stream.get_final_completion().choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls is not None
    (call,) = choice.message.tool_calls
    assert call.function.name + call.function.arguments == said(recorded("llama-tool-call")).content


def test_sync_completion() -> None:
    """The sync client gets text and usage of the recorded completion."""
    name = "llama-completions"
    with serving(name) as url, _client(url) as client, client.completions.create(**_ask(name)) as stream:
        assert _said_in_completion(stream) == said(recorded(name))


def test_async_completion() -> None:
    """The async client gets text and usage of the recorded completion."""
    name = "llama-completions"

    async def main(url: str) -> list[Completion]:
        async with _async_client(url) as client, await client.completions.create(**_ask(name)) as stream:
            return [chunk async for chunk in stream]

    with serving(name) as url:
        assert _said_in_completion(asyncio.run(main(url))) == said(recorded(name))


def test_sync_response() -> None:
    """The sync client gets text and usage of the recorded response."""
    name = "llama-responses"
    with serving(name) as url, _client(url) as client, client.responses.create(**_ask(name)) as stream:
        assert _said_in_response(stream) == said(recorded(name))


def test_async_response() -> None:
    """The async client gets text and usage of the recorded response."""
    name = "llama-responses"

    async def main(url: str) -> list[ResponseStreamEvent]:
        async with _async_client(url) as client, await client.responses.create(**_ask(name)) as stream:
            return [event async for event in stream]

    with serving(name) as url:
        assert _said_in_response(asyncio.run(main(url))) == said(recorded(name))


def test_an_answer_that_is_no_stream() -> None:
    """A recorded answer in one piece of JSON is parsed like the provider's."""
    with serving("llama-json") as url, _client(url) as client:
        answer = client.chat.completions.create(**_ask("llama-json"))
    assert answer.model_dump(exclude_unset=True) == json.loads(recorded("llama-json").body)


def test_recorded_errors_are_raised() -> None:
    """A recorded 400 and a recorded 404 reach the caller as the SDK's own exceptions, with the provider's message."""
    with serving("llama-errors") as url, _client(url) as client:
        with pytest.raises(openai.BadRequestError, match="exceeds the available context size"):
            client.chat.completions.create(**_ask("llama-errors"))
        with pytest.raises(openai.NotFoundError, match="File Not Found"):
            client.post("/chats", body=body_of(recorded("llama-errors", 3)), cast_to=object)


def test_a_stream_that_its_client_left() -> None:
    """As many chunks as the first client had got are delivered; then the second one leaves, too."""
    name = "llama-client-left"
    wanted = said(recorded(name))
    got: list[ChatCompletionChunk] = []
    with serving(name) as url, _client(url) as client, client.chat.completions.create(**_ask(name)) as stream:
        for chunk in stream:
            got.append(chunk)
            if _said_in_chat(got) == wanted:
                break
    assert len(got) == 12
