"""Gemini's Interactions API: an interaction, created and completed, with steps that have start, deltas and stop.

Each event is named twice, in its line and as ``event_type``. A step is a thought, the model's output, a function call
or one of the provider's own tools; arguments of functions grow as text. Thoughts are mostly signatures; a summary is
told as reasoning. Thought tokens are counted beside the output's: `Usage` has the sum.

Source: ai.google.dev/api/interactions, the models of the official SDK, and recorded streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.failing import failure
from streamsim.dialects.generic import DONE
from streamsim.dialects.known._interactions_writing import InteractionsWriter
from streamsim.dialects.loosely import UNREADABLE, decoded, inside
from streamsim.dialects.pairs import Pairs, Sign
from streamsim.dialects.protocol import Dialect
from streamsim.dialects.regrown import regrown
from streamsim.dialects.told import NOTHING, Piece, Told, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.json_values import Path
    from streamsim.dialects.protocol import Problem, Writer
    from streamsim.sse import Event

_NULL = msgspec.Raw(b"null")
_MEDIA = frozenset(("image", "audio", "video", "document"))
_PAIRS = Pairs(
    first="interaction.created",
    last=frozenset(("interaction.completed",)),
    opens={"step.start": "step.stop"},
    within={"step.delta": "step.start"},
    known=frozenset(("interaction.status_update",)),
    failed=frozenset(("error",)),
    done=True,
)


class _Content(msgspec.Struct):
    text: str | None = None


class _Delta(msgspec.Struct):
    type: str = ""
    text: str | None = None
    arguments: msgspec.Raw = _NULL
    content: _Content | None = None
    annotations: list[msgspec.Raw] | None = None


class _Step(msgspec.Struct):
    type: str = ""
    id: str | None = None
    name: str | None = None


class _Usage(msgspec.Struct):
    total_tokens: int | None = None
    total_input_tokens: int | None = None
    total_output_tokens: int | None = None
    total_thought_tokens: int | None = None
    total_cached_tokens: int | None = None
    total_tool_use_tokens: int | None = None


class _Interaction(msgspec.Struct):
    id: str = ""
    model: str | None = None
    status: str | None = None
    usage: _Usage | None = None


class _Said(msgspec.Struct):
    event_type: str
    index: int | None = None
    interaction: _Interaction | None = None
    step: _Step | None = None
    delta: _Delta | None = None
    error: msgspec.Raw = _NULL


_decoder = msgspec.json.Decoder(_Said)


class GeminiInteractions(Dialect):
    """``POST /v1beta/interactions`` with ``stream: true``."""

    name: ClassVar[str] = "gemini-interactions"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = InteractionsWriter()

    def owns(self, event: Event) -> bool:
        """Tell by ``event_type``."""
        said = decoded(_decoder, event.data) if '"event_type"' in event.data else None
        return said is not None and said.event_type.startswith(("interaction.", "step."))

    def tell(self, event: Event) -> Told:
        """Return what a step grows by; at the end status and counts; an error."""
        if event.data == DONE:
            return Told(terminal=True)
        said = decoded(_decoder, event.data)
        if said is None:
            return NOTHING
        if said.event_type == "error":
            return Told(failure=failure(said.error), terminal=True)
        whole = said.interaction or _Interaction()
        over = said.event_type == "interaction.completed"
        return Told(
            pieces=tuple(_pieces(said, event)),
            usage=_usage(whole.usage),
            stops=((0, whole.status),) if over and whole.status else (),
            model=whole.model or "",
            id=whole.id,
        )

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return what is unpaired, out of place or missing."""
        return _PAIRS.problems([_sign(event) for event in events])

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether it completed and ``[DONE]`` came, or an error was told."""
        return _PAIRS.complete([_sign(event) for event in events])

    def with_text(self, event: Event, text: str) -> str | None:
        """Put ``text`` for a delta of text, arguments or a thought's summary."""
        paths: tuple[Path, ...] = (("delta", "text"), ("delta", "arguments"), ("delta", "content", "text"))
        return regrown(self.tell(event), event.data, paths, text)


def _sign(event: Event) -> Sign:
    if event.data == DONE:
        return Sign(DONE)
    said = decoded(_decoder, event.data)
    if said is None:
        return Sign("")
    return Sign(said.event_type, "" if said.index is None else str(said.index))


def _pieces(said: _Said, event: Event) -> Iterator[Piece]:
    which = "" if said.index is None else str(said.index)
    if said.step is not None and said.step.type == "function_call":
        yield Piece("tool", "", 0, which, said.step.name or "", said.step.id or "")
    delta = said.delta
    if delta is None:
        return
    if delta.type == "text" and delta.text:
        yield Piece("text", delta.text)
    elif delta.type == "thought_summary" and delta.content is not None and delta.content.text:
        yield Piece("reasoning", delta.content.text)
    elif delta.type == "arguments_delta":
        yield Piece("tool", _text(delta.arguments), 0, which)
    elif delta.type in _MEDIA:
        yield Piece("media", event.data)
    for annotation in delta.annotations or ():
        yield Piece("citation", bytes(annotation).decode())


def _text(raw: msgspec.Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=str)
    except UNREADABLE:
        return inside(raw)


def _usage(told: _Usage | None) -> Usage | None:
    if told is None:
        return None
    return Usage(
        input=_sum(told.total_input_tokens, told.total_tool_use_tokens),
        output=_sum(told.total_output_tokens, told.total_thought_tokens),
        total=told.total_tokens,
        reasoning=told.total_thought_tokens,
        cached=told.total_cached_tokens,
    )


def _sum(count: int | None, more: int | None) -> int | None:
    return None if count is None and more is None else (count or 0) + (more or 0)


DIALECTS = (GeminiInteractions(),)
