"""Bits flip on the way."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING, ClassVar

from streamsim.errors import PlanError
from streamsim.plan.draft import current, replace_spans
from streamsim.plan.faults.altering import Choosing
from streamsim.plan.faults.fault import Phase
from streamsim.plan.faults.numbers import within

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene
    from streamsim.rng import Rng

_FIRST = 1 << 32  # the draws before are taken by chance


class Corrupt(Choosing, frozen=True, kw_only=True, tag="corrupt"):
    """Flip bits in an event, by default the one halfway, or in the one byte at ``at_byte``; lengths stay.

    Attributes:
        bits: How many different bits; at most all there are.

    """

    bits: int = 1

    phase: ClassVar[Phase] = Phase.BYTES
    sees: ClassVar[str] = "wrong characters, broken JSON or broken framing, as chance will have it"
    rows: ClassVar[tuple[str, ...]] = ("corrupt",)
    incidents: ClassVar[tuple[str, ...]] = ("Shopify/toxiproxy#451",)

    def __post_init__(self) -> None:
        """Refuse to flip nothing."""
        super().__post_init__()
        within(self, "bits", self.bits, 1, 255)

    def check(self, scene: Scene) -> None:
        """Look whether the byte or the event is there."""
        if self.at_byte is None:
            super().check(scene)
        elif self.at_byte >= scene.anatomy.size:
            raise PlanError(
                self.name(), f"there is no byte {self.at_byte} of {scene.anatomy.size}", "bytes count from 0"
            )

    def reached(self, scene: Scene) -> bool:
        """Tell whether the answer goes on to the byte or the event."""
        return super().reached(scene) if self.at_byte is None else scene.reaches(self.at_byte + 1)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with bits flipped."""
        spans = [(self.at_byte, self.at_byte + 1)] if self.at_byte is not None else self.spans(scene)
        data = {(span[0], span[1]): current(draft, span) for span in spans}
        return replace_spans(draft, {span: self._flipped(old, span[0], scene.rng) for span, old in data.items() if old})

    def _flipped(self, data: bytes, place: int, rng: Rng) -> bytes:
        """Return ``data`` with different bits flipped; at a byte, none but those of the first."""
        flipped = bytearray(data)
        count = 8 if self.at_byte is not None else len(data) * 8
        taken: list[int] = []
        for nth in range(min(self.bits, count)):
            bit = rng.below(_FIRST + (place << 8) + nth, count - nth)
            for earlier in taken:
                bit += earlier <= bit
            insort(taken, bit)
            flipped[bit >> 3] ^= 1 << (bit & 7)
        return bytes(flipped)
