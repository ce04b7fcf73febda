"""The end of the stream is told more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.altering import MOST_BYTES
from streamsim.plan.faults.numbers import within
from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects import Landed
    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now


class DuplicateDone(Telling, frozen=True, kw_only=True, tag="duplicate_done"):
    """Send the dialect's last event several times in a row: ``[DONE]``, ``message_stop``, ``response.completed``.

    Attributes:
        times: How often, all told.

    """

    times: int = 2

    by_default = "last"
    about: ClassVar[str] = "that ends the stream"
    sees: ClassVar[str] = "an end after the end"
    rows: ClassVar[tuple[str, ...]] = ("F9",)
    incidents: ClassVar[tuple[str, ...]] = ("dots-hyprland#1329",)

    def __post_init__(self) -> None:
        """Refuse to repeat nothing."""
        super().__post_init__()
        within(self, "times", self.times, 2, 1000)

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what is terminal."""
        del scene
        return item.terminal

    def changes(self, chosen: Sequence[int], now: Now) -> dict[int, bytes]:
        """Return the frames repeated, at most until they are larger than allowed."""
        told = {index: now.follower(index) for index in chosen}
        return {index: frame * min(self.times, MOST_BYTES // len(frame) + 1) for index, frame in told.items() if frame}
