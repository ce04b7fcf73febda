"""Several events come at once, in one chunk, when the last of them is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.errors import PlanError, UsageError
from streamsim.plan.draft import cut, join
from streamsim.plan.faults.fault import AtPlace, Phase

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class Burst(AtPlace, frozen=True, kw_only=True, tag="burst"):
    """Send the bytes from the place to the end of the last of ``count`` events as one chunk, when its last byte is due.

    By default from halfway through the events; what precedes and what follows is as it was.

    Attributes:
        count: How many events; by default all that follow, and the rest of the body.

    """

    count: int | None = None

    phase: ClassVar[Phase] = Phase.BOUNDARIES
    per_event: ClassVar[bool] = False
    sees: ClassVar[str] = "a pause, then many events in one read"
    rows: ClassVar[tuple[str, ...]] = ("B8",)
    incidents: ClassVar[tuple[str, ...]] = ("launchdarkly/rust-eventsource-client#6", "stanfordnlp/dspy#8211")

    def __post_init__(self) -> None:
        """Refuse a burst of nothing."""
        super().__post_init__()
        if self.count is not None and self.count < 1:
            raise UsageError(f"{self.name()}: count", f"{self.count} events make no burst", "write count=2 or more")

    def check(self, scene: Scene) -> None:
        """Look whether the events are there."""
        self._stop(scene)

    def _stop(self, scene: Scene) -> int:
        """Return where the last event ends.

        Raises:
            PlanError: There are not so many.

        """
        events = scene.anatomy.events
        last = scene.anatomy.first_event_after(self.offset(scene)) + (self.count or 1) - 1
        if last >= len(events):
            raise PlanError(self.name(), f"there is no event {last} of {len(events)}", "events count from 0")
        return scene.anatomy.size if self.count is None else events[last].stop

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the burst."""
        before, rest = cut(draft.cells, self.offset(scene))
        inside, after = cut(rest, self._stop(scene))
        burst = join(inside, inside[-1].at_ns) if inside else []
        return msgspec.structs.replace(draft, cells=(*before, *burst, *after))
