"""Chunks cut into small ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.errors import PlanError, UsageError
from streamsim.plan.faults.boundaries import parts
from streamsim.plan.faults.fault import Fault, Phase
from streamsim.plan.faults.numbers import within
from streamsim.plan.faults.values import MOST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.plan.draft import Cell, Draft
    from streamsim.plan.faults.fault import Scene
    from streamsim.rng import Rng


class Slicer(Fault, frozen=True, kw_only=True, tag="slicer"):
    """Cut every chunk into small ones, all due when the chunk was.

    Attributes:
        size: Bytes in each; the last of a chunk may have fewer.
        variation: How many bytes more or fewer, drawn for each.

    """

    size: int = 1
    variation: int = 0

    phase: ClassVar[Phase] = Phase.BOUNDARIES
    sees: ClassVar[str] = "the same bytes in other reads"
    rows: ClassVar[tuple[str, ...]] = ("C2", "slicer")
    incidents: ClassVar[tuple[str, ...]] = ("graniet/llm#90", "vllm-project/aibrix#2653")

    def __post_init__(self) -> None:
        """Refuse chunks of no bytes."""
        super().__post_init__()
        within(self, "size", self.size, 1, 1 << 30)
        if not 0 <= self.variation < self.size:
            problem = f"{self.variation} is not from 0 to below size={self.size}"
            raise UsageError(f"{self.name()}: variation", problem, "leave at least a byte")

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` in slices.

        Raises:
            PlanError: They would be far too many.

        """
        smallest = self.size - self.variation
        if draft.size // smallest > MOST:
            problem = f"{draft.size} bytes could make more than {MOST} chunks"
            raise PlanError(self.name(), problem, "write a larger size")
        return draft.with_cells(part for cell in draft.cells for part in parts(cell, self._cuts(cell, scene.rng)))

    def _cuts(self, cell: Cell, rng: Rng) -> Iterator[int]:
        """Yield where to cut ``cell``. Draws are numbered by its place, so that no change in another moves them."""
        stop = len(cell.data)
        nth = (cell.pieces[0].start << 32) + 1  # chance has taken the first
        place = 0
        while (place := place + self.size + self._more(rng, nth)) < stop:
            yield place
            nth += 1

    def _more(self, rng: Rng, nth: int) -> int:
        return rng.between(nth, -self.variation, self.variation) if self.variation else 0
