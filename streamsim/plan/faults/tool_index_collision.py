"""Parallel tool calls all come under one index."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.calls import with_blocks
from streamsim.plan.faults.json_spans import replaced
from streamsim.plan.faults.shapes import block_number, call_numbers
from streamsim.plan.faults.telling import OnAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects.json_values import Value
    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now


class ToolIndexCollision(OnAnswer, frozen=True, kw_only=True, tag="tool_index_collision"):
    """Give every tool call the index of the first one, and so the blocks that the calls are, their ends too."""

    about: ClassVar[str] = "two tool calls with an index each"
    sees: ClassVar[str] = "several tool calls as one, their names and arguments run together"
    rows: ClassVar[tuple[str, ...]] = ("G2",)
    incidents: ClassVar[tuple[str, ...]] = (
        "BerriAI/litellm#21331",
        "unsloth#9807",
        "camel#3662",
        "dynamo#4723",
    )

    def struck(self, scene: Scene) -> Sequence[int]:
        """Return the events of all calls but the first."""
        numbered = [
            (index, scene.anatomy.landed[index].event.data[value.start : value.stop])
            for index in sorted({index for call in with_blocks(scene) for index in call.events})
            for value in _numbers(scene.anatomy.landed[index].event.data)
        ]
        return sorted({index for index, number in numbered if number != numbered[0][1]})

    def changes(self, now: Now) -> dict[int, bytes]:
        """Return them with the index of the first."""
        scene = now.scene
        first = with_blocks(scene)[0].events[0]
        data = scene.anatomy.landed[first].event.data
        number = _numbers(data)[0]
        told = data[number.start : number.stop]
        return {
            index: now.retold(index, replaced(now.data(index), _numbers(now.data(index)), told))
            for index in self.struck(scene)
        }


def _numbers(data: str) -> list[Value]:
    block = block_number(data)
    return call_numbers(data) or ([block] if block is not None else [])
