"""Cohere's Chat v2: a message whose contents and tool calls have start, deltas and end, then ``[DONE]``.

The tool plan, what the model means to do with its tools, is told as reasoning. A citation comes whole, amid the text it
is about. ``[DONE]`` has no event line. The tokens counted are ``usage.tokens``, not those billed.

Source: docs.cohere.com/v2/docs/streaming, and recorded streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

import msgspec

from streamsim.dialects.generic import DONE
from streamsim.dialects.known._cohere_writing import CohereWriter
from streamsim.dialects.loosely import decoded, inside
from streamsim.dialects.pairs import Pairs, Sign
from streamsim.dialects.protocol import Dialect
from streamsim.dialects.regrown import regrown
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.json_values import Path
    from streamsim.dialects.protocol import Problem, Writer
    from streamsim.sse import Event

_T = TypeVar("_T")
_OWN = frozenset(
    (
        "message-start", "message-end", "content-start", "content-delta", "content-end", "tool-plan-delta",
        "tool-call-start", "tool-call-delta", "tool-call-end", "citation-start", "citation-end",
    )
)  # fmt: skip
_PAIRS = Pairs(
    first="message-start",
    last=frozenset(("message-end",)),
    opens={"content-start": "content-end", "tool-call-start": "tool-call-end", "citation-start": "citation-end"},
    within={"content-delta": "content-start", "tool-call-delta": "tool-call-start"},
    known=_OWN | {"debug"},
    done=True,
)


class _Content(msgspec.Struct):
    text: str | None = None
    thinking: str | None = None


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class _Call(msgspec.Struct):
    id: str | None = None
    function: _Function | None = None


class _Message(msgspec.Struct):
    content: _Content | list[_Content] | None = None
    tool_plan: str | None = None
    tool_calls: _Call | list[_Call] | None = None
    citations: msgspec.Raw = msgspec.Raw(b"null")


class _Tokens(msgspec.Struct):
    input_tokens: float | None = None
    output_tokens: float | None = None
    reasoning_tokens: float | None = None


class _Usage(msgspec.Struct):
    tokens: _Tokens | None = None
    cached_tokens: float | None = None


class _Delta(msgspec.Struct):
    message: _Message | None = None
    finish_reason: str | None = None
    usage: _Usage | None = None
    error: str | None = None


class _Said(msgspec.Struct):
    type: str = ""
    id: str = ""
    index: int | None = None
    delta: _Delta | None = None
    message: str | None = None


_decoder = msgspec.json.Decoder(_Said)
_END = Told(terminal=True)


class Cohere(Dialect):
    """``POST /v2/chat`` with ``stream: true``."""

    name: ClassVar[str] = "cohere"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = CohereWriter()

    def owns(self, event: Event) -> bool:
        """Tell by the event's name."""
        return event.type in _OWN

    def tell(self, event: Event) -> Told:
        """Return text, thoughts, plan, tool calls and citations; at the end reason and usage."""
        if event.data == DONE:
            return _END
        said = decoded(_decoder, event.data)
        if said is None:
            return NOTHING
        if said.delta is None:
            # An error before the stream looks like this, whatever comes of it.
            return NOTHING if said.type or said.message is None else Told(failure=Failure(said.message), terminal=True)
        return _ended(said, said.delta) if said.type == "message-end" else Told(pieces=tuple(_pieces(said)), id=said.id)

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return what is unpaired, out of place or missing."""
        return _PAIRS.problems([_sign(event) for event in events])

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether ``message-end`` and ``[DONE]`` came."""
        return _PAIRS.complete([_sign(event) for event in events])

    def with_text(self, event: Event, text: str) -> str | None:
        """Put ``text`` for what the event adds to content, plan or arguments."""
        return regrown(self.tell(event), event.data, _PATHS, text)


_MESSAGE: Path = ("delta", "message")
_PATHS: tuple[Path, ...] = (
    (*_MESSAGE, "content", "text"),
    (*_MESSAGE, "content", "thinking"),
    (*_MESSAGE, "tool_plan"),
    (*_MESSAGE, "tool_calls", "function", "arguments"),
)


def _sign(event: Event) -> Sign:
    if event.data == DONE:
        return Sign(DONE)
    said = decoded(_decoder, event.data)
    index = said.index if said is not None else None
    return Sign(event.type, "" if index is None else str(index))


def _pieces(said: _Said) -> Iterator[Piece]:
    message = said.delta.message if said.delta is not None else None
    if message is None or not said.type.endswith(("-delta", "-start")):
        return
    for content in _each(message.content):
        if content.thinking:
            yield Piece("reasoning", content.thinking)
        if content.text:
            yield Piece("text", content.text)
    if message.tool_plan:
        yield Piece("reasoning", message.tool_plan)
    for call in _each(message.tool_calls):
        function = call.function or _Function()
        which = "" if said.index is None else str(said.index)
        yield Piece("tool", function.arguments or "", 0, which, function.name or "", call.id or "")
    if said.type == "citation-start" and (citation := inside(message.citations)):
        yield Piece("citation", citation)


def _each(value: _T | list[_T] | None) -> list[_T]:
    if isinstance(value, list):
        return cast("list[_T]", value)
    return [] if value is None else [value]


def _ended(said: _Said, delta: _Delta) -> Told:
    failure = None
    if delta.error or delta.finish_reason == "ERROR":
        failure = Failure(delta.error or "", delta.finish_reason or "")
    stops = ((0, delta.finish_reason),) if delta.finish_reason else ()
    return Told(usage=_usage(delta.usage), stops=stops, id=said.id, failure=failure)


def _usage(told: _Usage | None) -> Usage | None:
    if told is None or told.tokens is None:
        return None
    counted = told.tokens
    total = None
    if counted.input_tokens is not None and counted.output_tokens is not None:
        total = int(counted.input_tokens + counted.output_tokens)
    return Usage(
        _int(counted.input_tokens),
        _int(counted.output_tokens),
        total,
        _int(counted.reasoning_tokens),
        _int(told.cached_tokens),
    )


def _int(count: float | None) -> int | None:
    return None if count is None else int(count)


DIALECTS = (Cohere(),)
