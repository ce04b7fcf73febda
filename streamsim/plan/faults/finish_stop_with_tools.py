"""Tools are called, and the reason to finish is the one for a text that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.json_values import unquoted
from streamsim.plan.faults.json_spans import replaced
from streamsim.plan.faults.shapes import reasons
from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from streamsim.dialects import Landed
    from streamsim.dialects.json_values import Value
    from streamsim.plan.faults.fault import Scene

_STOPS = {"tool_calls": "stop", "function_call": "stop", "tool_use": "end_turn", "TOOL_CALL": "COMPLETE"}


class FinishStopWithTools(Telling, frozen=True, kw_only=True, tag="finish_stop_with_tools"):
    """Write ``stop`` for the reason ``tool_calls``, ``end_turn`` for ``tool_use``, ``COMPLETE`` for ``TOOL_CALL``."""

    by_default = "all"
    about: ClassVar[str] = "that finishes for a tool call"
    sees: ClassVar[str] = "tool calls, and a reason to finish that speaks of none"
    rows: ClassVar[tuple[str, ...]] = ("F8",)
    incidents: ClassVar[tuple[str, ...]] = ("ollama/ollama#7963", "gcli2api#407")

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what gives a reason that speaks of tools."""
        del scene
        return bool(_found(item.event.data))

    def retold(self, data: str, item: Landed, scene: Scene) -> str | None:
        """Return the chunk with the other reason."""
        del item, scene
        for value, word in reversed(_found(data)):
            data = replaced(data, [value], msgspec.json.encode(word).decode())
        return data


def _found(data: str) -> list[tuple[Value, str]]:
    told = [(value, unquoted(data[value.start : value.stop])) for value in reasons(data)]
    return [(value, _STOPS[word]) for value, word in told if word in _STOPS]
