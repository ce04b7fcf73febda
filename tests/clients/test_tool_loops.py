"""The official SDKs run a tool loop over a recorded session, though hardly a byte of what they send was recorded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anthropic
import openai
import pytest

from tests.clients.running import answering, command, serving
from tests.clients.tool_loops import ANSWER, CITIES, QUESTION, anthropic_loop, openai_loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai.types.chat import ChatCompletionMessage

# What a client may make of the ids that it was given.
IDS = {"as given": lambda ident: ident, "of its own": lambda ident: f"mine-{ident}"}
each_naming = pytest.mark.parametrize("naming", IDS.values(), ids=IDS)
TOOLS: list[Any] = [
    {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
]


def _openai(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0, timeout=20)


def _say(client: openai.OpenAI, messages: list[Any], **more: Any) -> ChatCompletionMessage:
    with client.chat.completions.stream(model="another", messages=messages, tools=TOOLS, **more) as stream:
        return stream.get_final_completion().choices[0].message


@each_naming
def test_openai(naming: Callable[[str], str]) -> None:
    """Two calls, their results in another order with other texts and ids, and the recorded answer; twice over."""
    with answering(openai_loop()) as url, _openai(url) as client:
        for temperature in (0.1, 0.9):
            told: list[Any] = [{"role": "system", "content": " Be brief.\n"}, {"role": "user", "content": QUESTION}]
            called = _say(client, told, temperature=temperature)
            calls = called.tool_calls or []
            message = called.model_dump()
            assert len(calls) == len(CITIES)
            told_to = [json.loads(call["function"]["arguments"])["city"] for call in message["tool_calls"]]
            assert told_to == list(CITIES)
            for call in message["tool_calls"]:
                call["id"] = naming(call["id"])
                call["function"].pop("parsed_arguments", None)
            told.append(message)
            results = {call["id"]: f"{temperature} mm" for call in message["tool_calls"]}
            told += [
                {"role": "tool", "tool_call_id": ident, "content": text} for ident, text in reversed(results.items())
            ]
            assert _say(client, told, temperature=temperature, extra_body={"session": "s"}).content == ANSWER


@each_naming
def test_anthropic(naming: Callable[[str], str]) -> None:
    """The same with Anthropic's blocks."""
    with answering(anthropic_loop()) as url, anthropic.Anthropic(base_url=url, api_key="k", max_retries=0) as client:
        told: list[Any] = [{"role": "user", "content": [{"type": "text", "text": QUESTION}]}]
        with client.messages.stream(model="x", max_tokens=9, system=" Be brief.", messages=told) as stream:
            blocks = [block.model_dump() for block in stream.get_final_message().content]
        assert [block["input"]["city"] for block in blocks] == list(CITIES)
        blocks = [{key: block[key] for key in ("type", "id", "name", "input")} for block in blocks]
        for block in blocks:
            block["id"] = naming(block["id"])
        results = [
            {"type": "tool_result", "tool_use_id": block["id"], "content": [{"type": "text", "text": "dry"}]}
            for block in reversed(blocks)
        ]
        told += [{"role": "assistant", "content": blocks}, {"role": "user", "content": results}]
        with client.messages.stream(model="x", max_tokens=9, messages=told) as stream:
            assert stream.get_final_text() == ANSWER


def test_a_recording_that_ends_with_the_call() -> None:
    """The result of a tool is not answered with its call again: the client is told what is missing."""
    with serving("llama-tool-call") as url, _openai(url) as client:
        told: list[Any] = [{"role": "user", "content": "Is it raining in Oslo?"}]
        called = _say(client, told)
        (call,) = called.tool_calls or []
        message = called.model_dump(exclude_none=True)
        message["tool_calls"][0]["function"].pop("parsed_arguments", None)
        told += [message, {"role": "tool", "tool_call_id": call.id, "content": "yes"}]
        with pytest.raises(openai.NotFoundError) as raised:
            _say(client, told)
    (near,) = raised.value.body["nearest"]  # type: ignore[index]
    assert near["differs"][0] == {
        "at": "turns",
        "recorded": "user",
        "asked": "user, assistant calls get_weather, tool result",
    }


def test_models_are_listed() -> None:
    """Both SDKs list the models that a recording names."""
    with serving("llama-chat") as url, _openai(url) as client:
        assert [model.id for model in client.models.list()] == ["storyteller"]
        assert client.models.retrieve("storyteller").id == "storyteller"
        with pytest.raises(openai.NotFoundError, match="there is no model 'gpt'"):
            client.models.retrieve("gpt")
    with serving("llama-messages") as url, anthropic.Anthropic(base_url=url, api_key="k", max_retries=0) as client_:
        assert [model.id for model in client_.models.list()] == ["storyteller"]


def test_a_key_is_required() -> None:
    """The SDKs raise their own exception for a wrong key, and are answered with the right one."""
    with command("serve", "llama-chat", "--port", "0", "--require-key", "right", "--pacing", "instant") as url:
        for key in ("wrong", "right"):
            client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=20)
            if key == "right":
                assert client.models.list().data
            else:
                with pytest.raises(openai.AuthenticationError, match="this is not the API key"):
                    client.models.list()
            client.close()
        with (
            anthropic.Anthropic(base_url=url, api_key="wrong", max_retries=0) as other,
            pytest.raises(anthropic.AuthenticationError, match="this is not the API key"),
        ):
            other.messages.create(model="x", max_tokens=1, messages=[{"role": "user", "content": "hi"}])
