"""A chunk without a delta."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from streamsim.plan.faults.json_spans import replaced, without
from streamsim.plan.faults.shapes import deltas
from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from streamsim.dialects import Landed
    from streamsim.plan.faults.fault import Scene


class DeltaNull(Telling, frozen=True, kw_only=True, tag="delta_null"):
    """Write null for a chunk's delta, or leave it out; by default in the chunk that gives the reason to finish.

    The delta is what holds the increment: ``delta``, of Gemini's candidates ``content``, of a completion ``text``, of
    Ollama's lines ``message`` or ``response``. What it said is lost.

    Attributes:
        form: ``null`` or ``missing``.

    """

    form: Literal["null", "missing"] = "null"

    about: ClassVar[str] = "with a delta"
    sees: ClassVar[str] = "null, or nothing, where it looks for the increment"
    rows: ClassVar[tuple[str, ...]] = ("F3",)
    incidents: ClassVar[tuple[str, ...]] = (
        "openai/openai-python#1677",
        "agent-framework#5734",
        "QwenLM/qwen-code#1448",
        "AstrBot#8244",
    )

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what has a delta."""
        del scene
        return bool(deltas(item.event.data))

    def retold(self, data: str, item: Landed, scene: Scene) -> str | None:
        """Return the chunk without it."""
        del item, scene
        found = deltas(data)
        if self.form == "null":
            return replaced(data, found, "null")
        for value in found:
            data = without(data, value.path)
        return data

    def _picked(self, scene: Scene) -> list[int]:
        """Return the events to strike where no place was given: the one that tells the end, if it has a delta."""
        found = super()._picked(scene)
        if self.probability or scene.anatomy.finish not in self.candidates(scene):
            return found
        return [scene.anatomy.finish]
