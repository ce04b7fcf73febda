"""A comment that a gateway has wrapped in a data line."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.inserting import Inserting
from streamsim.plan.faults.lines import one_line


class CommentAsData(Inserting, frozen=True, kw_only=True, tag="comment_as_data"):
    """Insert ``data: TEXT`` and a blank line, where TEXT is a comment.

    Attributes:
        text: The comment, with its colon.

    """

    text: str = ": OPENROUTER PROCESSING"

    kinds = ("sse",)
    sees: ClassVar[str] = "an event whose data is no JSON"
    rows: ClassVar[tuple[str, ...]] = ("D2",)
    incidents: ClassVar[tuple[str, ...]] = ("llm-gateway#2053",)

    def __post_init__(self) -> None:
        """Refuse what is not one line."""
        super().__post_init__()
        self.inserted()

    def inserted(self) -> bytes:
        """Return the frame."""
        return b"data: " + one_line(self, "text", self.text) + b"\n\n"
