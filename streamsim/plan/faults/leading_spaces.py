"""More spaces than one after the colon: all but the first belong to the data."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.altering import Altering
from streamsim.plan.faults.lines import lines
from streamsim.plan.faults.numbers import within


class LeadingSpaces(Altering, frozen=True, kw_only=True, tag="leading_spaces"):
    """Put spaces after ``data: ``, by default in every event.

    Attributes:
        count: How many more than the usual one.

    """

    count: int = 1

    by_default = "all"
    kinds = ("sse",)
    sees: ClassVar[str] = "data that begins with spaces"
    rows: ClassVar[tuple[str, ...]] = ("D16",)
    incidents: ClassVar[tuple[str, ...]] = ("sse.js#30",)

    def __post_init__(self) -> None:
        """Refuse no spaces."""
        super().__post_init__()
        within(self, "count", self.count, 1, 1 << 20)

    def altered(self, frame: bytes) -> bytes:
        """Return the frame with the spaces."""
        more = b"data: " + b" " * self.count
        told = [more + line[5:].removeprefix(b" ") if line.startswith(b"data:") else line for line in lines(frame)]
        return b"".join(told)
