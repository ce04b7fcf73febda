"""A content type that is not, or not quite, that of an event stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.fault import Fault, Phase
from streamsim.plan.faults.heads import header_value, replaced

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class ContentType(Fault, frozen=True, kw_only=True, tag="content_type"):
    """Send another content type; the body stays.

    Attributes:
        value: The content type; the default has no charset. ``none`` leaves the header out.

    """

    value: str = "text/event-stream"

    phase: ClassVar[Phase] = Phase.HEAD
    sees: ClassVar[str] = "the same bytes under another name"
    rows: ClassVar[tuple[str, ...]] = ("C7",)
    incidents: ClassVar[tuple[str, ...]] = ("psf/requests#6427", "open-metadata/OpenMetadata#29531")

    def __post_init__(self) -> None:
        """Refuse what no header can hold."""
        super().__post_init__()
        header_value(self, "value", self.value)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the content type."""
        del scene
        value = None if self.value == "none" else self.value
        return draft.with_head(lambda head: replaced(head, "content-type", value))
