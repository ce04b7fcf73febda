"""Where chunks keep what faults change: told by their shape, not by the name of their dialect.

Many servers speak a dialect nearly, and a new dialect that is shaped like a known one needs no change here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamsim.dialects.json_values import Value, found, unquoted, values
from streamsim.plan.faults.json_spans import ANY, matching

if TYPE_CHECKING:
    from streamsim.dialects import Landed
    from streamsim.dialects.json_values import Path
    from streamsim.dialects.told import Piece
    from streamsim.plan.faults.fault import Scene
    from streamsim.sse import Event

OPENERS: Final = frozenset(
    (
        "content_block_start", "response.output_item.added", "response.content_part.added", "content-start",
        "tool-call-start", "TEXT_MESSAGE_START", "REASONING_MESSAGE_START", "TOOL_CALL_START", "text-start",
        "reasoning-start", "tool-input-start", "contentBlockStart", "step.start",
    )
)  # fmt: skip
FIRSTS: Final = frozenset(
    (
        "message_start", "response.created", "message-start", "RUN_STARTED", "start", "messageStart",
        "interaction.created",
    )
)  # fmt: skip
LISTS: Final = ("choices", "candidates")

_DELTAS: Final[tuple[Path, ...]] = (
    ("choices", ANY, "delta"),
    ("candidates", ANY, "content"),
    ("choices", ANY, "text"),
    ("delta",),
)
_LINES: Final[tuple[Path, ...]] = (("message",), ("response",))
_REASONS: Final = frozenset(
    ("finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason", "native_finish_reason")
)
_REASON: Final = re.compile(f'"(?:{"|".join(sorted(_REASONS))})"')
_CALL: Final[Path] = ("choices", ANY, "delta", "tool_calls", ANY, "index")
_BLOCKS: Final = ("index", "output_index", "contentBlockIndex")
_TYPE: Final = re.compile(r'[{,]\s*"(?:type|event_type)"')


def name_of(event: Event) -> str:
    """Return what kind of event this is, by its name or else by the ``type`` in its data."""
    if event.type != "message" or _TYPE.search(event.data) is None:
        return event.type
    value = found(event.data, ("type",)) or found(event.data, ("event_type",))
    return unquoted(event.data[value.start : value.stop]) if value is not None else event.type


def lists(data: str) -> list[Value]:
    """Return the list of choices, or candidates."""
    return [
        value for key in LISTS if f'"{key}"' in data for value in matching(data, (key,)) if data[value.start] == "["
    ]


def deltas(data: str) -> list[Value]:
    """Return what of a chunk holds its increments, one for each choice."""
    paths = (*_DELTAS, *(_LINES if '"done"' in data else ()))
    for path in paths:
        if told := matching(data, path):
            return told
    return []


def reasons(data: str) -> list[Value]:
    """Return the reasons to finish that are given."""
    if _REASON.search(data) is None:
        return []
    return [value for value in values(data) if value.path and value.path[-1] in _REASONS and data[value.start] == '"']


def call_numbers(data: str) -> list[Value]:
    """Return the index of each tool call in a chunk's choices."""
    return matching(data, _CALL) if '"tool_calls"' in data else []


def block_number(data: str) -> Value | None:
    """Return the number of the block that an event is about."""
    return next((value for value in values(data) if _is_block_number(value, data)), None)


def _is_block_number(value: Value, data: str) -> bool:
    return len(value.path) == 1 and value.path[0] in _BLOCKS and data[value.start : value.stop].isdigit()


def growth(item: Landed, scene: Scene) -> Piece | None:
    """Return the only increment by which an answer grows with this event; None where it has none, or several."""
    if scene.dialect == "generic":  # what its events mean nobody knows
        return None
    growing = [piece for piece in item.told.pieces if piece.text and piece.kind not in ("media", "citation")]
    return growing[0] if len(growing) == 1 and not growing[0].whole else None


def strings(data: str, text: str) -> list[Value]:
    """Return the strings of ``data`` that are ``text``."""
    return [
        value for value in values(data) if data[value.start] == '"' and unquoted(data[value.start : value.stop]) == text
    ]
