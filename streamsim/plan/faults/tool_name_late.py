"""A tool call's name comes after its arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from streamsim.plan.faults.calls import calls
from streamsim.plan.faults.json_spans import ANY, added, matching, without
from streamsim.plan.faults.telling import OnAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.json_values import Value
    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now

_FUNCTION = ("choices", ANY, "delta", "tool_calls", ANY, "function")


class _Late(NamedTuple):
    """The event with a name, the one that gets it, and the name as JSON spells it."""

    source: int
    target: int
    spelt: str


class ToolNameLate(OnAnswer, frozen=True, kw_only=True, tag="tool_name_late"):
    """Move the name of each tool call from its first increment to its last one.

    Of calls in a choice's ``tool_calls``, each in events of its own; where blocks are opened with the name,
    ``delta_before_start`` does the like.
    """

    about: ClassVar[str] = "tool call in several events whose first one has its name"
    sees: ClassVar[str] = "arguments of a tool that it does not know yet"
    rows: ClassVar[tuple[str, ...]] = ("G6",)
    incidents: ClassVar[tuple[str, ...]] = ("vercel/ai#5885",)

    def struck(self, scene: Scene) -> Sequence[int]:
        """Return the first and the last events of the calls."""
        return sorted({index for late in _late(scene) for index in (late.source, late.target)})

    def changes(self, now: Now) -> dict[int, bytes]:
        """Return the first events without the names, and the last ones with them."""
        told: dict[int, bytes] = {}
        for source, target, spelt in _late(now.scene):
            if not (now.frame(source) and now.frame(target)):
                continue
            data = now.data(source)
            for value in _functions(data):
                data = without(data, (*value.path, "name"))
            told[source] = now.retold(source, data)
            data = now.data(target)
            for value in _functions(data):
                data = added(data, value.path, "name", spelt)
            told[target] = now.retold(target, data)
        return told


def _late(scene: Scene) -> Iterator[_Late]:
    for call in calls(scene):
        first, last = (scene.anatomy.landed[index].event.data for index in (call.events[0], call.events[-1]))
        alone = len(_functions(first)) == len(_functions(last)) == 1
        name = matching(first, (*_FUNCTION, "name"))
        if alone and name and call.events[0] != call.events[-1]:
            yield _Late(call.events[0], call.events[-1], first[name[0].start : name[0].stop])


def _functions(data: str) -> list[Value]:
    return matching(data, _FUNCTION) if '"tool_calls"' in data else []
