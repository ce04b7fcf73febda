"""The request is read, and nothing comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.plan.faults.closing import finite
from streamsim.plan.faults.no_answer import NoAnswer
from streamsim.wire import Hang

if TYPE_CHECKING:
    from streamsim.wire import Action


class StallHeaders(NoAnswer, frozen=True, kw_only=True, tag="stall_headers"):
    """Read the request, send nothing, and hold the connection open.

    Attributes:
        for_: ``for=ever``: until the client leaves; a duration: then close, still without a byte.

    """

    for_: str = msgspec.field(default="ever", name="for")

    sees: ClassVar[str] = "the read timeout before any header"
    rows: ClassVar[tuple[str, ...]] = ("B1",)
    incidents: ClassVar[tuple[str, ...]] = ("BerriAI/litellm#5859", "caozhiyuan/copilot-api#169")

    def __post_init__(self) -> None:
        """Refuse what is neither a duration nor ``ever``."""
        super().__post_init__()
        finite(self.for_, where=f"{self.name()}: for")

    def action(self) -> Action:
        """Hang."""
        return Hang(finite(self.for_, where=f"{self.name()}: for"))
