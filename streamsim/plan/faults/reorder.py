"""Events arrive in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.errors import PlanError
from streamsim.plan.draft import current, replace_spans
from streamsim.plan.faults.altering import Choosing

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class Reorder(Choosing, frozen=True, kw_only=True, tag="reorder"):
    """Swap an event with the one after it, each at the other's time; by default the one halfway.

    An event is moved once at most, and none is that was dropped; what stands between the two, such as a comment, stays.
    """

    sees: ClassVar[str] = "events in the wrong order"
    rows: ClassVar[tuple[str, ...]] = ("reorder",)

    def check(self, scene: Scene) -> None:
        """Look whether there is an event after that of the place."""
        super().check(scene)
        if self.placed and self.event(scene) + 1 == len(scene.anatomy.events):
            problem = f"event {self.event(scene)} is the last: there is none to swap it with"
            raise PlanError(self.name(), problem, "give an earlier one")

    def _picked(self, scene: Scene) -> list[int]:
        """Return the events to strike where no place was given; the one halfway is not the last of several."""
        found = super()._picked(scene)
        last = len(scene.anatomy.events) - 1
        return found if self.probability or last < 1 else [min(found[0], last - 1)]

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with pairs of events swapped."""
        spans = scene.anatomy.events
        changes: dict[tuple[int, int], bytes] = {}
        for index in self.events(scene):
            pair = spans[index : index + 2]
            frames = [current(draft, span) for span in pair]
            if len(pair) == 2 and all(frames) and pair[0] not in changes:
                changes[pair[0]], changes[pair[1]] = frames[1], frames[0]
        return replace_spans(draft, changes)
