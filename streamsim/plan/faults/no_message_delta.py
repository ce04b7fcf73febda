"""The event with the reason to stop and the usage is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.shapes import name_of
from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects import Landed
    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now


class NoMessageDelta(Telling, frozen=True, kw_only=True, tag="no_message_delta"):
    """Leave out ``message_delta``: after the last ``content_block_stop`` comes ``message_stop``, or nothing.

    Attributes:
        stop: ``false``: ``message_stop`` is left out too.

    """

    stop: bool = True

    by_default = "all"
    about: ClassVar[str] = "message_delta"
    sees: ClassVar[str] = "an answer without a reason to stop and without its usage"
    rows: ClassVar[tuple[str, ...]] = ("H4",)
    incidents: ClassVar[tuple[str, ...]] = ("maximhq/bifrost#6081",)

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what has that name."""
        del scene
        return name_of(item.event) == "message_delta"

    def changes(self, chosen: Sequence[int], now: Now) -> dict[int, bytes]:
        """Return nothing for it, nor for the end if that is to go too."""
        landed = now.scene.anatomy.landed
        after = range(chosen[-1] + 1, len(landed)) if chosen and not self.stop else ()
        ends = [index for index in after if name_of(landed[index].event) == "message_stop"]
        return dict.fromkeys((*chosen, *ends), b"")
