"""A line that is only ``data``: a field with an empty value."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.altering import Altering
from streamsim.plan.faults.lines import end_of_line


class FieldWithoutColon(Altering, frozen=True, kw_only=True, tag="field_without_colon"):
    """Begin an event with a line ``data``; by default every one."""

    by_default = "all"
    kinds = ("sse",)
    sees: ClassVar[str] = "the same data after an empty line"
    rows: ClassVar[tuple[str, ...]] = ("D16",)
    incidents: ClassVar[tuple[str, ...]] = ("sse.js#30",)

    def altered(self, frame: bytes) -> bytes:
        """Return the frame with the line before it."""
        return b"data" + end_of_line(frame) + frame
