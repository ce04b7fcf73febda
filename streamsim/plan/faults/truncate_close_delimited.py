"""A body that ends where the connection does ends early, and nothing can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.closing import Truncation
from streamsim.plan.faults.framing import until_close
from streamsim.wire import End

if TYPE_CHECKING:
    from streamsim.wire import Action, Head


class TruncateCloseDelimited(Truncation, frozen=True, kw_only=True, tag="truncate_close_delimited"):
    """Send a head with neither ``transfer-encoding`` nor ``content-length``, the body up to the place, then FIN.

    By default halfway through the events, and at once (``after=0``). At the end of the body nothing would be missing:
    that is refused.
    """

    sees: ClassVar[str] = "a complete response with the end of the stream missing"
    rows: ClassVar[tuple[str, ...]] = ("A4",)
    incidents: ClassVar[tuple[str, ...]] = ("Oaklight/zerodep#100",)

    def framed(self, head: Head) -> Head:
        """Return ``head`` with a body until the connection closes."""
        return until_close(head)

    def actions(self) -> tuple[Action, ...]:
        """End, which in this framing is to close."""
        return (End(),)
