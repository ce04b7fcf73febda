"""Events arrive more than once."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.altering import MOST_BYTES, Altering
from streamsim.plan.faults.numbers import within


class Duplicate(Altering, frozen=True, kw_only=True, tag="duplicate"):
    """Send an event several times in a row, in one chunk; by default the one halfway.

    Attributes:
        times: How often, all told.

    """

    times: int = 2

    sees: ClassVar[str] = "events repeated"
    rows: ClassVar[tuple[str, ...]] = ("duplicate",)

    def __post_init__(self) -> None:
        """Refuse to repeat nothing."""
        super().__post_init__()
        within(self, "times", self.times, 2, 1000)

    def altered(self, frame: bytes) -> bytes:
        """Return the frame repeated, at most until it is larger than allowed."""
        return frame * min(self.times, MOST_BYTES // len(frame) + 1)
