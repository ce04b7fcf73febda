"""Events arrive in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.errors import PlanError
from streamsim.plan.faults.altering import Choosing
from streamsim.plan.faults.telling import Now, changed

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
        now, count = Now(draft, scene), len(scene.anatomy.events)
        told: dict[int, bytes] = {}
        for index in self.events(scene):
            after = index + 1
            if index not in told and after < count and now.frame(index) and now.frame(after):
                told[index], told[after] = now.frame(after), now.frame(index)
        return changed(draft, scene, told)
