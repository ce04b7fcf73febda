"""A stream that completes without having said anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from streamsim.errors import PlanError
from streamsim.plan.draft import cut, replace_spans
from streamsim.plan.faults.fault import Fault, Phase, readable

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class EmptyStream(Fault, frozen=True, kw_only=True, tag="empty_stream"):
    """Leave out the body, or what it says; head, times and end are as recorded.

    Attributes:
        keep: ``nothing`` of the body; ``terminal``: only its terminal event and what follows; ``shell``: all but the
            events with content.

    """

    keep: Literal["nothing", "terminal", "shell"] = "nothing"

    phase: ClassVar[Phase] = Phase.FRAMES
    sees: ClassVar[str] = "an empty answer, and no error"
    rows: ClassVar[tuple[str, ...]] = ("E7",)
    incidents: ClassVar[tuple[str, ...]] = ("google/adk-python#6195", "langchain-ai/langchain#30804", "OmniRoute#8732")

    def check(self, scene: Scene) -> None:
        """Look whether what is to be kept is there."""
        if self.keep != "nothing":
            readable(self, scene.anatomy)
        if self.keep == "terminal" and scene.anatomy.terminal is None:
            raise PlanError(self.name(), "the recording has no terminal event", "write keep=nothing or keep=shell")

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with little or nothing in it."""
        anatomy = scene.anatomy
        if self.keep == "shell":
            return replace_spans(draft, {anatomy.events[index]: b"" for index in anatomy.content})
        if anatomy.terminal is None or self.keep == "nothing":
            return msgspec.structs.replace(draft, cells=())
        _, kept = cut(draft.cells, anatomy.events[anatomy.terminal].start)
        return draft.with_cells(kept)
