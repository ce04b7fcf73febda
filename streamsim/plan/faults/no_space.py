"""Data lines without the usual space after the colon."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.altering import Altering
from streamsim.plan.faults.lines import lines


class NoSpace(Altering, frozen=True, kw_only=True, tag="no_space"):
    """Write ``data:VALUE`` for ``data: VALUE``, by default in every event."""

    by_default = "all"
    kinds = ("sse",)
    sees: ClassVar[str] = "the same events: the space is optional"
    rows: ClassVar[tuple[str, ...]] = ("D9",)
    incidents: ClassVar[tuple[str, ...]] = ("openai/openai-python#498", "firebase/genkit#3728")

    def altered(self, frame: bytes) -> bytes:
        """Return the frame without the spaces."""
        return b"".join(b"data:" + line[6:] if line.startswith(b"data: ") else line for line in lines(frame))
