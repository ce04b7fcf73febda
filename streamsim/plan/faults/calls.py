"""The tool calls of an answer: which events tell each, and by what its arguments grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.plan.faults.shapes import block_number, strings

if TYPE_CHECKING:
    from streamsim.dialects import Landed
    from streamsim.plan.faults.fault import Scene


class Call(msgspec.Struct):
    """A tool call.

    Attributes:
        choice, key: Which it is: the choice and the provider's index or id.
        events: Which events tell it, or are about its block.
        grows: Which of them add to its arguments, and what.

    """

    choice: int
    key: str
    events: list[int] = []
    grows: list[tuple[int, str]] = []

    @property
    def arguments(self) -> str:
        """All of its arguments."""
        return "".join(text for _, text in self.grows)


def calls(scene: Scene) -> list[Call]:
    """Return the tool calls, in the order in which they begin."""
    found: dict[tuple[int, str], Call] = {}
    last = ""
    for index, item in enumerate(scene.anatomy.landed):
        for piece in item.told.pieces:
            if piece.kind != "tool":
                continue
            last = piece.call or (f"call {index}" if piece.name or not last else last)
            call = found.setdefault((piece.choice, last), Call(piece.choice, last))
            if index not in call.events:
                call.events.append(index)
            if piece.text:
                call.grows.append((index, piece.text))
    return list(found.values())


def with_blocks(scene: Scene) -> list[Call]:
    """Return the tool calls, each with the events that open and close it, where the dialect has such."""
    told = calls(scene)
    for call in told:
        first = scene.anatomy.landed[call.events[0]]
        number, names = _number(first), {call.key, *(piece.id for piece in first.told.pieces)} - {""}
        others = {index for other in told if other is not call for index in other.events}
        more = [
            index
            for index, item in enumerate(scene.anatomy.landed)
            if index > call.events[0] and index not in others and _about(item, number, names)
        ]
        call.events = sorted({*call.events, *more})
    return told


def _about(item: Landed, number: str, names: set[str]) -> bool:
    """Tell whether an event that adds nothing is about the block of this number, or names the call."""
    if item.told.pieces or item.told.stops or item.terminal:
        return False
    if number:
        return _number(item) == number
    return any(
        strings(item.event.data, name) for name in names if not name.isdigit() and f'"{name}"' in item.event.data
    )


def _number(item: Landed) -> str:
    value = block_number(item.event.data)
    return "" if value is None else item.event.data[value.start : value.stop]
