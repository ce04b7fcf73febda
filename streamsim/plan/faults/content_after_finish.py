"""The answer goes on after its end was told."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from streamsim.errors import PlanError
from streamsim.plan.faults.event_data import with_data
from streamsim.plan.faults.fault import streaming
from streamsim.plan.faults.inserting import Inserting
from streamsim.plan.faults.lines import one_line
from streamsim.plan.faults.shapes import growth
from streamsim.plan.faults.telling import recorded, with_text

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Scene


class ContentAfterFinish(Inserting, frozen=True, kw_only=True, tag="content_after_finish"):
    """Insert the last delta once more, after the reason to finish or after the end of the stream.

    Attributes:
        after: ``finish``: right after the event that gives the reason; ``terminal``: after the last event, be it
            ``[DONE]`` or ``message_stop``. A place counts more.
        text: What the delta says; empty: what it said before.

    """

    after: Literal["finish", "terminal"] = "finish"
    text: str = ""

    sees: ClassVar[str] = "text that comes when all was said"
    rows: ClassVar[tuple[str, ...]] = ("F9",)
    incidents: ClassVar[tuple[str, ...]] = ("dots-hyprland#1329",)

    def __post_init__(self) -> None:
        """Refuse a text of several lines."""
        super().__post_init__()
        one_line(self, "text", self.text)

    def check(self, scene: Scene) -> None:
        """Look whether there is an end, and a delta to say again."""
        super().check(scene)
        if self._delta(scene) is None:
            raise PlanError(self.name(), "no event only grows by one text", "record an answer that has one")

    def place(self, scene: Scene) -> int:
        """Return the place, or the end of the event that tells the end."""
        if self.placed:
            return super().place(scene)
        anatomy = scene.anatomy
        end = anatomy.finish if self.after == "finish" else anatomy.terminal
        if end is None:
            raise PlanError(self.name(), "no event tells the end", "give at_event")
        return anatomy.events[end].stop

    def offset(self, scene: Scene) -> int:
        """Return the place between two frames."""
        streaming(self, scene.anatomy)
        return super().offset(scene)

    def frames(self, scene: Scene, offset: int) -> bytes:
        """Return the delta."""
        del offset
        index = self._delta(scene) or 0
        item = scene.anatomy.landed[index]
        told = with_text(scene, item, item.event.data, self.text) if self.text else None
        return with_data(scene.anatomy.kind, recorded(scene, index), item.event.data if told is None else told)

    def _delta(self, scene: Scene) -> int | None:
        """Return the last event that does nothing but grow."""
        landed = scene.anatomy.landed
        able = (i for i in range(len(landed) - 1, -1, -1) if growth(landed[i], scene) and not landed[i].told.stops)
        return next(able, None)
