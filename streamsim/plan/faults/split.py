"""One boundary more, at a place that hurts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from streamsim.plan.draft import cut
from streamsim.plan.faults.altering import Choosing
from streamsim.plan.faults.boundaries import recut, where
from streamsim.plan.faults.fault import Phase

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene

_CHARACTER = re.compile(rb"[\xc2-\xf4](?=[\x80-\xbf])")
_LINE_ENDS = re.compile(rb"\r(?=[\r\n])|\n(?=\n)")


class Split(Choosing, frozen=True, kw_only=True, tag="split"):
    """Cut chunks in two. With a place and without ``inside``: there, be it between two bytes of a character.

    Attributes:
        inside: Where to cut in the event of the place, those that chance picks, or by default all: ``utf8``: after the
            first byte of every character that has more; ``event``: halfway through it; ``crlf``: between CR and LF, and
            between the line ends of its blank line. Without a place ``event`` is the default.

    """

    inside: Literal["", "utf8", "event", "crlf"] = ""

    phase: ClassVar[Phase] = Phase.BOUNDARIES
    by_default = "all"
    sees: ClassVar[str] = "the same bytes in other reads"
    rows: ClassVar[tuple[str, ...]] = ("C1", "C2", "C3")
    incidents: ClassVar[tuple[str, ...]] = (
        "braintrust#2091",
        "open-metadata/OpenMetadata#29531",
        "vllm-project/aibrix#2653",
        "BerriAI/litellm#30270",
        "akka-sse#129",
    )

    @property
    def between(self) -> bool:
        """Whether it cuts at its place, rather than in events."""
        return self.placed and not self.inside

    def check(self, scene: Scene) -> None:
        """Look whether the place or the events are there."""
        if self.between:
            self.offset(scene)
        else:
            super().check(scene)

    def reached(self, scene: Scene) -> bool:
        """Tell whether the answer goes on to its place."""
        return scene.reaches(self.offset(scene)) if self.between else super().reached(scene)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the cuts."""
        if self.between:
            left, right = cut(draft.cells, self.offset(scene))
            return msgspec.structs.replace(draft, cells=(*left, *right))
        body = b"".join(cell.data for cell in draft.cells)
        found = where(draft, self.spans(scene)).values()
        return recut(draft, [low + inner for low, high in found for inner in self._cuts(body[low:high])])

    def _cuts(self, data: bytes) -> list[int]:
        """Return where to cut the bytes of an event."""
        if self.inside == "utf8":
            return [match.end() for match in _CHARACTER.finditer(data)]
        if self.inside == "crlf":
            return [match.end() for match in _LINE_ENDS.finditer(data)]
        return [len(data) // 2]
