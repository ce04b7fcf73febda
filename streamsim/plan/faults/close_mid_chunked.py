"""The connection is closed in the middle of a chunked body."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.closing import Closing
from streamsim.plan.faults.framing import chunked
from streamsim.wire import Fin

if TYPE_CHECKING:
    from streamsim.wire import Action, Head


class CloseMidChunked(Closing, frozen=True, kw_only=True, tag="close_mid_chunked"):
    """Send what precedes the place as whole chunks, then FIN without the final chunk.

    By default halfway through the events, and at once (``after=0``). A body that was not recorded with chunked framing
    is sent with it.
    """

    sees: ClassVar[str] = "end of file before the final chunk"
    rows: ClassVar[tuple[str, ...]] = ("A2",)
    incidents: ClassVar[tuple[str, ...]] = (
        "chatchat-space/Langchain-Chatchat#4383",
        "Alishahryar1/free-claude-code#300",
        "ericc-ch/copilot-api#148",
    )

    def framed(self, head: Head) -> Head:
        """Return ``head`` with chunked framing."""
        return chunked(head)

    def actions(self) -> tuple[Action, ...]:
        """Close."""
        return (Fin(),)
