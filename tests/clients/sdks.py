"""What the official OpenAI and Anthropic SDKs make of a stream, in the words of `streamsim.dialects.answer`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import anthropic
import httpx2
import openai

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from anthropic.types import Message
    from openai.types import Completion
    from openai.types.chat import ChatCompletion, ChatCompletionChunk
    from openai.types.responses import Response

    from streamsim.dialects.answer import Answer

KEY = "sk-example-0123456789"
ASKED: list[Any] = [{"role": "user", "content": "Hi"}]


class Heard(NamedTuple):
    """What an answer says: of each choice its texts, tool calls and why it stops; and tokens in and out."""

    text: dict[int, str]
    reasoning: dict[int, str]
    refusal: dict[int, str]
    calls: dict[int, list[tuple[str, str, Any]]]
    stops: dict[int, str]
    usage: tuple[int | None, int | None]


def parsed(heard: Heard) -> Heard:
    """Return the same with tools' arguments as values, as Anthropic's SDK gives them."""
    calls = {
        number: [(identity, name, json.loads(text or "{}")) for identity, name, text in each]
        for number, each in heard.calls.items()
    }
    return heard._replace(calls=calls)


def told(answer: Answer) -> Heard:
    """Return what streamsim reads, without choices that say nothing."""
    each = answer.choices.items()
    return Heard(
        {number: choice.text for number, choice in each if choice.text},
        {number: choice.reasoning for number, choice in each if choice.reasoning},
        {number: choice.refusal for number, choice in each if choice.refusal},
        {number: [(call.id, call.name, call.text) for call in choice.calls] for number, choice in each if choice.calls},
        {number: choice.stop for number, choice in each if choice.stop},
        (answer.usage.input, answer.usage.output),
    )


class Clients:
    """OpenAI's and Anthropic's clients, which ask once, and what they hear."""

    openai: openai.OpenAI
    anthropic: anthropic.Anthropic

    def __init__(self, base: str, http: httpx2.Client) -> None:
        self.openai = openai.OpenAI(base_url=f"{base}/v1", api_key=KEY, max_retries=0, http_client=http)
        self.anthropic = anthropic.Anthropic(base_url=base, api_key=KEY, max_retries=0, http_client=http)

    def heard(self, dialect: str) -> Heard:
        """Return what the SDK hears in a stream of ``dialect``."""
        if dialect == "anthropic":
            with self.anthropic.messages.stream(model="m", messages=ASKED, max_tokens=9) as stream:
                return message(stream.get_final_message())
        if dialect == "openai-responses":
            last = [
                event.response
                for event in self.openai.responses.create(model="m", input="Hi", stream=True)
                if event.type in ("response.completed", "response.incomplete", "response.failed")
            ]
            return response(last[-1])
        if dialect == "openai-completions":
            return completion(self.openai.completions.create(model="m", prompt="Hi", stream=True))
        return chat(self.openai.chat.completions.create(model="m", messages=ASKED, stream=True))

    def whole(self, dialect: str) -> Heard:
        """Return what the SDK hears in an answer of ``dialect`` that is no stream."""
        if dialect == "anthropic":
            return message(self.anthropic.messages.create(model="m", messages=ASKED, max_tokens=9))
        if dialect == "openai-responses":
            return response(self.openai.responses.create(model="m", input="Hi"))
        if dialect == "openai-completions":
            return completion([self.openai.completions.create(model="m", prompt="Hi")])
        return whole_chat(self.openai.chat.completions.create(model="m", messages=ASKED))


class Answering(Clients):
    """Clients of which every request gets the same answer, without sockets."""

    def __init__(
        self,
        body: bytes,
        headers: Sequence[tuple[str, str]] = (("content-type", "text/event-stream"),),
        status: int = 200,
    ) -> None:
        def answer(_: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(status, headers=list(headers), content=body)

        super().__init__("http://test", httpx2.Client(transport=httpx2.MockTransport(answer)))


def chat(chunks: Iterable[ChatCompletionChunk]) -> Heard:
    """Add up the chunks of a chat."""
    heard = Heard({}, {}, {}, {}, {}, (None, None))
    calls: dict[int, dict[int | str, list[str]]] = {}
    for chunk in chunks:
        for choice in chunk.choices or ():
            delta: Any = choice.delta
            thought = getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None)
            _add(heard.text, choice.index, delta.content)
            _add(heard.reasoning, choice.index, thought)
            _add(heard.refusal, choice.index, delta.refusal)
            _collect(calls.setdefault(choice.index, {}), delta.tool_calls or ())
            if choice.finish_reason:
                heard.stops[choice.index] = choice.finish_reason
        usage: Any = chunk.usage or (getattr(chunk, "x_groq", None) or {}).get("usage")
        if usage is not None:
            get = usage.get if isinstance(usage, dict) else lambda name, of=usage: getattr(of, name)
            heard = heard._replace(usage=(get("prompt_tokens"), get("completion_tokens")))
    each = {number: [(one[0], one[1], one[2]) for one in found.values()] for number, found in calls.items() if found}
    return heard._replace(calls=each)


def whole_chat(answer: ChatCompletion) -> Heard:
    """Return what a chat that was not streamed says."""
    heard = Heard({}, {}, {}, {}, {}, (None, None))
    for choice in answer.choices:
        message: Any = choice.message
        _add(heard.text, choice.index, message.content)
        thought = getattr(message, "reasoning_content", None) or getattr(message, "reasoning", None)
        _add(heard.reasoning, choice.index, thought)
        _add(heard.refusal, choice.index, message.refusal)
        heard.stops[choice.index] = choice.finish_reason
        if message.tool_calls:
            found = [(call.id, call.function.name, call.function.arguments) for call in message.tool_calls]
            heard.calls[choice.index] = found
    usage = answer.usage
    return heard._replace(usage=(usage.prompt_tokens, usage.completion_tokens) if usage else (None, None))


def completion(chunks: Iterable[Completion]) -> Heard:
    """Add up the chunks of a completion; a whole one is a single chunk."""
    heard = Heard({}, {}, {}, {}, {}, (None, None))
    for chunk in chunks:
        for choice in chunk.choices:
            index = choice.index or 0  # some servers leave it out
            _add(heard.text, index, choice.text)
            if choice.finish_reason:
                heard.stops[index] = choice.finish_reason
        if chunk.usage is not None:
            heard = heard._replace(usage=(chunk.usage.prompt_tokens, chunk.usage.completion_tokens))
    return heard


def response(answer: Response) -> Heard:
    """Return what a response says that is over."""
    heard = Heard({}, {}, {}, {}, {}, (None, None))
    calls: list[tuple[str, str, str]] = []
    for each in answer.output:
        item: Any = each
        if item.type == "message":
            for part in item.content:
                refused = part.type == "refusal"
                _add(heard.refusal if refused else heard.text, 0, part.refusal if refused else part.text)
        elif item.type == "reasoning":
            for part in item.summary or item.content or ():
                _add(heard.reasoning, 0, part.text)
        elif item.type in _CALLS:
            calls.append(_CALLS[item.type](item))
    reason = answer.incomplete_details.reason if answer.incomplete_details else None
    heard.stops[0] = reason or answer.status or ""
    usage = (answer.usage.input_tokens, answer.usage.output_tokens) if answer.usage else (None, None)
    return heard._replace(calls={0: calls} if calls else {}, usage=usage)


_CALLS: dict[str, Callable[[Any], tuple[str, str, str]]] = {
    "function_call": lambda item: (item.call_id, item.name, item.arguments),
    "custom_tool_call": lambda item: (item.call_id, item.name, item.input),
    "mcp_call": lambda item: (item.id, item.name, item.arguments),
    "code_interpreter_call": lambda item: (item.id, "code_interpreter", item.code),
}


def message(answer: Message) -> Heard:
    """Return what a message says that is over."""
    heard = Heard({}, {}, {}, {}, {}, (answer.usage.input_tokens, answer.usage.output_tokens))
    calls: list[tuple[str, str, str]] = []
    for each in answer.content:
        block: Any = each
        if block.type == "text":
            _add(heard.text, 0, block.text)
        elif block.type == "thinking":
            _add(heard.reasoning, 0, block.thinking)
        elif block.type in ("tool_use", "server_tool_use", "mcp_tool_use"):
            calls.append((block.id, block.name, block.input))
    if answer.stop_reason:
        heard.stops[0] = answer.stop_reason
    return heard._replace(calls={0: calls} if calls else {})


def _add(to: dict[int, str], index: int, text: str | None) -> None:
    if text:
        to[index] = to.get(index, "") + text


def _collect(calls: dict[int | str, list[str]], found: Iterable[Any]) -> None:
    for call in found:
        one = calls.setdefault(call.id if call.index is None else call.index, ["", "", ""])
        one[0] = one[0] or call.id or ""
        if call.function is not None:
            one[1] = one[1] or call.function.name or ""
            one[2] += call.function.arguments or ""
