"""The response is complete, and the stream ends in the middle of an event's JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from streamsim.errors import PlanError
from streamsim.plan.faults.closing import Closing
from streamsim.plan.faults.fault import readable
from streamsim.wire import End

if TYPE_CHECKING:
    from streamsim.plan.anatomy import Anatomy, Span
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Action

_OBJECT = re.compile(rb"(?:^|[\r\n]|\xef\xbb\xbf)data: ?(\{[^\r\n]*)")


class TruncateMidJson(Closing, frozen=True, kw_only=True, tag="truncate_mid_json"):
    """Send what precedes the event at the place and half of its ``data:`` line, then complete the body.

    Half of the JSON's bytes, rounded down, and never half a character. By default the event is the middle one of those
    that are JSON objects; at once (``after=0``).
    """

    sees: ClassVar[str] = "a complete response whose last event never ends: its delta is lost, or is no JSON"
    rows: ClassVar[tuple[str, ...]] = ("A6",)
    incidents: ClassVar[tuple[str, ...]] = ("continuedev/continue#12976",)

    def offset(self, scene: Scene) -> int:
        """Return where the JSON of the event is cut.

        Raises:
            PlanError: The recording has no such event, or it is no JSON.

        """
        anatomy = scene.anatomy
        readable(self, anatomy)
        if self.placed:
            index = self.event(scene)
            offset = _middle(anatomy, anatomy.events[index])
            if offset is None:
                raise PlanError(self.name(), f"event {index} is no JSON object", "give another event")
            return offset
        found = [offset for span in anatomy.events if (offset := _middle(anatomy, span)) is not None]
        if not found:
            raise PlanError(self.name(), "no event is a JSON object", "use clean_truncation:at_byte=N")
        return found[len(found) // 2]

    def actions(self) -> tuple[Action, ...]:
        """Complete."""
        return (End(),)


def _middle(anatomy: Anatomy, span: Span) -> int | None:
    """Return the offset halfway through the JSON object of an event, or None where it is none."""
    match = _OBJECT.search(anatomy.body[span.start : span.stop])
    if match is None:
        return None
    start = span.start + match.start(1)
    offset = start + max(1, len(match[1].rstrip()) // 2)
    while offset > start + 1 and anatomy.body[offset] & 0xC0 == 0x80:
        offset -= 1
    return offset
