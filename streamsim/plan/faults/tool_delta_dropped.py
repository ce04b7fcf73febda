"""An increment of a tool call's arguments is lost, and what is left is valid JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.loosely import UNREADABLE
from streamsim.plan.faults.calls import calls
from streamsim.plan.faults.shapes import growth
from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects import Landed
    from streamsim.plan.faults.calls import Call
    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now


class ToolDeltaDropped(Telling, frozen=True, kw_only=True, tag="tool_delta_dropped"):
    """Leave out one increment of a tool call's arguments: one between others, without which they are still valid JSON.

    Where no increment is like that, it is any one between others. Where the whole arguments are told again at the end,
    they are whole there.
    """

    about: ClassVar[str] = "between others that add to a tool call's arguments"
    sees: ClassVar[str] = "a tool call that is shorter than what was meant, and nothing that is wrong with it"
    rows: ClassVar[tuple[str, ...]] = ("G5",)
    incidents: ClassVar[tuple[str, ...]] = ("ANOLISA#2209",)

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what adds to a call and does nothing else."""
        piece = growth(item, scene)
        return piece is not None and piece.kind == "tool" and not piece.name and not item.told.stops

    def candidates(self, scene: Scene) -> list[int]:
        """Return the increments between others; those without which the rest is valid, if there are any."""
        able = {index for call in calls(scene) for index in _inner(call)} & {*super().candidates(scene)}
        harmless = {index for call in calls(scene) for index in _inner(call) if _valid(_without(call, index))} & able
        return sorted(harmless or able)

    def changes(self, chosen: Sequence[int], now: Now) -> dict[int, bytes]:
        """Return nothing for them."""
        del now
        return dict.fromkeys(chosen, b"")


def _inner(call: Call) -> Iterator[int]:
    yield from (index for index, _ in call.grows[1:-1])


def _without(call: Call, index: int) -> str:
    return "".join(text for place, text in call.grows if place != index)


def _valid(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except UNREADABLE:
        return False
    return True
