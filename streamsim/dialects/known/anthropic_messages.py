"""Anthropic Messages: ``message_start``, blocks of deltas, ``message_stop``; pings anywhere.

As recorded (149 streams): usage is in ``message_start`` and, cumulative, in ``message_delta``; there is no ``[DONE]``;
the name of a tool comes with the start of its block, its arguments as pieces of JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import msgspec

from streamsim.dialects import spell
from streamsim.dialects.failing import failure
from streamsim.dialects.known import _messages_grammar
from streamsim.dialects.known._messages_writing import MessagesWriter
from streamsim.dialects.loosely import decoded
from streamsim.dialects.protocol import Dialect
from streamsim.dialects.told import NOTHING, Kind, Piece, Told, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streamsim.dialects.protocol import Problem, Writer
    from streamsim.sse import Event

_OWN = frozenset(("message_start", "content_block_start", "content_block_delta", "message_delta", "message_stop"))
_TOOLS = frozenset(("tool_use", "server_tool_use", "mcp_tool_use"))
_NULL: Final = msgspec.Raw(b"null")
_GROWING: dict[str, Kind] = {"thinking": "reasoning", "text": "text", "partial_json": "tool"}


class _Block(msgspec.Struct):
    type: str = ""
    id: str | None = None
    name: str | None = None
    text: str | None = None
    thinking: str | None = None


class _Delta(msgspec.Struct):
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    citation: msgspec.Raw = _NULL
    stop_reason: str | None = None


class _Usage(msgspec.Struct):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class _Message(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None
    stop_reason: str | None = None


class _Chunk(msgspec.Struct):
    index: int | None = None
    message: _Message | None = None
    content_block: _Block | None = None
    delta: _Delta | None = None
    usage: _Usage | None = None


_decoder: msgspec.json.Decoder[_Chunk] = msgspec.json.Decoder(_Chunk)
_STOP = Told(terminal=True)


class AnthropicMessages(Dialect):
    """``POST /v1/messages`` with ``stream: true``."""

    name: ClassVar[str] = "anthropic"
    writer: ClassVar[Writer | None] = MessagesWriter()

    def owns(self, event: Event) -> bool:
        """Tell by the event type."""
        return event.type in _OWN

    def tell(self, event: Event) -> Told:
        """Return text, thinking, tool calls, citations; usage and the reason to stop; an error."""
        if event.type == "message_stop":
            return _STOP
        if event.type == "error":
            return Told(failure=failure(event.data.encode()), terminal=True)
        teller = _TELLERS.get(event.type)
        chunk = decoded(_decoder, event.data) if teller is not None else None
        return NOTHING if teller is None or chunk is None else teller(chunk)

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return where blocks are not started, not stopped, or not in order, and what is missing."""
        return _messages_grammar.problems(events)

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether every block that began has stopped and the message too, or an error came."""
        return _messages_grammar.complete(events)

    def with_text(self, event: Event, text: str) -> str | None:
        """Return the delta with ``text``."""
        chunk = decoded(_decoder, event.data) if event.type == "content_block_delta" else None
        if chunk is None or chunk.delta is None:
            return None
        growing = [field for field in _GROWING if getattr(chunk.delta, field)]
        return spell.replaced(event.data, [("delta", growing[0])], text) if len(growing) == 1 else None


def _counted(usage: _Usage | None) -> Usage | None:
    if usage is None:
        return None
    return Usage(usage.input_tokens, usage.output_tokens, cached=usage.cache_read_input_tokens)


def _start(chunk: _Chunk) -> Told:
    message = chunk.message or _Message()
    stops = ((0, message.stop_reason),) if message.stop_reason else ()
    return Told(usage=_counted(message.usage), stops=stops, model=message.model or "", id=message.id or "")


def _block_start(chunk: _Chunk) -> Told:
    block = chunk.content_block or _Block()
    if block.type in _TOOLS:
        return Told((Piece("tool", "", 0, str(chunk.index or 0), block.name or "", block.id or ""),))
    text = (Piece("text", block.text),) if block.text else ()
    return Told(((Piece("reasoning", block.thinking),) if block.thinking else ()) + text)


def _block_delta(chunk: _Chunk) -> Told:
    return NOTHING if chunk.delta is None else Told(tuple(_pieces(chunk.index or 0, chunk.delta)))


def _pieces(index: int, delta: _Delta) -> Iterator[Piece]:
    if delta.thinking:
        yield Piece("reasoning", delta.thinking)
    if delta.text:
        yield Piece("text", delta.text)
    if delta.partial_json:
        yield Piece("tool", delta.partial_json, 0, str(index))
    if bytes(delta.citation) != b"null":
        yield Piece("citation", bytes(delta.citation).decode())


def _message_delta(chunk: _Chunk) -> Told:
    reason = chunk.delta.stop_reason if chunk.delta is not None else None
    return Told(usage=_counted(chunk.usage), stops=((0, reason),) if reason else ())


_TELLERS: dict[str, Callable[[_Chunk], Told]] = {
    "message_start": _start,
    "content_block_start": _block_start,
    "content_block_delta": _block_delta,
    "message_delta": _message_delta,
}

DIALECTS = (AnthropicMessages(),)
