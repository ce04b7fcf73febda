"""An event far larger than any buffer is likely to be."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.altering import Altering
from streamsim.plan.faults.lines import data_value
from streamsim.plan.faults.numbers import within


class HugeEvent(Altering, frozen=True, kw_only=True, tag="huge_event"):
    """Blow up an event's first data line: spaces after a JSON object's ``{``, or x's before other data.

    By default it is the first event.

    Attributes:
        size: How many bytes more; at most 64 MiB.

    """

    size: int = 1 << 20

    by_default = "first"
    kinds = ("sse",)
    sees: ClassVar[str] = "the same JSON in a line of a megabyte"
    rows: ClassVar[tuple[str, ...]] = ("C11",)
    incidents: ClassVar[tuple[str, ...]] = (
        "googleapis/python-genai#2248",
        "NVIDIA/TensorRT-LLM#13952",
    )

    def __post_init__(self) -> None:
        """Refuse what is not huge, and what is beyond all measure."""
        super().__post_init__()
        within(self, "size", self.size, 1, 64 << 20)

    def altered(self, frame: bytes) -> bytes:
        """Return the frame, huge."""
        value = data_value(frame)
        if value is None:
            return frame
        is_object = frame[value[0] : value[0] + 1] == b"{"
        place = value[0] + is_object
        return frame[:place] + (b" " if is_object else b"x") * self.size + frame[place:]
