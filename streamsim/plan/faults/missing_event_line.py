"""Events without their types."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.altering import Altering
from streamsim.plan.faults.lines import lines


class MissingEventLine(Altering, frozen=True, kw_only=True, tag="missing_event_line"):
    """Leave out the ``event:`` lines, by default of every event."""

    by_default = "all"
    kinds = ("sse",)
    sees: ClassVar[str] = "events of type message; clients that go by type see none"
    rows: ClassVar[tuple[str, ...]] = ("D10",)
    incidents: ClassVar[tuple[str, ...]] = ("openclaw/openclaw#37571", "pi#1983", "claude-code-proxy#32")

    def altered(self, frame: bytes) -> bytes:
        """Return the frame without a type."""
        return b"".join(line for line in lines(frame) if not line.startswith(b"event:"))
