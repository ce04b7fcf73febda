"""Something in between keeps the whole response until it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.plan.draft import join
from streamsim.plan.faults.fault import Fault, Phase

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class BufferAll(Fault, frozen=True, kw_only=True, tag="buffer_all"):
    """Send head and body all at once, when the body ends; interim heads come as recorded.

    Attributes:
        keep: ``true``: the chunks as they are; ``false``: the whole body as one chunk.

    """

    keep: bool = False

    phase: ClassVar[Phase] = Phase.LINK
    sees: ClassVar[str] = "nothing, and then everything: the first byte comes with the last"
    rows: ClassVar[tuple[str, ...]] = ("B7",)
    incidents: ClassVar[tuple[str, ...]] = (
        "tower-rs/tower-http#419",
        "gin-gonic/gin#1589",
        "nestjs/nest#5762",
        "BerriAI/litellm#3129",
    )

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` in one burst."""
        del scene
        if draft.head is None:
            return draft
        at_ns = max(draft.last_ns, draft.end[0].at_ns)
        cells = [msgspec.structs.replace(cell, at_ns=at_ns) for cell in draft.cells]
        head = msgspec.structs.replace(draft.head, at_ns=at_ns)
        return msgspec.structs.replace(draft, head=head, cells=tuple(cells if self.keep else join(cells, at_ns)))
