"""An event with an id, followed by a comment: the id must not turn the comment into an event."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.altering import Altering
from streamsim.plan.faults.lines import end_of_line, one_line


class StickyIdComment(Altering, frozen=True, kw_only=True, tag="sticky_id_comment"):
    """Begin an event with ``id: VALUE`` and follow it with ``: ping`` and a blank line; by default the one halfway.

    Attributes:
        value: The id.

    """

    value: str = "1"

    kinds = ("sse",)
    sees: ClassVar[str] = "the same events; from that one on the last event id is set"
    rows: ClassVar[tuple[str, ...]] = ("D6",)
    incidents: ClassVar[tuple[str, ...]] = ("llmgateway#2334",)

    def __post_init__(self) -> None:
        """Refuse what is not one line."""
        super().__post_init__()
        one_line(self, "value", self.value)

    def altered(self, frame: bytes) -> bytes:
        """Return the frame with an id, and the comment."""
        eol = end_of_line(frame)
        return b"id: " + one_line(self, "value", self.value) + eol + frame + b": ping" + eol * 2
