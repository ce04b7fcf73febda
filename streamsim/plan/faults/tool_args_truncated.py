"""A tool call ends before its arguments do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.plan.faults.calls import calls
from streamsim.plan.faults.json_spans import replaced
from streamsim.plan.faults.shapes import growth, strings
from streamsim.plan.faults.telling import OnAnswer, with_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.plan.faults.calls import Call
    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now


class ToolArgsTruncated(OnAnswer, frozen=True, kw_only=True, tag="tool_args_truncated"):
    """Keep the first half of the last tool call's arguments, so that they are no JSON; all else is there.

    Where the whole arguments are told again at the end, they are as short there. Arguments that a provider writes as an
    object, and not as text, cannot be cut.
    """

    about: ClassVar[str] = "tool call whose arguments are written as text"
    sees: ClassVar[str] = "a tool call with JSON that breaks off"
    rows: ClassVar[tuple[str, ...]] = ("G4",)
    incidents: ClassVar[tuple[str, ...]] = ("anthropics/claude-code#19143", "pi#9897")

    def struck(self, scene: Scene) -> Sequence[int]:
        """Return the events with what is cut."""
        call = _last(scene)
        if call is None:
            return ()
        left = _kept(call.arguments)
        struck: list[int] = []
        for index, text in call.grows:
            if len(text) > left:
                struck.append(index)
            left = max(0, left - len(text))
        after = range(struck[-1] + 1, len(scene.anatomy.landed))
        landed = scene.anatomy.landed
        return [*struck, *(index for index in after if strings(landed[index].event.data, call.arguments))]

    def changes(self, now: Now) -> dict[int, bytes]:
        """Return these events: with less, or gone."""
        call = _last(now.scene)
        grows = dict(call.grows) if call is not None else {}
        whole = call.arguments if call is not None else ""
        told: dict[int, bytes] = {}
        done = sum(len(text) for index, text in grows.items() if index < min(self.struck(now.scene)))
        for index in self.struck(now.scene):
            text = grows.get(index, whole)
            kept = text[: max(0, _kept(whole) - (done if index in grows else 0))]
            done += len(text) if index in grows else 0
            told[index] = _shorter(now, index, text, kept)
        return told


def _last(scene: Scene) -> Call | None:
    """Return the last call whose arguments are text that can be cut."""
    able = [call for call in calls(scene) if len(call.arguments) > 1 and _spelt(call, scene)]
    return able[-1] if able else None


def _spelt(call: Call, scene: Scene) -> bool:
    return all(strings(scene.anatomy.landed[index].event.data, text) for index, text in call.grows)


def _kept(arguments: str) -> int:
    return len(arguments) // 2


def _shorter(now: Now, index: int, text: str, kept: str) -> bytes:
    """Return an event with ``kept`` for ``text``; none where nothing is left of what it says."""
    item = now.scene.anatomy.landed[index]
    if not kept and growth(item, now.scene) is not None and not item.told.stops and not item.told.pieces[0].name:
        return b""
    data = now.data(index)
    told = with_text(now.scene, item, data, kept) if growth(item, now.scene) else None
    if told is None:
        told = replaced(data, strings(data, text), msgspec.json.encode(kept).decode())
    return now.retold(index, told)
