"""What official SDKs report of an answer that streamsim serves, in the same words as what streamsim reads of it.

Each function asks with an SDK that comes from its provider, at the URL of a server on loopback, and adds up what the
SDK hands out. The measure is `heard`: what `Answer` says.
"""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from streamsim.dialects.answer import Answer

KEY = "example-0123456789abcdef"


class Heard(msgspec.Struct, frozen=True):
    """One answer: tool calls as pairs of name and value of the arguments, usage as tokens in and out."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[tuple[str, Any], ...] = ()
    usage: tuple[int | None, int | None] = (None, None)
    stop: str = ""


def heard(answer: Answer) -> Heard:
    """Return what ``answer`` says."""
    said = answer.first
    calls = tuple((call.name, value(call.text)) for call in said.calls)
    return Heard(said.text + said.refusal, said.reasoning, calls, (answer.usage.input, answer.usage.output), said.stop)


def value(arguments: str) -> Any:
    """Return what arguments mean; no text at all means no arguments."""
    return json.loads(arguments or "{}")


class _Growing:
    """An answer that is added up."""

    def __init__(self) -> None:
        self.text = self.reasoning = self.stop = ""
        self.calls: dict[Any, list[str]] = {}
        self.usage: tuple[int | None, int | None] = (None, None)

    def call(self, key: Any, name: str | None, arguments: str | None) -> None:
        call = self.calls.setdefault(key, ["", ""])
        call[0] += name or ""
        call[1] += arguments or ""

    def whole(self, name: str, arguments: object) -> None:
        self.calls[len(self.calls)] = [name, json.dumps(arguments)]

    def heard(self) -> Heard:
        calls = tuple((name, value(arguments)) for name, arguments in self.calls.values())
        return Heard(self.text, self.reasoning, calls, self.usage, self.stop)


@contextmanager
def genai_client(url: str) -> Generator[Any, None, None]:
    """Give a client of google-genai."""
    genai = pytest.importorskip("google.genai")
    with closing(genai.Client(api_key=KEY, http_options={"base_url": url, "timeout": 20_000})) as client:
        yield client


def gemini(url: str, *, stream: bool = True) -> Heard:
    """Ask with google-genai."""
    with genai_client(url) as client:
        return _gemini(client, stream=stream)


def _gemini(client: Any, *, stream: bool) -> Heard:
    ask = {"model": "m", "contents": "Hi"}
    said = _Growing()
    models = client.models
    for chunk in models.generate_content_stream(**ask) if stream else [models.generate_content(**ask)]:
        if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason is not None:
            said.stop = chunk.prompt_feedback.block_reason.value
        for candidate in chunk.candidates or ():
            for part in (candidate.content.parts if candidate.content else None) or ():
                if part.thought:
                    said.reasoning += part.text or ""
                else:
                    said.text += part.text or ""
                if part.function_call:
                    said.whole(part.function_call.name, part.function_call.args)
            said.stop = candidate.finish_reason.value if candidate.finish_reason else said.stop
        if (usage := chunk.usage_metadata) is not None:
            asked = _sum(usage.prompt_token_count, usage.tool_use_prompt_token_count)
            answered = _sum(usage.candidates_token_count, usage.thoughts_token_count)
            said.usage = (_or(asked, said.usage[0]), _or(answered, said.usage[1]))
    return said.heard()


def _sum(count: int | None, more: int | None) -> int | None:
    return None if count is None and more is None else (count or 0) + (more or 0)


def _or(count: int | None, before: int | None) -> int | None:
    return before if count is None else count


def interactions(url: str, *, stream: bool = True) -> Heard:
    """Ask with google-genai's interactions."""
    with genai_client(url) as client:
        return _interactions(client, stream=stream)


def _interactions(client: Any, *, stream: bool) -> Heard:
    said = _Growing()
    if not stream:
        whole = client.interactions.create(model="m", input="Hi")
        for step in whole.steps or ():
            _step(said, step)
        _interaction(said, whole)
        return said.heard()
    for event in client.interactions.create(model="m", input="Hi", stream=True):
        if event.event_type == "step.start" and event.step.type == "function_call":
            said.call(event.index, event.step.name, "")
        elif event.event_type == "step.delta":
            _step_delta(said, event.index, event.delta)
        elif event.event_type == "interaction.completed":
            _interaction(said, event.interaction)
    return said.heard()


def _step(said: _Growing, step: Any) -> None:
    if step.type == "function_call":
        said.whole(step.name, step.arguments)
    said.text += "".join(content.text for content in getattr(step, "content", None) or ())
    said.reasoning += "".join(content.text for content in getattr(step, "summary", None) or ())


def _step_delta(said: _Growing, index: int, delta: Any) -> None:
    said.text += delta.text if delta.type == "text" else ""
    said.reasoning += delta.content.text if delta.type == "thought_summary" else ""
    if delta.type == "arguments_delta":
        said.call(index, "", delta.arguments)


def _interaction(said: _Growing, whole: Any) -> None:
    usage = whole.usage
    said.stop = getattr(whole.status, "value", whole.status)
    asked = _sum(usage.total_input_tokens, usage.total_tool_use_tokens)
    said.usage = (asked, _sum(usage.total_output_tokens, usage.total_thought_tokens))


def mistral(url: str, *, stream: bool = True) -> Heard:
    """Ask with mistralai."""
    mistralai = pytest.importorskip("mistralai.client")
    ask: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    said = _Growing()
    with mistralai.Mistral(api_key=KEY, server_url=url, timeout_ms=20_000) as client:
        if stream:
            with client.chat.stream(**ask) as events:
                for event in events:
                    _mistral(said, event.data, [(choice, choice.delta) for choice in event.data.choices])
        else:
            answer = client.chat.complete(**ask)
            _mistral(said, answer, [(choice, choice.message) for choice in answer.choices])
    return said.heard()


def _mistral(said: _Growing, chunk: Any, grown: list[tuple[Any, Any]]) -> None:
    for choice, delta in grown:
        if isinstance(delta.content, str):
            said.text += delta.content
        for part in delta.content if isinstance(delta.content, list) else ():
            if part.type == "thinking":
                said.reasoning += "".join(thought.text for thought in part.thinking)
            else:
                said.text += part.text
        for call in delta.tool_calls or ():
            arguments = call.function.arguments
            said.call(call.id, call.function.name, arguments if isinstance(arguments, str) else json.dumps(arguments))
        said.stop = choice.finish_reason or said.stop
    if chunk.usage:
        said.usage = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)


@contextmanager
def cohere_client(url: str) -> Generator[Any, None, None]:
    """Give a client of cohere's, of version 2."""
    sdk = pytest.importorskip("cohere")
    with httpx.Client(timeout=20) as http:
        yield sdk.ClientV2(api_key=KEY, base_url=url, httpx_client=http)


def cohere(url: str, *, stream: bool = True) -> Heard:
    """Ask with cohere's client of version 2."""
    with cohere_client(url) as client:
        return _cohere(client, stream=stream)


def _cohere(client: Any, *, stream: bool) -> Heard:
    ask: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    said = _Growing()
    if not stream:
        answer = client.chat(**ask)
        for part in answer.message.content or ():
            said.text += part.text if part.type == "text" else ""
            said.reasoning += part.thinking if part.type == "thinking" else ""
        said.reasoning += answer.message.tool_plan or ""
        for call in answer.message.tool_calls or ():
            said.call(call.id, call.function.name, call.function.arguments)
        _cohere_end(said, answer)
        return said.heard()
    for event in client.chat_stream(**ask):
        _cohere_event(said, event)
    return said.heard()


def _cohere_event(said: _Growing, event: Any) -> None:
    message: Any = event.delta.message if event.type.endswith(("-delta", "-start")) else None
    if event.type == "content-delta":
        said.text += message.content.text or ""
        said.reasoning += message.content.thinking or ""
    elif event.type == "tool-plan-delta":
        said.reasoning += message.tool_plan
    elif event.type in ("tool-call-start", "tool-call-delta"):
        function = message.tool_calls.function
        said.call(event.index, getattr(function, "name", None), function.arguments)
    elif event.type == "message-end":
        _cohere_end(said, event.delta)


def _cohere_end(said: _Growing, told: Any) -> None:
    said.stop = told.finish_reason
    tokens = told.usage.tokens if told.usage else None
    if tokens is not None:
        said.usage = (int(tokens.input_tokens), int(tokens.output_tokens))


def ollama(url: str, *, stream: bool = True, generate: bool = False) -> Heard:
    """Ask with ollama, its chat or its generate."""
    sdk = pytest.importorskip("ollama")
    with sdk.Client(host=url, timeout=20) as client:
        return _ollama(client, stream=stream, generate=generate)


def _ollama(client: Any, *, stream: bool, generate: bool) -> Heard:
    said = _Growing()
    if generate:
        parts: Any = client.generate(model="m", prompt="Hi", stream=stream)
    else:
        parts = client.chat(model="m", messages=[{"role": "user", "content": "Hi"}], stream=stream)
    for part in parts if stream else [parts]:
        grown = part if generate else part.message
        said.text += (part.response if generate else grown.content) or ""
        said.reasoning += grown.thinking or ""
        for call in (() if generate else grown.tool_calls) or ():
            said.whole(call.function.name, dict(call.function.arguments))
        said.stop = part.done_reason or said.stop
        said.usage = (_or(part.prompt_eval_count, said.usage[0]), _or(part.eval_count, said.usage[1]))
    return said.heard()


def ollama_generate(url: str, *, stream: bool = True) -> Heard:
    """Ask with ollama's generate."""
    return ollama(url, stream=stream, generate=True)


@contextmanager
def bedrock_client(url: str) -> Generator[Any, None, None]:
    """Give a client of botocore's."""
    config = pytest.importorskip("botocore.config").Config(
        retries={"total_max_attempts": 1}, read_timeout=20, proxies={}
    )
    client = (
        pytest.importorskip("botocore.session")
        .Session()
        .create_client(
            "bedrock-runtime",
            region_name="us-east-1",
            endpoint_url=url,
            aws_access_key_id=KEY,
            aws_secret_access_key=KEY,
            config=config,
        )
    )
    with closing(client):
        yield client


def bedrock(url: str, *, stream: bool = True) -> Heard:
    """Ask with botocore's Converse."""
    with bedrock_client(url) as client:
        return _bedrock(client, stream=stream)


def _bedrock(client: Any, *, stream: bool) -> Heard:
    ask = {"modelId": "m", "messages": [{"role": "user", "content": [{"text": "Hi"}]}]}
    said = _Growing()
    if stream:
        for event in client.converse_stream(**ask)["stream"]:
            _converse(said, event)
        return said.heard()
    answer = client.converse(**ask)
    for block in answer["output"]["message"]["content"]:
        said.text += block.get("text", "")
        said.reasoning += block.get("reasoningContent", {}).get("reasoningText", {}).get("text", "")
        if "toolUse" in block:
            said.whole(block["toolUse"]["name"], block["toolUse"]["input"])
    said.stop = answer["stopReason"]
    said.usage = (answer["usage"]["inputTokens"], answer["usage"]["outputTokens"])
    return said.heard()


def _converse(said: _Growing, event: dict[str, Any]) -> None:
    if "contentBlockStart" in event and "toolUse" in event["contentBlockStart"]["start"]:
        started = event["contentBlockStart"]
        said.call(started["contentBlockIndex"], started["start"]["toolUse"]["name"], "")
    elif "contentBlockDelta" in event:
        delta = event["contentBlockDelta"]["delta"]
        said.text += delta.get("text", "")
        said.reasoning += delta.get("reasoningContent", {}).get("text", "")
        if "toolUse" in delta:
            said.call(event["contentBlockDelta"]["contentBlockIndex"], "", delta["toolUse"]["input"])
    elif "messageStop" in event:
        said.stop = event["messageStop"]["stopReason"]
    elif "metadata" in event:
        usage = event["metadata"]["usage"]
        said.usage = (usage["inputTokens"], usage["outputTokens"])


ASK: dict[str, Callable[..., Heard]] = {
    "gemini": gemini,
    "vertex": gemini,
    "gemini-interactions": interactions,
    "mistral": mistral,
    "cohere": cohere,
    "ollama": ollama,
    "ollama-generate": ollama_generate,
    "bedrock-converse": bedrock,
}
"""Who asks, by the dialect that answers."""

PATHS = {
    "gemini": "/v1/models/m:streamGenerateContent?alt=sse",
    "vertex": "/v1/models/m:streamGenerateContent?alt=sse",
    "gemini-interactions": "/v1/interactions",
    "mistral": "/v1/chat/completions",
    "cohere": "/v2/chat",
    "ollama": "/api/chat",
    "ollama-generate": "/api/generate",
    "bedrock-converse": "/model/m/converse-stream",
}
"""What its SDK asks for; without streaming where it differs."""

WHOLE_PATHS = PATHS | {
    "gemini": "/v1/models/m:generateContent",
    "vertex": "/v1/models/m:generateContent",
    "bedrock-converse": "/model/m/converse",
}
