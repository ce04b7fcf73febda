"""OpenAI Chat Completions, and the many servers that speak it: ``object`` is ``chat.completion.chunk``.

The first delta carries only the role, the last only ``finish_reason``; a chunk with usage has no choices; ``[DONE]``
ends the stream, or an ``error`` object does. Some leave out ``object``, but no other dialect's choices have a
``delta``; some give content as a list of parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.generic import DONE

if TYPE_CHECKING:
    from streamsim.sse import Event


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class _Call(msgspec.Struct):
    function: _Function | None = None


class _Part(msgspec.Struct):
    text: str | None = None
    thinking: list[_Part] | None = None


class _Delta(msgspec.Struct):
    content: str | list[_Part] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None


class _Chunk(msgspec.Struct):
    object: str | None = None
    choices: list[_Choice] | None = None
    error: msgspec.Raw = msgspec.Raw(b"null")


_decoder: msgspec.json.Decoder[_Chunk] = msgspec.json.Decoder(_Chunk)


def _chunk(event: Event) -> _Chunk | None:
    if not event.data.startswith("{"):
        return None
    try:
        return _decoder.decode(event.data)
    except msgspec.MsgspecError:
        return None


def _said(delta: _Delta) -> str:
    content = delta.content if isinstance(delta.content, str) else _text(delta.content)
    calls = [call.function for call in delta.tool_calls or () if call.function is not None]
    tools = [part for function in calls for part in (function.name, function.arguments)]
    return "".join(filter(None, (delta.reasoning_content or delta.reasoning, content, delta.refusal, *tools)))


def _text(parts: list[_Part] | None) -> str:
    return "".join((part.text or "") + _text(part.thinking) for part in parts or ())


class OpenAIChat:
    """``POST /v1/chat/completions`` with ``stream: true``."""

    name = "openai-chat"

    def owns(self, event: Event) -> bool:
        """Tell by ``object``, or by a choice's ``delta``."""
        chunk = _chunk(event)
        if chunk is None:
            return False
        return chunk.object == "chat.completion.chunk" or any(choice.delta for choice in chunk.choices or ())

    def content(self, event: Event) -> str:
        """Return text, reasoning, refusal, and names and arguments of tool calls."""
        chunk = _chunk(event)
        if chunk is None:
            return ""
        return "".join(_said(choice.delta) for choice in chunk.choices or () if choice.delta is not None)

    def is_terminal(self, event: Event) -> bool:
        """Tell by ``[DONE]`` or an ``error`` object."""
        if event.data == DONE:
            return True
        chunk = _chunk(event) if '"error"' in event.data else None
        return chunk is not None and bytes(chunk.error) != b"null" and not chunk.choices
