"""OpenAI Responses: every event has a type, ``response.…``, in its data too, and there is no ``[DONE]``.

Some servers leave the ``event`` lines out, and the official SDKs do not need them. Items are named by ``output_index``;
what the deltas said is said again, whole, by the ``.done`` events and by the last one, which also has the usage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects import spell
from streamsim.dialects.failing import failure
from streamsim.dialects.known import _responses_grammar
from streamsim.dialects.known._responses_writing import ResponsesWriter
from streamsim.dialects.loosely import decoded
from streamsim.dialects.protocol import Dialect
from streamsim.dialects.told import NOTHING, Failure, Kind, Piece, Told, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects.protocol import Problem, Writer
    from streamsim.sse import Event

_NULL = msgspec.Raw(b"null")
_TOOLS = frozenset(("function_call", "custom_tool_call", "mcp_call", "code_interpreter_call"))
_KINDS: dict[str, Kind] = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "refusal",
    "response.reasoning_text.delta": "reasoning",
    "response.reasoning_summary_text.delta": "reasoning",
    "response.reasoning_summary.delta": "reasoning",
    "response.function_call_arguments.delta": "tool",
    "response.custom_tool_call_input.delta": "tool",
    "response.mcp_call_arguments.delta": "tool",
    "response.mcp_call.arguments.delta": "tool",
    "response.code_interpreter_call_code.delta": "tool",
    "response.code_interpreter_call.code.delta": "tool",
    "response.audio.delta": "media",
}


class _Item(msgspec.Struct):
    type: str = ""
    id: str | None = None
    call_id: str | None = None
    name: str | None = None


class _Details(msgspec.Struct):
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct):
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_tokens_details: _Details | None = None
    output_tokens_details: _Details | None = None


class _Incomplete(msgspec.Struct):
    reason: str | None = None


class _Response(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    status: str | None = None
    usage: _Usage | None = None
    error: msgspec.Raw = _NULL
    incomplete_details: _Incomplete | None = None


class _Delta(msgspec.Struct):
    type: str = ""
    delta: str | None = None
    output_index: int | None = None


class _Chunk(msgspec.Struct):
    type: str = ""
    output_index: int | None = None
    item: _Item | None = None
    response: _Response | None = None
    annotation: msgspec.Raw = _NULL
    partial_image_b64: str | None = None


_delta_decoder: msgspec.json.Decoder[_Delta] = msgspec.json.Decoder(_Delta)
_decoder: msgspec.json.Decoder[_Chunk] = msgspec.json.Decoder(_Chunk)
_LAST = frozenset(("response.completed", "response.incomplete", "response.failed"))


class OpenAIResponses(Dialect):
    """``POST /v1/responses`` with ``stream: true``."""

    name: ClassVar[str] = "openai-responses"
    writer: ClassVar[Writer | None] = ResponsesWriter()

    def owns(self, event: Event) -> bool:
        """Tell by the type."""
        return _responses_grammar.type_of(event).startswith("response.")

    def tell(self, event: Event) -> Told:
        """Return what a delta adds, what an item begins, what the last event counts."""
        kind = event.type if event.type != "message" else _responses_grammar.type_of(event)
        if kind.endswith(".delta"):
            return _delta(kind, event)
        if kind == "error":
            return Told(failure=failure(event.data.encode()), terminal=True)
        if kind in _LAST or kind == "response.created":
            return _response(kind, event)
        if kind in ("response.output_item.added", "response.output_text.annotation.added") or ".partial_image" in kind:
            return _added(event)
        return NOTHING

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return where numbers, items or types are out of order, and what is missing."""
        return _responses_grammar.problems(events)

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether a last event came."""
        return any(self.tell(event).terminal for event in reversed(events))

    def with_text(self, event: Event, text: str) -> str | None:
        """Return the delta with ``text``."""
        pieces = self.tell(event).pieces
        if len(pieces) != 1 or not pieces[0].text or pieces[0].kind in ("media", "citation"):
            return None
        return spell.replaced(event.data, [("delta",)], text)


def _delta(kind: str, event: Event) -> Told:
    told = decoded(_delta_decoder, event.data)
    if told is None or not told.delta:
        return NOTHING
    what = _KINDS.get(kind, "text")
    return Told((Piece(what, told.delta, 0, str(told.output_index or 0) if what == "tool" else ""),))


def _added(event: Event) -> Told:
    chunk = decoded(_decoder, event.data)
    if chunk is None:
        return NOTHING
    if bytes(chunk.annotation) != b"null":
        return Told((Piece("citation", bytes(chunk.annotation).decode()),))
    if chunk.partial_image_b64:
        return Told((Piece("media", chunk.partial_image_b64),))
    item = chunk.item
    if item is None or item.type not in _TOOLS:
        return NOTHING
    name = item.name or item.type.removesuffix("_call")
    return Told((Piece("tool", "", 0, str(chunk.output_index or 0), name, item.call_id or item.id or ""),))


def _response(kind: str, event: Event) -> Told:
    chunk = decoded(_decoder, event.data)
    response = (chunk.response if chunk is not None else None) or _Response()
    over = kind in _LAST
    incomplete = response.incomplete_details.reason if response.incomplete_details is not None else None
    reason = incomplete or response.status or kind.removeprefix("response.")
    return Told(
        usage=_counted(response.usage),
        stops=((0, reason),) if over else (),
        model=response.model or "",
        id=response.id or "",
        failure=_failed(kind, response),
        terminal=over,
    )


def _failed(kind: str, response: _Response) -> Failure | None:
    if bytes(response.error) != b"null":
        return failure(response.error)
    return Failure("") if kind == "response.failed" else None


def _counted(usage: _Usage | None) -> Usage | None:
    if usage is None:
        return None
    cached = usage.input_tokens_details.cached_tokens if usage.input_tokens_details else None
    reasoning = usage.output_tokens_details.reasoning_tokens if usage.output_tokens_details else None
    return Usage(usage.input_tokens, usage.output_tokens, usage.total_tokens, reasoning, cached)


DIALECTS = (OpenAIResponses(),)
