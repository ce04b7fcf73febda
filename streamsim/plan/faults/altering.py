"""Faults that rewrite the bytes of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from streamsim.errors import PlanError
from streamsim.plan.faults.fault import OnEvents, Phase
from streamsim.plan.faults.lines import BOM
from streamsim.plan.faults.telling import Now, changed

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene

# More than any client reads, and little enough to fit in memory: a request may ask for any fault.
MOST_BYTES = 128 << 20


class Choosing(OnEvents, frozen=True, kw_only=True):
    """Base of the faults that strike events: that of the place, those that chance picks, or those of ``by_default``."""

    phase: ClassVar[Phase] = Phase.FRAMES
    by_default: ClassVar[Literal["all", "halfway", "first"]] = "halfway"

    def _picked(self, scene: Scene) -> list[int]:
        """Return the indices of the events to strike where no place was given."""
        found = super()._picked(scene)
        if self.probability or self.by_default == "all":
            return found
        first = len(found) // 2 if self.by_default == "halfway" else 0
        return found[first : first + 1]


class Altering(Choosing, frozen=True, kw_only=True):
    """Base of the faults that rewrite frames. A frame that stays as it is keeps its boundaries too."""

    def altered(self, frame: bytes) -> bytes:
        """Return what ``frame`` becomes: as earlier faults left it, and without its byte order mark."""
        raise NotImplementedError

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the frames rewritten.

        Raises:
            PlanError: They would be far too large.

        """
        now = Now(draft, scene)
        told: dict[int, bytes] = {}
        size = 0
        for index in self.events(scene):
            frame = now.follower(index)
            mark = frame[:3] if frame.startswith(BOM) else b""
            told[index] = mark + self.altered(frame[len(mark) :]) if frame else frame
            size += len(told[index])
            if size > MOST_BYTES:
                raise PlanError(
                    self.name(), f"its events would be larger than {MOST_BYTES} bytes", "strike fewer, or less"
                )
        return changed(draft, scene, told)
