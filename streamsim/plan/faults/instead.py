"""Faults that answer something else altogether."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.draft import Cell, Draft, Piece
from streamsim.plan.faults.fault import Fault, Phase
from streamsim.wire import End, Head, Step

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Headers


class Instead(Fault, frozen=True, kw_only=True):
    """Base of the faults that answer something else, complete, when the recorded head is due."""

    phase: ClassVar[Phase] = Phase.INSTEAD

    def answer(self, scene: Scene) -> tuple[int, str, Headers, bytes]:
        """Return status, reason, headers without a length, and body."""
        raise NotImplementedError

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return a draft of that answer."""
        status, reason, headers, body = self.answer(scene)
        at_ns = draft.headed_ns
        sized = (*headers, ("content-length", str(len(body))))
        head = Step(at_ns, Head(status, reason, sized, framing="content-length"))
        cells = (Cell(at_ns, (Piece(body, 0, scene.anatomy.size),)),) if body else ()
        return Draft(draft.before, head, cells, (Step(at_ns, End()),))
