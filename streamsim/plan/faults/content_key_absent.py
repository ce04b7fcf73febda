"""A delta that does not grow: the key for the text is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.errors import PlanError
from streamsim.plan.faults.event_data import with_data
from streamsim.plan.faults.fault import streaming
from streamsim.plan.faults.inserting import Inserting
from streamsim.plan.faults.json_spans import without
from streamsim.plan.faults.shapes import growth, strings
from streamsim.plan.faults.telling import recorded

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Scene


class ContentKeyAbsent(Inserting, frozen=True, kw_only=True, tag="content_key_absent"):
    """Insert a delta that has no key for its text: the next one that has, or the last, without it.

    So it is with a role alone, or with a thought in a field that the reader does not know.
    """

    sees: ClassVar[str] = "a delta without the key that it asks for"
    rows: ClassVar[tuple[str, ...]] = ("F5",)
    incidents: ClassVar[tuple[str, ...]] = ("cline/cline#12132",)

    def check(self, scene: Scene) -> None:
        """Look whether there is a delta to begin from."""
        super().check(scene)
        if not self._deltas(scene):
            raise PlanError(self.name(), "no event grows by one text", "record an answer that has one")

    def offset(self, scene: Scene) -> int:
        """Return the place between two frames; one element at least precedes another one of a JSON array."""
        streaming(self, scene.anatomy)
        first = scene.anatomy.kind == "array" and bool(scene.anatomy.events)
        return max(super().offset(scene), scene.anatomy.events[0].stop if first else 0)

    def frames(self, scene: Scene, offset: int) -> bytes:
        """Return the delta."""
        deltas = self._deltas(scene)
        after = scene.anatomy.first_event_from(offset)
        index = next((index for index in deltas if index >= after), next(iter(reversed(deltas))))
        data = scene.anatomy.landed[index].event.data
        for value in strings(data, deltas[index]):
            data = without(data, value.path)
        return with_data(scene.anatomy.kind, recorded(scene, index), data)

    def _deltas(self, scene: Scene) -> dict[int, str]:
        """Return the events that do nothing but grow by a text that stands in their JSON, and that text."""
        told: dict[int, str] = {}
        for index, item in enumerate(scene.anatomy.landed):
            piece = growth(item, scene)
            if piece is not None and not item.told.stops and strings(item.event.data, piece.text):
                told[index] = piece.text
        return told
