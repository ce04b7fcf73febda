"""The UI message stream of Vercel's AI SDK, version 1: parts with a ``type``, then ``[DONE]``.

``start``, for each step ``start-step``, texts and thoughts with start, deltas and end, tool inputs that grow and are
then told whole (``tool-input-available``; where the model does not stream them, only so), ``finish-step``,
``finish``. ``error`` tells an error, ``abort`` ends it all.

Source: ai-sdk.dev/docs/ai-sdk-ui/stream-protocol, and the SDK's own server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.generic import DONE
from streamsim.dialects.known._ui_messages_writing import UiMessagesWriter
from streamsim.dialects.loosely import decoded, inside
from streamsim.dialects.pairs import Pairs, Sign
from streamsim.dialects.protocol import Dialect
from streamsim.dialects.regrown import regrown
from streamsim.dialects.told import NOTHING, Failure, Piece, Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects.protocol import Problem, Writer
    from streamsim.sse import Event

_NULL = msgspec.Raw(b"null")
_SURE = frozenset(
    (
        "start-step", "finish-step", "text-start", "text-delta", "text-end", "reasoning-start", "reasoning-delta",
        "reasoning-end", "tool-input-start", "tool-input-delta", "tool-input-available", "tool-input-error",
        "tool-output-available", "tool-output-error", "tool-output-denied", "tool-approval-request", "source-url",
        "source-document", "message-metadata",
    )
)  # fmt: skip
_UNSURE = frozenset(("start", "finish", "abort", "error", "file"))  # others have such types too
_PAIRS = Pairs(
    first="start",
    last=frozenset(("finish",)),
    opens={
        "text-start": "text-end",
        "reasoning-start": "reasoning-end",
        "start-step": "finish-step",
    },
    within={"text-delta": "text-start", "reasoning-delta": "reasoning-start"},
    known=_SURE | _UNSURE | {"data"},
    failed=frozenset(("error", "abort")),
    done=True,
)


class _Said(msgspec.Struct, rename="camel"):
    type: str
    id: str | None = None
    message_id: str | None = None
    delta: str | None = None
    tool_call_id: str | None = None
    tool_name: str | None = None
    input_text_delta: str | None = None
    input: msgspec.Raw = _NULL
    error_text: str | None = None
    finish_reason: str | None = None
    reason: str | None = None


_decoder = msgspec.json.Decoder(_Said)


class UiMessages(Dialect):
    """``POST /api/chat`` of an app made with the AI SDK; the header ``x-vercel-ai-ui-message-stream`` is ``v1``."""

    name: ClassVar[str] = "ui-messages"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = UiMessagesWriter()

    def owns(self, event: Event) -> bool:
        """Tell by the type, or by a start that is nothing more."""
        said = decoded(_decoder, event.data) if event.type == "message" else None
        if said is None:
            return False
        return said.type in _SURE or (said.type == "start" and (said.message_id is not None or len(event.data) < 20))

    def asks_whole(self, target: str, body: bytes) -> bool:  # noqa: ARG002 - the protocol's signature
        """Tell no: it is always a stream."""
        return False

    def tell(self, event: Event) -> Told:
        """Return text, thoughts, tool inputs, sources and files; how it finished, an error."""
        if event.data == DONE:
            return Told(terminal=True)
        said = decoded(_decoder, event.data)
        if said is None:
            return NOTHING
        if said.type == "error":
            return Told(failure=Failure(said.error_text or ""))
        over = said.type in ("finish", "abort")
        return Told(
            pieces=_pieces(said, event),
            stops=((0, said.finish_reason or said.type),) if over else (),
            id=said.message_id or "",
        )

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return what is unpaired, out of place or missing."""
        return _PAIRS.problems([_sign(event) for event in events])

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether it finished and ``[DONE]`` came, or an error was told."""
        return _PAIRS.complete([_sign(event) for event in events])

    def with_text(self, event: Event, text: str) -> str | None:
        """Put ``text`` for a delta of text, thoughts or input."""
        return regrown(self.tell(event), event.data, (("delta",), ("inputTextDelta",)), text)


def _sign(event: Event) -> Sign:
    if event.data == DONE:
        return Sign(DONE)
    said = decoded(_decoder, event.data)
    if said is None:
        return Sign("")
    return Sign("data" if said.type.startswith("data-") else said.type, said.id or "")


def _pieces(said: _Said, event: Event) -> tuple[Piece, ...]:
    call = said.tool_call_id or ""
    if said.type in ("text-delta", "reasoning-delta") and said.delta:
        return (Piece("text" if said.type == "text-delta" else "reasoning", said.delta),)
    if said.type in ("tool-input-start", "tool-input-delta"):
        name = said.tool_name or ""
        return (Piece("tool", said.input_text_delta or "", 0, call, name, call if name else ""),)
    if said.type == "tool-input-available":
        return (Piece("tool", inside(said.input), 0, call, said.tool_name or "", call, whole=True),)
    if said.type.startswith("source-"):
        return (Piece("citation", event.data),)
    return (Piece("media", event.data),) if said.type == "file" else ()


DIALECTS = (UiMessages(),)
