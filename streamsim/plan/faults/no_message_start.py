"""The event that opens the answer is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.shapes import FIRSTS, name_of
from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects import Landed
    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now


class NoMessageStart(Telling, frozen=True, kw_only=True, tag="no_message_start"):
    """Leave out the event that opens the answer: ``message_start``, ``response.created``, ``RUN_STARTED``."""

    by_default = "first"
    about: ClassVar[str] = "that opens the answer"
    sees: ClassVar[str] = "blocks of a message that never began"
    rows: ClassVar[tuple[str, ...]] = ("H3",)
    incidents: ClassVar[tuple[str, ...]] = ("proxypal#20",)

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what opens the answer."""
        del scene
        return name_of(item.event) in FIRSTS

    def changes(self, chosen: Sequence[int], now: Now) -> dict[int, bytes]:
        """Return nothing for it."""
        del now
        return dict.fromkeys(chosen, b"")
