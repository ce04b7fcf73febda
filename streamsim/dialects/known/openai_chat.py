"""OpenAI Chat Completions, and the many servers that speak it: ``object`` is ``chat.completion.chunk``.

The first delta carries only the role, the last only ``finish_reason``; a chunk with usage has no choices; ``[DONE]``
ends the stream, or an ``error`` object does. Some leave out ``object``, but no other dialect's choices have a
``delta``; some give content as a list of parts. All this as seen in recorded streams; those that vary it in their own
way are variations, each in its file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects import spell
from streamsim.dialects.failing import failure
from streamsim.dialects.generic import DONE
from streamsim.dialects.known._chat_grammar import Choices, Grammar
from streamsim.dialects.known._chat_writing import ChatWriter
from streamsim.dialects.known._usage import NULL, is_null, usage_of
from streamsim.dialects.loosely import decoded
from streamsim.dialects.told import NOTHING, Piece, Told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.dialects.json_values import Path
    from streamsim.dialects.protocol import Writer
    from streamsim.sse import Event


class _Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | dict[str, object] | None = None


class _Call(msgspec.Struct, gc=False):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Part(msgspec.Struct, gc=False):
    text: str | None = None
    thinking: str | list[_Part] | None = None


class _Delta(msgspec.Struct, gc=False):
    content: str | list[_Part] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None
    function_call: _Function | None = None
    annotations: list[msgspec.Raw] | None = None
    images: list[msgspec.Raw] | None = None


class _Choice(msgspec.Struct, gc=False):
    index: int | None = None
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Groq(msgspec.Struct, gc=False):
    usage: msgspec.Raw = NULL


class Chunk(msgspec.Struct, gc=False):
    """One chunk. What only tells more is decoded apart, so that nonsense in it hides no text."""

    object: str | None = None
    id: str | None = None
    model: str | None = None
    choices: list[_Choice] | None = None
    usage: msgspec.Raw = NULL
    error: msgspec.Raw = NULL
    x_groq: _Groq | None = None


_decoder: msgspec.json.Decoder[Chunk] = msgspec.json.Decoder(Chunk)
_END = Told(terminal=True)


def chunk_of(event: Event) -> Chunk | None:
    """Return the chunk that an event holds, if it holds one."""
    return decoded(_decoder, event.data)


class OpenAIChat(Choices):
    """``POST /v1/chat/completions`` with ``stream: true``."""

    name: ClassVar[str] = "openai-chat"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = ChatWriter()
    grammar: ClassVar[Grammar] = Grammar()

    def owns(self, event: Event) -> bool:
        """Tell by ``object``, or by a choice's ``delta``."""
        chunk = chunk_of(event)
        if chunk is None:
            return False
        return chunk.object == "chat.completion.chunk" or any(choice.delta for choice in chunk.choices or ())

    def tell(self, event: Event) -> Told:
        """Return text, reasoning, refusals, tool calls; finish reasons; usage; an error."""
        if event.data == DONE:
            return _END
        chunk = decoded(_decoder, event.data)
        if chunk is None:
            return NOTHING
        pieces: tuple[Piece, ...] = ()
        stops: tuple[tuple[int, str], ...] = ()
        for choice in chunk.choices or ():
            if choice.delta is not None:
                pieces += tuple(_pieces(choice.delta, choice.index or 0))
            if choice.finish_reason:
                stops += ((choice.index or 0, choice.finish_reason),)
        usage = None if chunk.usage is NULL else usage_of(chunk.usage)
        if usage is None and chunk.x_groq is not None:
            usage = usage_of(chunk.x_groq.usage)
        told = None if chunk.error is NULL or is_null(chunk.error) else failure(chunk.error)
        terminal = told is not None and not chunk.choices
        return Told(pieces, usage, stops, chunk.model or "", chunk.id or "", told, terminal)

    def with_text(self, event: Event, text: str) -> str | None:
        """Return the chunk with ``text``; where reasoning is told twice, both times."""
        growing = [piece for piece in self.tell(event).pieces if piece.text and piece.kind not in ("citation", "media")]
        chunk = chunk_of(event)
        if len(growing) != 1 or chunk is None:
            return None
        return spell.replaced(event.data, tuple(_paths(chunk, event.data, growing[0].text)), text)


def _pieces(delta: _Delta, number: int) -> list[Piece]:
    pieces: list[Piece] = []
    thought, content = delta.reasoning_content or delta.reasoning, delta.content
    if thought:
        pieces.append(Piece("reasoning", thought, number))
    if isinstance(content, str):
        if content:
            pieces.append(Piece("text", content, number))
    elif content:
        pieces += _parts(content, number)
    if delta.refusal:
        pieces.append(Piece("refusal", delta.refusal, number))
    if delta.tool_calls:
        pieces += _calls(delta.tool_calls, number)
    if delta.function_call is not None or delta.annotations or delta.images:
        pieces += _rest(delta, number)
    return pieces


def _rest(delta: _Delta, number: int) -> Iterator[Piece]:
    """Yield what is rare: a call in the old way, references, pictures."""
    if delta.function_call is not None:
        function = delta.function_call
        yield Piece("tool", _arguments(function), number, "function_call", function.name or "")
    for raw in delta.annotations or ():
        yield Piece("citation", bytes(raw).decode(), number)
    for raw in delta.images or ():
        yield Piece("media", bytes(raw).decode(), number)


def _parts(parts: list[_Part], number: int) -> Iterator[Piece]:
    for part in parts:
        if part.thinking:
            thoughts = part.thinking
            thought = thoughts if isinstance(thoughts, str) else "".join(inner.text or "" for inner in thoughts)
            yield Piece("reasoning", thought, number)
        if part.text:
            yield Piece("text", part.text, number)


def _calls(calls: list[_Call], number: int) -> Iterator[Piece]:
    for call in calls:
        if call.function is not None:
            function = call.function
            which = (call.id or "") if call.index is None else str(call.index)
            yield Piece("tool", _arguments(function), number, which, function.name or "", call.id or "")


def _arguments(function: _Function) -> str:
    given = function.arguments
    return given if isinstance(given, str) else "" if given is None else spell.compact(given)


def _paths(chunk: Chunk, data: str, text: str) -> Iterator[Path]:
    """Yield where ``text`` stands: the only growing text of the chunk."""
    for nth, choice in enumerate(chunk.choices or ()):
        here: Path = ("choices", nth, "delta")
        delta = choice.delta or _Delta()
        for field in ("content", "reasoning_content", "reasoning", "refusal"):
            if getattr(delta, field) == text:
                yield (*here, field)
        yield from ((*here, *path) for path in _inner(delta, text))
        # OpenRouter tells a thought a second time.
        detail = (*here, "reasoning_details", 0, "text")
        if '"reasoning_details"' in data and spell.string_at(data, detail) == text:
            yield detail


def _inner(delta: _Delta, text: str) -> Iterator[Path]:
    for nth, part in enumerate(delta.content if isinstance(delta.content, list) else ()):
        yield from (("content", nth, *path) for path in _within(part, text))
    for nth, call in enumerate(delta.tool_calls or ()):
        if call.function is not None and call.function.arguments == text:
            yield "tool_calls", nth, "function", "arguments"
    if delta.function_call is not None and delta.function_call.arguments == text:
        yield "function_call", "arguments"


def _within(part: _Part, text: str) -> Iterator[Path]:
    if part.text == text:
        yield ("text",)
    if part.thinking == text:
        yield ("thinking",)
    for inner, thought in enumerate(part.thinking if isinstance(part.thinking, list) else ()):
        if thought.text == text:
            yield "thinking", inner, "text"


DIALECTS = (OpenAIChat(),)
