"""The head promises the whole body, and only a part of it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.closing import Truncation
from streamsim.plan.faults.framing import sized
from streamsim.wire import Fin

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Action


class ShortContentLength(Truncation, frozen=True, kw_only=True, tag="short_content_length"):
    """Send ``content-length`` of the whole body instead of the recorded framing, the body up to the place, then FIN.

    By default halfway through the events, and at once (``after=0``). At the end of the body nothing would be missing:
    that is refused.
    """

    sees: ClassVar[str] = "end of file before the promised number of bytes"
    rows: ClassVar[tuple[str, ...]] = ("A3",)
    incidents: ClassVar[tuple[str, ...]] = ("UKGovernmentBEIS/inspect_ai#4321",)

    def actions(self) -> tuple[Action, ...]:
        """Close."""
        return (Fin(),)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` up to the place, with a head that promises all of it."""
        return super().apply(draft.with_head(lambda head: sized(head, draft.size)), scene)
