"""The response is complete and the stream is not: nothing ever tells its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.errors import PlanError
from streamsim.plan.faults.closing import Truncation
from streamsim.wire import End

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Action


class CleanTruncation(Truncation, frozen=True, kw_only=True, tag="clean_truncation"):
    """Send what precedes the place, then complete the body as its framing asks, a ``content-length`` made to fit.

    By default right after the last content before the first event that tells the end, at once (``after=0``). An event
    tells the end if it gives a reason to finish (a ``finish_reason``, ``finishReason`` or ``stop_reason`` that is
    neither null nor empty), be it with content, or is terminal; where none does, the last event stands in. Where no
    content precedes it, the body ends before that event.

    With ``at=terminal`` only the terminal event and what follows it are missing. At the end of the body nothing would
    be missing: that is refused.
    """

    sees: ClassVar[str] = "a complete response without finish reason, [DONE], message_stop or response.completed"
    rows: ClassVar[tuple[str, ...]] = ("A5",)
    incidents: ClassVar[tuple[str, ...]] = (
        "BerriAI/litellm#40260",
        "maximhq/bifrost#6081",
        "cline/cline#12850",
        "openclaw/openclaw#108989",
    )

    def offset(self, scene: Scene) -> int:
        """Return the place, or where all was said and no end is told yet.

        Raises:
            PlanError: The recording has no such place.

        """
        if self.placed:
            return super().offset(scene)
        offset = scene.anatomy.before_end
        if offset is None:
            raise PlanError(self.name(), "the recording has no event before which to end", "give at_byte or at_chunk")
        return offset

    def actions(self) -> tuple[Action, ...]:
        """Complete."""
        return (End(),)
