"""A block that has a type and no data."""

from __future__ import annotations

from typing import ClassVar

from streamsim.plan.faults.inserting import Inserting
from streamsim.plan.faults.lines import one_line


class EventWithoutData(Inserting, frozen=True, kw_only=True, tag="event_without_data"):
    """Insert ``event: TYPE`` and a blank line.

    Attributes:
        type: ``ping``, or one that the stream's dialect knows, such as ``content_block_delta``.

    """

    type: str = "ping"

    kinds = ("sse",)
    sees: ClassVar[str] = "nothing: a block without data is no event"
    rows: ClassVar[tuple[str, ...]] = ("D7",)
    incidents: ClassVar[tuple[str, ...]] = (
        "anthropics/anthropic-sdk-typescript#292",
        "anthropics/anthropic-sdk-typescript#861",
        "OmniRoute#1146",
    )

    def __post_init__(self) -> None:
        """Refuse what is not one line."""
        super().__post_init__()
        self.inserted()

    def inserted(self) -> bytes:
        """Return the frame."""
        return b"event: " + one_line(self, "type", self.type) + b"\n\n"
