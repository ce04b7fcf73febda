"""A byte order mark before the first field."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.boundaries import prefixed, recut
from streamsim.plan.faults.fault import Fault, Phase, streaming
from streamsim.plan.faults.lines import BOM

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class Bom(Fault, frozen=True, kw_only=True, tag="bom"):
    """Begin the body with EF BB BF, in its first chunk. A body that begins so, or has no frames, is left alone.

    Attributes:
        split: ``true``: the first byte of the mark is a chunk of its own.

    """

    split: bool = False

    phase: ClassVar[Phase] = Phase.BYTES
    kinds = ("sse",)
    sees: ClassVar[str] = "the same events: the mark is no part of the stream"
    rows: ClassVar[tuple[str, ...]] = ("C5",)
    incidents: ClassVar[tuple[str, ...]] = ("openai/openai-python#3819", "a2aproject/a2a-python#1259")

    def check(self, scene: Scene) -> None:
        """Look whether there is a stream, and its first byte can be seen."""
        streaming(self, scene.anatomy)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the mark."""
        del scene
        begun = b"".join(cell.data for cell in draft.cells[:3])
        if not begun or begun.startswith(BOM):
            return draft
        marked = draft.with_cells((prefixed(draft.cells[0], BOM), *draft.cells[1:]))
        return recut(marked, [1]) if self.split else marked
