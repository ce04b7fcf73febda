"""LangGraph's server: ``/runs/stream``, one event name for each stream mode.

``metadata`` first; then ``values``, ``updates``, ``debug`` and others that hold states; ``messages/partial`` tells a
message anew with all it has so far, ``messages`` (in newer servers) a chunk of one and what it is about. Names may
have a subgraph behind a bar. ``error`` tells an error. Older servers end with ``end``; today the connection's end is
all, so that nothing tells a stream that ends early from a whole one.

Source: docs.langchain.com/langgraph-platform/streaming, the official SDK, and one recorded stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.failing import failure
from streamsim.dialects.known._langgraph_writing import LangGraphWriter
from streamsim.dialects.loosely import UNREADABLE
from streamsim.dialects.protocol import Dialect, Problem
from streamsim.dialects.told import NOTHING, Piece, Told, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.protocol import Writer
    from streamsim.sse import Event

_AI = frozenset(("ai", "AIMessage", "AIMessageChunk"))
_WHOLE = ("messages/partial", "messages/complete")


class _Part(msgspec.Struct):
    type: str = ""
    text: str | None = None
    thinking: str | None = None


class _Call(msgspec.Struct):
    name: str | None = None
    args: msgspec.Raw = msgspec.Raw(b"null")
    id: str | None = None
    index: int | None = None


class _Usage(msgspec.Struct):
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None


class _About(msgspec.Struct):
    stop_reason: str | None = None
    finish_reason: str | None = None
    model_name: str | None = None


class _Message(msgspec.Struct):
    type: str = ""
    id: str | None = None
    content: str | list[_Part | str] | None = None
    tool_calls: list[_Call] | None = None
    tool_call_chunks: list[_Call] | None = None
    usage_metadata: _Usage | None = None
    response_metadata: _About | None = None


class _Metadata(msgspec.Struct):
    run_id: str


_messages_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_message_decoder = msgspec.json.Decoder(_Message)
_metadata_decoder = msgspec.json.Decoder(_Metadata)


def _run(event: Event) -> str:
    """Return the run's id, where the event tells it."""
    try:
        return _metadata_decoder.decode(event.data).run_id if event.type == "metadata" else ""
    except UNREADABLE:
        return ""


def _mode(event: Event) -> str:
    return event.type.partition("|")[0]


class LangGraph(Dialect):
    """``POST /threads/{thread}/runs/stream``."""

    name: ClassVar[str] = "langgraph"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = LangGraphWriter()
    whole_at: ClassVar[tuple[tuple[str, str], ...]] = (("/runs/wait", "/runs/stream"),)

    def owns(self, event: Event) -> bool:
        """Tell by the run's id in ``metadata``, or by the names that only it has."""
        return _mode(event).startswith("messages/") or bool(_run(event))

    def tell(self, event: Event) -> Told:
        """Return what the model's messages say; an error; of states nothing."""
        mode = _mode(event)
        if mode == "error":
            return Told(failure=failure(event.data.encode()), terminal=True)
        if mode in ("end", "metadata"):
            return Told(id=_run(event), terminal=mode == "end")
        if mode not in (*_WHOLE, "messages"):
            return NOTHING
        messages = [one for one in _messages(event, mode) if one.type in _AI]
        about = [one.response_metadata or _About() for one in messages]
        counted = [one.usage_metadata for one in messages if one.usage_metadata is not None]
        reasons = (one.stop_reason or one.finish_reason for one in about)
        return Told(
            pieces=tuple(piece for one in messages for piece in _pieces(one, whole=mode in _WHOLE)),
            usage=_usage(counted[-1]) if counted else None,
            stops=tuple((0, reason) for reason in reasons if reason),
            model=next((one.model_name for one in about if one.model_name), ""),
        )

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return whether the metadata is missing."""
        if any(_mode(event) == "metadata" for event in events[:1]):
            return []
        return [Problem(0 if events else None, "no_message_start", "the first event is no metadata")]

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether anything came after the metadata: only the connection's end tells more."""
        return len(events) > 1


def _messages(event: Event, mode: str) -> Iterator[_Message]:
    try:
        found = _messages_decoder.decode(event.data)
        for raw in found[:1] if mode == "messages" else found:
            yield _message_decoder.decode(raw)
    except UNREADABLE:
        return


def _pieces(message: _Message, *, whole: bool) -> Iterator[Piece]:
    identity = message.id or ""
    content = message.content
    parts = [_Part("text", content)] if isinstance(content, str) else list(content or ())
    thought = "".join(part.thinking or "" for part in parts if isinstance(part, _Part))
    text = "".join(part if isinstance(part, str) else part.text or "" for part in parts)
    named = identity if whole else ""
    if thought:
        yield Piece("reasoning", thought, id=named, whole=whole)
    if text:
        yield Piece("text", text, id=named, whole=whole)
    for nth, call in enumerate((message.tool_calls if whole else message.tool_call_chunks) or ()):
        which = f"{identity}/{nth if call.index is None else call.index}"
        yield Piece("tool", _arguments(call), 0, which, call.name or "", call.id or "", whole)


def _arguments(call: _Call) -> str:
    """Return arguments as text: an object in whole calls, a piece of JSON in chunks."""
    try:
        return msgspec.json.decode(call.args, type=str | None) or ""
    except UNREADABLE:
        return bytes(call.args).decode()


def _usage(told: _Usage) -> Usage:
    return Usage(told.input_tokens, told.output_tokens, told.total_tokens)


DIALECTS = (LangGraph(),)
