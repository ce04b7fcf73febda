"""Events are lost on the way."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.altering import Altering


class Drop(Altering, frozen=True, kw_only=True, tag="drop"):
    """Leave out whole events; by default the one halfway."""

    sees: ClassVar[str] = "a well-formed stream with events missing"
    rows: ClassVar[tuple[str, ...]] = ("drop",)

    def altered(self, frame: bytes) -> bytes:
        """Return nothing."""
        del frame
        return b""
