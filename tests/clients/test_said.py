"""What is written from a script, served by the real server: official SDKs hear it, streamed and whole, and the same."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import anthropic
import openai
import pytest

from streamsim.dialects import read
from streamsim.plan.say import say, writable
from tests.clients import sdks
from tests.clients.running import answering, command
from tests.dialects.heard import ASK, Heard, heard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamsim.recording.model import Recording

TEXT = ["Hello, wörld! ", {"pause": "1s"}, "☃ it's <b>done</b>."]
TOOLS = [{"tool": "look_up", "arguments": {"city": "Oslo"}}, {"tool": "look_up", "arguments": {"city": "Bergen"}}]
THOUGHT = [{"reasoning": "Let me think about it."}, "It is 4."]
SCRIPTS: dict[str, Any] = {
    "text": TEXT,
    "tools": TOOLS,
    "thought": THOUGHT,
    "refused": [{"refusal": "No, I can't."}],
    "long": {"say": "word " * 60, "stop": "length", "usage": {"input": 7, "output": 60}},
}
CHATS = ("openai-chat", "azure-openai", "deepseek", "groq", "openrouter", "vllm", "xai", "perplexity")


def _openai(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=url, api_key=sdks.KEY, max_retries=0, timeout=20)


def _anthropic(url: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=url, api_key=sdks.KEY, max_retries=0, timeout=20)


def _chat(url: str, *, stream: bool) -> sdks.Heard:
    with _openai(f"{url}/v1") as client:
        asked: dict[str, Any] = {"model": "m", "messages": sdks.ASKED}
        if not stream:
            return sdks.whole_chat(client.chat.completions.create(**asked))
        return sdks.chat(client.chat.completions.create(**asked, stream=True))


def _completion(url: str, *, stream: bool) -> sdks.Heard:
    with _openai(f"{url}/v1") as client:
        if not stream:
            return sdks.completion([client.completions.create(model="m", prompt="Hi")])
        return sdks.completion(client.completions.create(model="m", prompt="Hi", stream=True))


def _response(url: str, *, stream: bool) -> sdks.Heard:
    with _openai(f"{url}/v1") as client:
        if not stream:
            return sdks.response(client.responses.create(model="m", input="Hi"))
        *_, last = client.responses.create(model="m", input="Hi", stream=True)
        return sdks.response(last.response)  # type: ignore[union-attr]


def _message(url: str, *, stream: bool) -> sdks.Heard:
    with _anthropic(url) as client:
        asked: dict[str, Any] = {"model": "m", "messages": sdks.ASKED, "max_tokens": 99}
        if not stream:
            return sdks.message(client.messages.create(**asked))
        with client.messages.stream(**asked) as told:
            return sdks.message(told.get_final_message())


SAID: dict[str, Callable[..., sdks.Heard]] = {
    **dict.fromkeys(CHATS, _chat),
    "openai-completions": _completion,
    "openai-responses": _response,
    "anthropic": _message,
}
STREAMED = [True, False]


@contextmanager
def said(script: Any, dialect: str) -> Iterator[tuple[str, Recording]]:
    recording = say(script, dialect=dialect)
    with answering(recording, name="say") as url:
        yield url, recording


def test_all_dialects_with_an_sdk_are_asked() -> None:
    """What is left has no official SDK in Python that reads it."""
    assert set(writable()) - set(SAID) - set(ASK) == {"a2a", "ag-ui", "gemini-array", "langgraph", "tgi", "ui-messages"}


@pytest.mark.parametrize("stream", STREAMED)
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("dialect", sorted(SAID))
def test_openai_and_anthropic_hear_what_is_said(dialect: str, script: str, stream: bool) -> None:  # noqa: FBT001 - a table
    """Text, thoughts, refusals, tool calls with their ids, usage and stop reasons are those that streamsim reads."""
    with said(SCRIPTS[script], dialect) as (url, recording):
        told = sdks.told(read(recording.exchange(1)).answer())
        assert SAID[dialect](url, stream=stream) == (sdks.parsed(told) if dialect == "anthropic" else told)


@pytest.mark.parametrize("stream", STREAMED)
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("dialect", sorted(ASK))
def test_other_sdks_hear_what_is_said(dialect: str, script: str, stream: bool) -> None:  # noqa: FBT001 - a table
    """Those of Google, Mistral, Cohere, Ollama and Amazon hear the same as streamsim reads."""
    with said(SCRIPTS[script], dialect) as (url, recording):
        told: Heard = heard(read(recording.exchange(1)).answer())
        assert ASK[dialect](url, stream=stream) == told


def test_the_served_command_says_a_text() -> None:
    """`streamsim serve --say` answers an SDK whose base URL has no version."""
    with (
        command("serve", "--say", "Hello!", "--port", "0", "--speed", "20") as url,
        _openai(url) as client,
    ):
        told = client.chat.completions.create(model="any", messages=sdks.ASKED)
        assert (told.choices[0].message.content, told.choices[0].finish_reason) == ("Hello!", "stop")


LOOP: list[Any] = [[{"tool": "add", "arguments": {"a": 2, "b": 2}}], "It is 4."]


@pytest.mark.parametrize("stream", STREAMED)
def test_a_loop_of_tools_runs_through_a_script(stream: bool) -> None:  # noqa: FBT001 - a table
    """The first answer calls a tool, the next one, to its result, is text; and so again for the next client."""
    with answering(say(*LOOP)) as url, _openai(f"{url}/v1") as client:
        for _ in range(2):
            messages: list[Any] = list(sdks.ASKED)
            calls = _turn(client, messages, stream=stream).calls[0]
            assert calls[0][1:] == ("add", '{"a":2,"b":2}')
            assert _turn(client, messages, stream=stream).text == {0: "It is 4."}


def _turn(client: openai.OpenAI, messages: list[Any], *, stream: bool) -> sdks.Heard:
    """Ask, and add what is answered, and the results of tools, to the conversation."""
    asked: dict[str, Any] = {"model": "m", "messages": messages}
    if stream:
        told = sdks.chat(client.chat.completions.create(**asked, stream=True))
    else:
        told = sdks.whole_chat(client.chat.completions.create(**asked))
    calls = [
        {"id": one, "type": "function", "function": {"name": name, "arguments": text}}
        for one, name, text in told.calls.get(0, ())
    ]
    messages.append({"role": "assistant", "content": told.text.get(0), "tool_calls": calls})
    messages += [{"role": "tool", "tool_call_id": call["id"], "content": "4"} for call in calls]
    return told


ERROR = {"error": "Try later", "type": "overloaded_error", "status": 529}


@pytest.mark.parametrize("stream", STREAMED)
def test_an_error_before_anything_is_an_http_error(stream: bool) -> None:  # noqa: FBT001 - a table
    """With the status of the script, in the provider's form, streamed or not."""
    with said([ERROR], "anthropic") as (url, _), pytest.raises(anthropic.APIStatusError) as caught:
        _message(url, stream=stream)
    assert (caught.value.status_code, caught.value.body) == (
        529,
        {"type": "error", "error": {"type": "overloaded_error", "message": "Try later"}} | _rest(caught.value.body),
    )


def _rest(body: Any) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in ("type", "error")}


@pytest.mark.parametrize("stream", STREAMED)
def test_an_error_amid_a_stream_is_an_http_error_when_whole(stream: bool) -> None:  # noqa: FBT001 - a table
    """Streamed it comes after what was said; whole, with the status that its type has, in place of the answer."""
    with said(["Well, ", ERROR], "anthropic") as (url, _), pytest.raises(anthropic.APIStatusError) as caught:
        _message(url, stream=stream)
    assert (caught.value.status_code, "Try later" in str(caught.value)) == (200 if stream else 529, True)
