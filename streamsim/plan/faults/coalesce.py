"""Chunks joined into larger ones."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.draft import join
from streamsim.plan.faults.fault import Fault, Phase
from streamsim.plan.faults.numbers import within

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class Coalesce(Fault, frozen=True, kw_only=True, tag="coalesce"):
    """Join chunks into one, which comes when the last of them would have.

    Attributes:
        count: How many at a time; the last group may have fewer.

    """

    count: int = 2

    phase: ClassVar[Phase] = Phase.BOUNDARIES
    sees: ClassVar[str] = "the same bytes in fewer reads, all but the last of each group late"
    rows: ClassVar[tuple[str, ...]] = ("coalesce",)
    incidents: ClassVar[tuple[str, ...]] = ("launchdarkly/rust-eventsource-client#6", "stanfordnlp/dspy#8211")

    def __post_init__(self) -> None:
        """Refuse groups of one."""
        super().__post_init__()
        within(self, "count", self.count, 2, 1 << 30)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` in larger chunks."""
        del scene
        cells = iter(draft.cells)
        groups = iter(lambda: list(islice(cells, self.count)), [])
        return draft.with_cells(cell for group in groups for cell in join(group, group[-1].at_ns))
