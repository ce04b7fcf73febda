"""Faults that put frames of their own between events."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.draft import insert_all
from streamsim.plan.faults.fault import AtPlace, Phase, streaming

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene


class Inserting(AtPlace, frozen=True, kw_only=True):
    """Base of the faults that insert a frame: at the place, or before each event that chance picks; halfway by default.

    A place inside a frame is the end of that frame. What is inserted goes out in the chunk of the byte before which it
    stands, with the stream's own line ends. A body without frames is left alone, unless a place is given.
    """

    phase: ClassVar[Phase] = Phase.FRAMES

    def inserted(self) -> bytes:
        """Return what to insert, with LF for every line end."""
        raise NotImplementedError

    def frames(self, scene: Scene, offset: int) -> bytes:
        """Return the frames to insert at ``offset``."""
        del offset
        return self.inserted().replace(b"\n", scene.anatomy.eol)

    def offset(self, scene: Scene) -> int:
        """Return the first place between two frames from the one that was asked for."""
        streaming(self, scene.anatomy)
        return scene.anatomy.between(super().offset(scene))

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` with the frames inserted; an answer that can have no body stays as it is."""
        if not takes_body(draft):
            return draft
        return insert_all(draft, {offset: self.frames(scene, offset) for offset in self.offsets(scene)})


def takes_body(draft: Draft) -> bool:
    """Tell whether there is an answer, and its head allows a body."""
    head = draft.head_action
    return head is not None and head.framing != "none"
