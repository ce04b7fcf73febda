"""A planner that plans nothing twice.

Law: what it plans is what any planner of the recording plans; looking for places, answering and reporting share a plan.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from streamsim.plan.planner import DEFAULT_SEED, Given, Plan, Planner
from streamsim.plan.profile import Profile

if TYPE_CHECKING:
    from streamsim.recording.model import Recording

# Plans that are kept beside one of each exchange: those of further attempts.
_MORE = 4


class Kept(Planner):
    """Keeps the plans that were asked for last."""

    def __init__(self, recording: Recording, *, name: str = "") -> None:
        super().__init__(recording, name=name)
        self._kept = lru_cache(maxsize=len(recording.exchanges) + _MORE)(self._planned)

    def _planned(self, exchange: int, profile: Profile, seed: int, attempt: int, given: Given) -> Plan:
        return super().plan(exchange, profile, seed=seed, attempt=attempt, given=given)

    def plan(
        self,
        exchange: int,
        profile: Profile = Profile(),  # noqa: B008 - frozen
        *,
        seed: int = DEFAULT_SEED,
        attempt: int = 1,
        given: Given = Given(),  # noqa: B008 - frozen
    ) -> Plan:
        """Return what will be sent for ``exchange``, all of it.

        Raises:
            RecordingError: The recording has no such exchange.
            PlanError: The profile asks for what cannot be.

        """
        return self._kept(exchange, profile, seed, attempt, given)
