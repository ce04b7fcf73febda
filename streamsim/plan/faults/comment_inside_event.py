"""A keep-alive comment injected in the middle of an event's data line."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.altering import Altering
from streamsim.plan.faults.lines import data_middle, end_of_line
from streamsim.plan.faults.values import comment


class CommentInsideEvent(Altering, frozen=True, kw_only=True, tag="comment_inside_event"):
    """Insert a comment and a blank line halfway through the data of an event; by default of the one halfway.

    Attributes:
        text: The comment, with its colon; every line begins with one.

    """

    text: str = ": keepalive"

    kinds = ("sse",)
    sees: ClassVar[str] = "an event with half a JSON text, then a line that is no field"
    rows: ClassVar[tuple[str, ...]] = ("D3",)
    incidents: ClassVar[tuple[str, ...]] = ("codex2api#696",)

    def __post_init__(self) -> None:
        """Refuse what is no comment."""
        super().__post_init__()
        comment(self, "text", self.text)

    def altered(self, frame: bytes) -> bytes:
        """Return the frame with the comment in it."""
        middle = data_middle(frame)
        told = comment(self, "text", self.text).replace(b"\n", end_of_line(frame))
        return frame if middle is None else frame[:middle] + told + frame[middle:]
