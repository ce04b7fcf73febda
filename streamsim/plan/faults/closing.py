"""Faults that end the answer early. Of several, the earliest wins; the rest are not reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.errors import PlanError, UsageError
from streamsim.plan.draft import cut
from streamsim.plan.faults.fault import Fault, Phase, Placed
from streamsim.units import parse_duration
from streamsim.wire import End, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.plan.draft import Cell, Draft
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Action, Head


class Closing(Placed, frozen=True, kw_only=True):
    """Base of the faults that cut the body at a place and do something else instead.

    Attributes:
        after: How long after the last byte before the place it does that.

    """

    after: str = "0"

    phase: ClassVar[Phase] = Phase.CLOSING
    closes: ClassVar[bool] = True
    per_event: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Refuse what is no duration."""
        super().__post_init__()
        parse_duration(self.after, where=f"{self.name()}: after")

    def actions(self) -> tuple[Action, ...]:
        """Return what is done at the place, the last of which ends the timeline."""
        raise NotImplementedError

    def framed(self, head: Head) -> Head:
        """Return ``head`` as the fault needs it: unchanged, unless its framing would hide what is done."""
        return head

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` up to the place, and then the fault's own end."""
        return self.closed(draft, self.offset(scene))

    def closed(self, draft: Draft, offset: int) -> Draft:
        """Return ``draft`` cut at ``offset``, and then the fault's own end."""
        return close_at(draft.with_head(self.framed), offset, self.actions(), parse_duration(self.after))


class Truncation(Closing, frozen=True, kw_only=True):
    """Base of the closings after which something must be missing."""

    def offset(self, scene: Scene) -> int:
        """Return the place.

        Raises:
            PlanError: It is the end of the body.

        """
        offset = super().offset(scene)
        if offset >= scene.anatomy.size:
            raise PlanError(
                self.name(), "the place is the end of the body: nothing would be missing", "give an earlier one"
            )
        return offset


class AfterTerminal(Fault, frozen=True, kw_only=True):
    """Base of the faults that do something wrong when all was said: after the terminal event, or the whole body."""

    phase: ClassVar[Phase] = Phase.CLOSING
    closes: ClassVar[bool] = True

    def offset(self, scene: Scene) -> int:
        """Return where the terminal event ends."""
        return scene.anatomy.after_terminal


def close_at(draft: Draft, offset: int, actions: Sequence[Action], after_ns: int = 0) -> Draft:
    """Return ``draft`` cut at ``offset``, and ``actions`` as its end, ``after_ns`` after the last byte that is kept."""
    kept, _ = cut(draft.cells, offset)
    if isinstance(actions[-1], End):
        kept = [_whole(cell) for cell in kept]
    kept_draft = msgspec.structs.replace(draft, cells=tuple(kept))
    end = tuple(Step(kept_draft.last_ns + after_ns, action) for action in actions)
    return msgspec.structs.replace(kept_draft, end=end)


def _whole(cell: Cell) -> Cell:
    """Return ``cell`` as a chunk that is complete, though what was recorded may be cut short."""
    return msgspec.structs.replace(cell, raw=False, size_line=b"") if cell.raw else cell


def finite(text: str, *, where: str) -> int | None:
    """Return how long to hold, in ns; ``ever`` is None: until the client leaves.

    Raises:
        UsageError: It is neither a duration nor ``ever``.

    """
    if text == "ever":
        return None
    duration_ns = parse_duration(text, where=where)
    if duration_ns <= 0:
        raise UsageError(where, "a hold of no time", "write for=30s, or for=ever")
    return duration_ns
