"""The increments of two tool calls come by turns."""

from __future__ import annotations

from itertools import chain, pairwise, zip_longest
from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.calls import with_blocks
from streamsim.plan.faults.event_data import data_of, with_data
from streamsim.plan.faults.renumbering import numbered
from streamsim.plan.faults.telling import OnAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.plan.faults.fault import Scene
    from streamsim.plan.faults.telling import Now


class ToolInterleaved(OnAnswer, frozen=True, kw_only=True, tag="tool_interleaved"):
    """Send the events of the first two tool calls by turns: one of the first, one of the second, and so on.

    Of each call the order stays, from its beginning to its end; the times stay with the places, and so do sequence
    numbers.
    """

    about: ClassVar[str] = "two tool calls in events of their own"
    sees: ClassVar[str] = "two tool calls that grow at the same time"
    rows: ClassVar[tuple[str, ...]] = ("G3",)
    incidents: ClassVar[tuple[str, ...]] = ("ruby_llm#710",)

    def struck(self, scene: Scene) -> Sequence[int]:
        """Return the events of both calls, if they come one call after the other."""
        found = with_blocks(scene)
        for first, second in pairwise(found):
            apart = not set(first.events) & set(second.events)
            if apart and len(first.events) > 1 and first.events[-1] < second.events[0]:
                return [*first.events, *second.events]
        return ()

    def changes(self, now: Now) -> dict[int, bytes]:
        """Return the frames of each call at every other place."""
        places = self.struck(now.scene)
        second = next(call.events for call in with_blocks(now.scene) if call.events[-1] == places[-1])
        pairs = zip_longest(places[: len(places) - len(second)], second)
        kind = now.scene.anatomy.kind
        told: dict[int, bytes] = {}
        for place, source in zip(places, (index for index in chain(*pairs) if index is not None), strict=True):
            frame = now.frame(source)
            told[place] = with_data(kind, frame, numbered(data_of(kind, frame), like=now.data(place)))
        return told
