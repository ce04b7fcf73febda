"""Tool calls come without an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.calls import with_blocks
from streamsim.plan.faults.json_spans import without
from streamsim.plan.faults.shapes import block_number, call_numbers
from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from streamsim.dialects import Landed
    from streamsim.plan.faults.fault import Scene


class ToolIndexMissing(Telling, frozen=True, kw_only=True, tag="tool_index_missing"):
    """Leave out the index of every tool call: in a choice's ``tool_calls``, or of the block that the call is."""

    by_default = "all"
    about: ClassVar[str] = "with the index of a tool call"
    sees: ClassVar[str] = "increments of a tool call without a word of which call"
    rows: ClassVar[tuple[str, ...]] = ("G1",)
    incidents: ClassVar[tuple[str, ...]] = (
        "openai/openai-python#2806",
        "AstrBot#6661",
        "mistral.rs#1507",
        "vercel/ai#5885",
    )

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what has the index of a call, or of a block."""
        del scene
        return bool(call_numbers(item.event.data)) or block_number(item.event.data) is not None

    def candidates(self, scene: Scene) -> list[int]:
        """Return what tells a call by an index, what opens and ends its block, and what adds nothing to it."""
        landed, told = scene.anatomy.landed, {index for call in with_blocks(scene) for index in call.events}
        return [index for index in super().candidates(scene) if index in told or call_numbers(landed[index].event.data)]

    def retold(self, data: str, item: Landed, scene: Scene) -> str | None:
        """Return the event without it."""
        del item, scene
        block = block_number(data)
        for value in call_numbers(data) or ([block] if block is not None else []):
            data = without(data, value.path)
        return data
