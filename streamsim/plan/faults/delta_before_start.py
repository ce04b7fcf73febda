"""A block grows that was never opened, or not yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from streamsim.plan.faults.shapes import OPENERS, name_of
from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects import Landed
    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now


class DeltaBeforeStart(Telling, frozen=True, kw_only=True, tag="delta_before_start"):
    """Take away the event that opens a block, by default that of the first one.

    That is ``content_block_start``, ``response.output_item.added``, ``content-start`` or ``TEXT_MESSAGE_START``.

    Attributes:
        start: ``missing``: it never comes; ``late``: it changes places with the next event that has content.

    """

    start: Literal["missing", "late"] = "missing"

    by_default = "first"
    about: ClassVar[str] = "that opens a block"
    sees: ClassVar[str] = "an increment of a block that it does not know"
    rows: ClassVar[tuple[str, ...]] = ("H2",)
    incidents: ClassVar[tuple[str, ...]] = ("maximhq/bifrost#5169",)

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what opens a block."""
        del scene
        return name_of(item.event) in OPENERS

    def changes(self, chosen: Sequence[int], now: Now) -> dict[int, bytes]:
        """Return nothing for the openings, or the next event with content."""
        if self.start == "missing":
            return dict.fromkeys(chosen, b"")
        told: dict[int, bytes] = {}
        for index in chosen:
            later = next((other for other in now.scene.anatomy.content if other > index), None)
            if later is None or index in told or not (now.frame(index) and now.frame(later)):
                continue
            told[index], told[later] = now.frame(later), now.frame(index)
        return told
