"""Comment frames among the events, as proxies send to keep a connection alive."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.inserting import Inserting
from streamsim.plan.faults.values import comment


class CommentKeepalive(Inserting, frozen=True, kw_only=True, tag="comment_keepalive"):
    """Insert a comment and a blank line.

    Attributes:
        text: The comment, with its colon: ``: OPENROUTER PROCESSING``; every line begins with one.

    """

    text: str = ": keepalive"

    kinds = ("sse",)
    sees: ClassVar[str] = "nothing: a comment is no event"
    rows: ClassVar[tuple[str, ...]] = ("D1",)
    incidents: ClassVar[tuple[str, ...]] = ("continuedev/continue#13144", "dynamo#408")

    def __post_init__(self) -> None:
        """Refuse what is no comment."""
        super().__post_init__()
        self.inserted()

    def inserted(self) -> bytes:
        """Return the comment frame."""
        return comment(self, "text", self.text)
