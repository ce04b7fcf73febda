"""The stream stalls for good, and keep-alives hide it from every timeout."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.plan.draft import Cell, Piece
from streamsim.plan.faults.closing import Closing
from streamsim.plan.faults.fault import Phase, streaming
from streamsim.plan.faults.framing import chunked
from streamsim.plan.faults.inserting import takes_body
from streamsim.plan.faults.values import positive, ticks
from streamsim.wire import Fin, Step

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Action, Head


class StallMaskedByKeepalive(Closing, frozen=True, kw_only=True, tag="stall_masked_by_keepalive"):
    """Send what precedes the place, then only keep-alives, each a chunk of its own, then FIN without the final chunk.

    By default halfway through the events; a place inside a frame is the end of that frame. A body that was not recorded
    with chunked framing is sent with it.

    Attributes:
        for_: ``for=5m``: from the last byte before the place, and ``after``, to the FIN.
        every: How often, in that time, a keep-alive comes.
        text: What it is, without its blank line; ``event: ping`` and a data line is one too.

    """

    for_: str = msgspec.field(default="5m", name="for")
    every: str = "15s"
    text: str = ": keepalive"

    phase: ClassVar[Phase] = Phase.FRAMES  # it adds frames, which whatever encodes the body encodes too
    kinds = ("sse",)
    sees: ClassVar[str] = "a connection that lives and a stream that does not: no read timeout strikes"
    rows: ClassVar[tuple[str, ...]] = ("B4",)

    def __post_init__(self) -> None:
        """Refuse what is no duration, and what would be sent never or far too often."""
        super().__post_init__()
        ticks(self, self.every, self.for_)

    def offset(self, scene: Scene) -> int:
        """Return the first place between two frames from the one that was asked for."""
        streaming(self, scene.anatomy)
        return scene.anatomy.between(self.place(scene))

    def framed(self, head: Head) -> Head:
        """Return ``head`` with chunked framing."""
        return chunked(head)

    def actions(self) -> tuple[Action, ...]:
        """Close."""
        return (Fin(),)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` up to the place, and keep-alives; an answer that can have no body stays as it is."""
        if not takes_body(draft):
            return draft
        offset = self.offset(scene)
        kept = self.closed(draft, offset)
        start_ns = kept.end[0].at_ns
        piece = Piece(self.text.encode(errors="surrogateescape") + b"\n\n", offset, offset)
        alive = [Cell(start_ns + ns, (piece,)) for ns in ticks(self, self.every, self.for_)]
        end = Step(start_ns + positive(self, "for", self.for_), Fin())
        return msgspec.structs.replace(kept, cells=(*kept.cells, *alive), end=(end,))
