"""The numbers of blocks skip some."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.json_spans import replaced
from streamsim.plan.faults.numbers import within
from streamsim.plan.faults.shapes import block_number, name_of
from streamsim.plan.faults.telling import OnAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now


class BlockIndexGap(OnAnswer, frozen=True, kw_only=True, tag="block_index_gap"):
    """Raise the number of every block from the second one on: after 0 comes 2. The only one there is is raised too.

    Attributes:
        by: By how much.

    """

    by: int = 1

    about: ClassVar[str] = "event with the number of a block"
    sees: ClassVar[str] = "a block whose number is not the next one"
    rows: ClassVar[tuple[str, ...]] = ("H1",)
    incidents: ClassVar[tuple[str, ...]] = ("omlx#1353", "anthropics/anthropic-sdk-python#1192")

    def __post_init__(self) -> None:
        """Refuse to raise by nothing."""
        super().__post_init__()
        within(self, "by", self.by, 1, 1_000_000)

    def struck(self, scene: Scene) -> Sequence[int]:
        """Return the events about blocks from the second one on."""
        told = [
            (index, int(item.event.data[value.start : value.stop]))
            for index, item in enumerate(scene.anatomy.landed)
            if name_of(item.event) != "message" and (value := block_number(item.event.data)) is not None
        ]
        least = min((number for _, number in told), default=0)
        return [index for index, number in told if number > least] or [index for index, _ in told]

    def changes(self, now: Now) -> dict[int, bytes]:
        """Return them with higher numbers."""
        told: dict[int, bytes] = {}
        for index in self.struck(now.scene):
            data = now.data(index)
            value = block_number(data)
            if value is not None:
                number = int(data[value.start : value.stop]) + self.by
                told[index] = now.retold(index, replaced(data, [value], str(number)))
        return told
