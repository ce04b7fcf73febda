"""For a while the only sign of life is comments; then a healthy stream goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.errors import PlanError
from streamsim.plan.draft import Cell, Piece, pause
from streamsim.plan.faults.fault import AtPlace, Phase, streaming
from streamsim.plan.faults.inserting import takes_body
from streamsim.plan.faults.values import MOST, comment, positive, ticks

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class CommentsOnly(AtPlace, frozen=True, kw_only=True, tag="comments_only"):
    """Pause at the place, and send comments meanwhile, each a chunk of its own; all that follows comes later.

    By default halfway through the events; a place inside a frame is the end of that frame. With a probability and no
    place: before each event that chance picks.

    Attributes:
        for_: ``for=1m``: how much later all that follows comes.
        every: How often, in that time, a comment comes, from the last byte before the place on.
        text: The comment, without its blank line.

    """

    for_: str = msgspec.field(default="1m", name="for")
    every: str = "15s"
    text: str = ": keepalive"

    phase: ClassVar[Phase] = Phase.FRAMES  # it adds frames, which whatever encodes the body encodes too
    kinds = ("sse",)
    sees: ClassVar[str] = "every event, and a watchdog that counts only events takes the stream for dead"
    rows: ClassVar[tuple[str, ...]] = ("B5",)
    incidents: ClassVar[tuple[str, ...]] = ("openclaw/openclaw#152535",)

    def __post_init__(self) -> None:
        """Refuse what is no duration, what would be sent never or far too often, and what is no comment."""
        super().__post_init__()
        ticks(self, self.every, self.for_)
        comment(self, "text", self.text)

    def offset(self, scene: Scene) -> int:
        """Return the first place between two frames from the one that was asked for."""
        streaming(self, scene.anatomy)
        return scene.anatomy.between(self.place(scene))

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with pauses full of comments; an answer that can have no body stays as it is."""
        if not takes_body(draft):
            return draft
        data = comment(self, "text", self.text)
        times = ticks(self, self.every, self.for_)
        offsets = self.offsets(scene)
        if len(offsets) * len(times) > MOST:
            raise PlanError(self.name(), f"that would be more than {MOST} comments", "write a longer every")

        def comments(offset: int, start_ns: int) -> list[Cell]:
            return [Cell(start_ns + ns, (Piece(data, offset, offset),)) for ns in times]

        return pause(draft, offsets, positive(self, "for", self.for_), comments)
