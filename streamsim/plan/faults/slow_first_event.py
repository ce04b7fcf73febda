"""The headers come at once, and the first event very late."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.plan.draft import pause
from streamsim.plan.faults.fault import Fault, Phase
from streamsim.plan.faults.values import positive

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class SlowFirstEvent(Fault, frozen=True, kw_only=True, tag="slow_first_event"):
    """Send the head when it was recorded, the body's first byte so long after the head, the rest at its old distances.

    A body that begins later than that is left alone: nothing comes earlier than recorded.

    Attributes:
        for_: ``for=60s``: from the head to the first byte of the body, or to the end of an empty one.

    """

    for_: str = msgspec.field(default="60s", name="for")

    phase: ClassVar[Phase] = Phase.TIMES
    sees: ClassVar[str] = "headers, then an idle timeout, its own or that of something in between"
    rows: ClassVar[tuple[str, ...]] = ("B2",)
    incidents: ClassVar[tuple[str, ...]] = ("BerriAI/litellm#34374", "looplj/axonhub#2146")

    def __post_init__(self) -> None:
        """Refuse what is no duration."""
        super().__post_init__()
        positive(self, "for", self.for_)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with its body later."""
        del scene
        if draft.head is None:
            return draft
        first_ns = draft.cells[0].at_ns if draft.cells else draft.end[0].at_ns
        late_ns = draft.head.at_ns + positive(self, "for", self.for_) - first_ns
        return pause(draft, [0], late_ns) if late_ns > 0 else draft
