"""AG-UI, agents to user interfaces: events with a ``type`` in capitals, from ``RUN_STARTED`` to ``RUN_FINISHED``.

Messages, reasoning and tool calls each have start, content and end; a ``…_CHUNK`` stands for all three. ``RUN_ERROR``
ends a run badly. There are no event lines.

Source: docs.ag-ui.com/concepts/events, and the models of the official SDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.known._ag_ui_writing import AgUiWriter
from streamsim.dialects.loosely import UNREADABLE, decoded
from streamsim.dialects.pairs import Pairs, Sign
from streamsim.dialects.protocol import Dialect
from streamsim.dialects.regrown import regrown
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects.protocol import Problem, Writer
    from streamsim.sse import Event

_TEXT = frozenset(("TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_CHUNK"))
_REASONING = frozenset(("REASONING_MESSAGE_CONTENT", "REASONING_MESSAGE_CHUNK", "THINKING_TEXT_MESSAGE_CONTENT"))
_TOOL = frozenset(("TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_CHUNK"))
_OTHERS = frozenset(
    (
        "RUN_STARTED", "RUN_FINISHED", "RUN_ERROR", "STEP_STARTED", "STEP_FINISHED", "TEXT_MESSAGE_START",
        "TEXT_MESSAGE_END", "TOOL_CALL_END", "TOOL_CALL_RESULT", "STATE_SNAPSHOT", "STATE_DELTA", "MESSAGES_SNAPSHOT",
        "ACTIVITY_SNAPSHOT", "ACTIVITY_DELTA", "RAW", "CUSTOM", "REASONING_START", "REASONING_MESSAGE_START",
        "REASONING_MESSAGE_END", "REASONING_END", "REASONING_ENCRYPTED_VALUE", "SUBAGENT_STARTED", "SUBAGENT_FINISHED",
        "SUBAGENT_ERROR", "THINKING_START", "THINKING_END", "THINKING_TEXT_MESSAGE_START", "THINKING_TEXT_MESSAGE_END",
    )
)  # fmt: skip
_OWN = _TEXT | _REASONING | _TOOL | _OTHERS
_PAIRS = Pairs(
    first="RUN_STARTED",
    last=frozenset(("RUN_FINISHED",)),
    opens={
        "TEXT_MESSAGE_START": "TEXT_MESSAGE_END",
        "TOOL_CALL_START": "TOOL_CALL_END",
        "REASONING_MESSAGE_START": "REASONING_MESSAGE_END",
        "STEP_STARTED": "STEP_FINISHED",
    },
    within={
        "TEXT_MESSAGE_CONTENT": "TEXT_MESSAGE_START",
        "TOOL_CALL_ARGS": "TOOL_CALL_START",
        "REASONING_MESSAGE_CONTENT": "REASONING_MESSAGE_START",
    },
    known=_OWN,
    failed=frozenset(("RUN_ERROR",)),
)


class _Outcome(msgspec.Struct):
    type: str = ""


class _Usage(msgspec.Struct, rename="camel"):
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_input_tokens: int | None = None


class _Said(msgspec.Struct, rename="camel"):
    type: str
    delta: msgspec.Raw = msgspec.Raw(b"null")
    run_id: str | None = None
    message_id: str | None = None
    tool_call_id: str | None = None
    tool_call_name: str | None = None
    step_name: str | None = None
    message: str | None = None
    code: str | None = None
    outcome: _Outcome | None = None
    usage: list[_Usage] | None = None

    @property
    def text(self) -> str:
        """The delta, where it is text: that of a state is a list."""
        try:
            return msgspec.json.decode(self.delta, type=str)
        except UNREADABLE:
            return ""


_decoder = msgspec.json.Decoder(_Said)


class AgUi(Dialect):
    """``POST`` to an agent."""

    name: ClassVar[str] = "ag-ui"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = AgUiWriter()

    def owns(self, event: Event) -> bool:
        """Tell by the type in the data."""
        said = decoded(_decoder, event.data)
        return said is not None and said.type in _OWN

    def asks_whole(self, target: str, body: bytes) -> bool:  # noqa: ARG002 - the protocol's signature
        """Tell no: it is always a stream."""
        return False

    def tell(self, event: Event) -> Told:
        """Return text, thoughts and tool calls; how the run ended."""
        said = decoded(_decoder, event.data)
        if said is None:
            return NOTHING
        if said.type == "RUN_ERROR":
            return Told(failure=Failure(said.message or "", code=said.code or ""), terminal=True)
        if said.type == "RUN_FINISHED":
            reason = said.outcome.type if said.outcome is not None else "success"
            counted = said.usage[0] if said.usage else _Usage()
            usage = _usage(counted) if said.usage else None
            return Told((), usage, ((0, reason),), counted.model or "", said.run_id or "", terminal=True)
        return Told(pieces=_pieces(said), id=said.run_id or "")

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return what is unpaired, out of place or missing."""
        return _PAIRS.problems([_sign(event) for event in events])

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether the run finished, or told its error."""
        return _PAIRS.complete([_sign(event) for event in events])

    def with_text(self, event: Event, text: str) -> str | None:
        """Put ``text`` for the delta of text, thoughts or arguments."""
        return regrown(self.tell(event), event.data, (("delta",),), text)


def _sign(event: Event) -> Sign:
    said = decoded(_decoder, event.data)
    if said is None:
        return Sign("")
    return Sign(said.type, said.tool_call_id or said.message_id or said.step_name or "")


def _pieces(said: _Said) -> tuple[Piece, ...]:
    if said.type in _TOOL:
        call = said.tool_call_id or ""
        name = said.tool_call_name or ""
        return (Piece("tool", said.text, 0, call, name, call if name else ""),)
    if not said.text:
        return ()
    if said.type in _TEXT:
        return (Piece("text", said.text),)
    return (Piece("reasoning", said.text),) if said.type in _REASONING else ()


def _usage(told: _Usage) -> Usage:
    cached = told.cached_input_tokens
    return Usage(told.input_tokens, told.output_tokens, told.total_tokens, told.reasoning_tokens, cached)


DIALECTS = (AgUi(),)
