"""All was said, and the connection stays open."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.plan.faults.closing import AfterTerminal, close_at, finite
from streamsim.plan.faults.framing import endless
from streamsim.wire import Hang

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class HoldAfterTerminal(AfterTerminal, frozen=True, kw_only=True, tag="hold_after_terminal"):
    """Send all up to and with the terminal event, do not complete the body, and hold the connection open.

    Without a terminal event that is the whole body. A body that was recorded with ``content-length`` is sent chunked,
    for it would be complete with its last byte.

    Attributes:
        for_: ``for=ever``: until the client leaves; a duration: then close.

    """

    for_: str = msgspec.field(default="ever", name="for")

    sees: ClassVar[str] = "the whole stream, and no end of it"
    rows: ClassVar[tuple[str, ...]] = ("A8",)

    def __post_init__(self) -> None:
        """Refuse what is neither a duration nor ``ever``."""
        super().__post_init__()
        finite(self.for_, where=f"{self.name()}: for")

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` without its own end."""
        hang = Hang(finite(self.for_, where=f"{self.name()}: for"))
        return close_at(draft.with_head(endless), self.offset(scene), [hang])
