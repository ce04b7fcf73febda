"""The stream falls silent in the middle, and the connection stays open."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.plan.faults.closing import Closing, finite
from streamsim.plan.faults.framing import endless
from streamsim.wire import Hang

if TYPE_CHECKING:
    from streamsim.wire import Action, Head


class Stall(Closing, frozen=True, kw_only=True, tag="stall"):
    """Send what precedes the place, then nothing, and hold the connection open.

    By default halfway through the events. A body that was recorded with ``content-length`` and is whole at the place is
    still waited for: it is sent chunked.

    Attributes:
        for_: ``for=ever``: until the client leaves; a duration: then close, with the body incomplete.

    """

    for_: str = msgspec.field(default="ever", name="for")

    sees: ClassVar[str] = "the read timeout after the events before the place, or a hang where there is none"
    rows: ClassVar[tuple[str, ...]] = ("B3",)
    incidents: ClassVar[tuple[str, ...]] = ("MoonshotAI/kimi-code#1799", "QwenLM/qwen-code#5143")

    def __post_init__(self) -> None:
        """Refuse what is neither a duration nor ``ever``."""
        super().__post_init__()
        finite(self.for_, where=f"{self.name()}: for")

    def framed(self, head: Head) -> Head:
        """Return ``head`` with a body that its last byte does not complete."""
        return endless(head)

    def actions(self) -> tuple[Action, ...]:
        """Hang."""
        return (Hang(finite(self.for_, where=f"{self.name()}: for")),)
