"""No chunk ever gives the reason to finish."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from streamsim.plan.faults.json_spans import replaced, without
from streamsim.plan.faults.shapes import reasons
from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from streamsim.dialects import Landed
    from streamsim.plan.faults.fault import Scene


class FinishMissing(Telling, frozen=True, kw_only=True, tag="finish_missing"):
    """Write null for every reason to finish, or leave it out; all else is there, ``[DONE]`` too.

    Attributes:
        form: ``null`` or ``missing``.

    """

    form: Literal["null", "missing"] = "null"

    by_default = "all"
    about: ClassVar[str] = "with a reason to finish"
    sees: ClassVar[str] = "an answer that ends without saying why"
    rows: ClassVar[tuple[str, ...]] = ("F6",)
    incidents: ClassVar[tuple[str, ...]] = ("llmcord#84", "openai-workflow#52")

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take what gives a reason."""
        del scene
        return bool(reasons(item.event.data))

    def retold(self, data: str, item: Landed, scene: Scene) -> str | None:
        """Return the chunk without it."""
        del item, scene
        found = reasons(data)
        if self.form == "null":
            return replaced(data, found, "null")
        for value in found:
            data = without(data, value.path)
        return data
