"""The stream ends without its last event."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects import Landed
    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now


class MissingDone(Telling, frozen=True, kw_only=True, tag="missing_done"):
    """Leave out the dialect's last event, if it says nothing new: ``[DONE]``, ``message_stop``, ``response.completed``.

    The reason to finish, where another event gives it, is there.
    """

    by_default = "last"
    about: ClassVar[str] = "that only ends the stream"
    sees: ClassVar[str] = "all that was said, and no end of the stream"
    rows: ClassVar[tuple[str, ...]] = ("F10",)
    incidents: ClassVar[tuple[str, ...]] = ("openai-cf-workers-ai#7", "filar#375")

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what is terminal and has no content."""
        del scene
        return item.terminal and not item.content

    def changes(self, chosen: Sequence[int], now: Now) -> dict[int, bytes]:
        """Return nothing for them."""
        del now
        return dict.fromkeys(chosen, b"")
