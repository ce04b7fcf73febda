"""The connection is reset in the middle of the stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.closing import Closing
from streamsim.wire import Reset

if TYPE_CHECKING:
    from streamsim.wire import Action


class ResetPeer(Closing, frozen=True, kw_only=True, tag="reset_peer"):
    """Send what precedes the place, wait until it is delivered, then TCP RST.

    By default halfway through the events, and at once (``after=0``). The head is as recorded.
    """

    sees: ClassVar[str] = "ECONNRESET after the events before the place"
    rows: ClassVar[tuple[str, ...]] = ("A1",)
    incidents: ClassVar[tuple[str, ...]] = (
        "BerriAI/litellm#33404",
        "googleapis/python-genai#2248",
        "UKGovernmentBEIS/inspect_ai#4321",
    )

    def actions(self) -> tuple[Action, ...]:
        """Reset."""
        return (Reset(),)
