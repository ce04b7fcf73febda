"""A proxy that ends every piece it gets with a blank line, also half an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.draft import current
from streamsim.plan.faults.altering import Altering
from streamsim.plan.faults.boundaries import recut, where
from streamsim.plan.faults.lines import data_middle, end_of_line

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class ProxyTerminatesPartial(Altering, frozen=True, kw_only=True, tag="proxy_terminates_partial"):
    """End an event halfway through its data with a blank line, and send the rest as the next chunk.

    By default the event halfway.
    """

    kinds = ("sse",)
    sees: ClassVar[str] = "an event with half a JSON text, then a line that is no field"
    rows: ClassVar[tuple[str, ...]] = ("D14",)
    incidents: ClassVar[tuple[str, ...]] = ("BerriAI/litellm#30224", "BerriAI/litellm#30270")

    def altered(self, frame: bytes) -> bytes:
        """Return the frame in two."""
        middle = data_middle(frame)
        return frame if middle is None else frame[:middle] + end_of_line(frame) * 2 + frame[middle:]

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the frames in two, and a boundary after each first half."""
        spans = self.spans(scene)
        rests = {span: len(frame) - (data_middle(frame) or 0) for span in spans if (frame := current(draft, span))}
        broken = super().apply(draft, scene)
        return recut(broken, [stop - rests[span] for span, (_, stop) in where(broken, [*rests]).items()])
