"""The stream ends without its last blank line."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from streamsim.plan.draft import current, cut, replace_spans
from streamsim.plan.faults.fault import Fault, Phase, readable
from streamsim.plan.faults.lines import end_of_line

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class NoFinalBlank(Fault, frozen=True, kw_only=True, tag="no_final_blank"):
    """End the stream inside its last event; frames after that, which are no events, are left out.

    Attributes:
        ends_in: ``newline``: after its last line; ``nothing``: before the end of that line.

    """

    ends_in: Literal["newline", "nothing"] = "newline"

    phase: ClassVar[Phase] = Phase.FRAMES
    kinds = ("sse",)
    sees: ClassVar[str] = "the stream without its last event: the standard discards what is unfinished"
    rows: ClassVar[tuple[str, ...]] = ("D11",)
    incidents: ClassVar[tuple[str, ...]] = (
        "openai/openai-node#2725",
        "google-gemini/gemini-cli#29059",
        "openai/openai-go#697",
    )

    def check(self, scene: Scene) -> None:
        """Look whether its events can be seen."""
        readable(self, scene.anatomy)

    def offset(self, scene: Scene) -> int:
        """Return where the last event ends."""
        events = scene.anatomy.events
        return events[-1].stop if events else scene.anatomy.size

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with its last event unfinished; without that event it stays as it is."""
        span = scene.anatomy.events[-1] if scene.anatomy.events else None
        frame = current(draft, span) if span is not None else b""
        if span is None or not frame:
            return draft
        kept, _ = cut(draft.cells, span.stop)
        cells = [
            msgspec.structs.replace(cell, pieces=tuple([piece for piece in cell.pieces if piece.start < span.stop]))
            for cell in kept
        ]
        end = end_of_line(frame) if self.ends_in == "newline" else b""
        return replace_spans(draft.with_cells(cells), {span: frame.rstrip(b"\r\n") + end})
