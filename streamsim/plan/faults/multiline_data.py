"""JSON written over two data lines, as the standard allows."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.altering import Altering
from streamsim.plan.faults.lines import data_value, end_of_line


class MultilineData(Altering, frozen=True, kw_only=True, tag="multiline_data"):
    """Begin a second data line after the ``{`` of a JSON object, by default in every event; other data stays."""

    by_default = "all"
    kinds = ("sse",)
    sees: ClassVar[str] = "the same JSON, with a line end in it"
    rows: ClassVar[tuple[str, ...]] = ("D15",)
    incidents: ClassVar[tuple[str, ...]] = ("WrzDJ#354",)

    def altered(self, frame: bytes) -> bytes:
        """Return the frame with a data line more."""
        start, _ = data_value(frame) or (0, 0)
        if frame[start : start + 1] != b"{":
            return frame
        return frame[: start + 1] + end_of_line(frame) + b"data: " + frame[start + 1 :]
