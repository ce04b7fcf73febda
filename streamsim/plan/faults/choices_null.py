"""A chunk whose choices are null."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.faults.json_spans import replaced
from streamsim.plan.faults.shapes import lists
from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from streamsim.dialects import Landed
    from streamsim.plan.faults.fault import Scene


class ChoicesNull(Telling, frozen=True, kw_only=True, tag="choices_null"):
    """Write ``"choices":null``, or ``"candidates":null``, in place of the list; by default in the chunk halfway.

    What the chunk would have said is lost.
    """

    about: ClassVar[str] = "with a list of choices"
    sees: ClassVar[str] = "null where it goes through a list"
    rows: ClassVar[tuple[str, ...]] = ("F2",)
    incidents: ClassVar[tuple[str, ...]] = ("BerriAI/litellm#4429", "langfuse/langfuse#6658")

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what has a list."""
        del scene
        return bool(lists(item.event.data))

    def retold(self, data: str, item: Landed, scene: Scene) -> str | None:
        """Return the chunk without a list."""
        del item, scene
        return replaced(data, lists(data), "null")
