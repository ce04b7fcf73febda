"""Faults after which there is no answer at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.plan.draft import Draft
from streamsim.plan.faults.fault import Fault, Phase
from streamsim.wire import Step

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Action


class NoAnswer(Fault, frozen=True, kw_only=True):
    """Base of the faults that do one thing instead of answering."""

    phase: ClassVar[Phase] = Phase.INSTEAD

    def action(self) -> Action:
        """Return what is done."""
        raise NotImplementedError

    def delay_ns(self) -> int:
        """Return how long after the request."""
        return 0

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return a draft of that one thing."""
        del draft, scene
        return Draft((), None, (), (Step(self.delay_ns(), self.action()),))
