"""A chunk with an empty list of choices: the result of a filter at the beginning, or the usage at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from streamsim.errors import PlanError
from streamsim.plan.faults.event_data import with_data
from streamsim.plan.faults.fault import streaming
from streamsim.plan.faults.inserting import Inserting
from streamsim.plan.faults.json_spans import put, replaced, without
from streamsim.plan.faults.shapes import lists
from streamsim.plan.faults.telling import recorded

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Scene

_FILTER = '[{"prompt_index":0,"content_filter_results":{}}]'
_USAGE = '{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}'
_METADATA = '{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2}'


class ChoicesEmpty(Inserting, frozen=True, kw_only=True, tag="choices_empty"):
    """Insert a chunk whose list of choices is empty: a neighbour without its choices.

    By default before the first event, or with ``form=usage`` before what ends the stream.

    Attributes:
        form: What it tells instead: ``filter``: ``prompt_filter_results``, as Azure's first chunk does; ``usage``:
            counts of tokens, one in and one out; ``bare``: nothing. Gemini's candidates have the usage only.

    """

    form: Literal["filter", "usage", "bare"] = "filter"

    sees: ClassVar[str] = "a chunk in which choices[0] is not there"
    rows: ClassVar[tuple[str, ...]] = ("F1",)
    incidents: ClassVar[tuple[str, ...]] = (
        "mentat#429",
        "langfuse/langfuse#2833",
        "grafana-llm#790",
    )

    def check(self, scene: Scene) -> None:
        """Look whether there is a chunk with choices to begin from."""
        super().check(scene)
        if not self._chunks(scene):
            raise PlanError(self.name(), "no event has a list of choices", "record a chat that has one")

    def place(self, scene: Scene) -> int:
        """Return the place, or where providers put such a chunk."""
        if self.placed:
            return super().place(scene)
        if self.form != "usage":
            return 0
        terminal = scene.anatomy.terminal
        return scene.anatomy.size if terminal is None else scene.anatomy.events[terminal].start

    def offset(self, scene: Scene) -> int:
        """Return the place between two frames; one element at least precedes another one of a JSON array."""
        streaming(self, scene.anatomy)
        first = scene.anatomy.kind == "array" and bool(scene.anatomy.events)
        return max(super().offset(scene), scene.anatomy.events[0].stop if first else 0)

    def frames(self, scene: Scene, offset: int) -> bytes:
        """Return the chunk."""
        chunks = self._chunks(scene)
        after = scene.anatomy.first_event_from(offset)
        index = next((index for index in chunks if index >= after), chunks[-1])
        data = scene.anatomy.landed[index].event.data
        key = str(lists(data)[0].path[0])
        told = without(without(replaced(data, lists(data), "[]"), ("usage",)), ("usageMetadata",))
        if self.form == "usage":
            told = put(told, (), *(("usage", _USAGE) if key == "choices" else ("usageMetadata", _METADATA)))
        elif self.form == "filter" and key == "choices":
            told = put(told, (), "prompt_filter_results", _FILTER)
        return with_data(scene.anatomy.kind, recorded(scene, index), told)

    def _chunks(self, scene: Scene) -> list[int]:
        return [index for index, item in enumerate(scene.anatomy.landed) if lists(item.event.data)]
