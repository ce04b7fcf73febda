"""A list of faults applied to a draft, in the fixed order of their phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.errors import PlanError
from streamsim.plan.draft import seamed
from streamsim.plan.faults.fault import Fault, Phase, Placed, Scene, suited
from streamsim.plan.faults.length import fitted
from streamsim.plan.faults.spelling import spell_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from streamsim.plan.anatomy import Anatomy
    from streamsim.plan.draft import Draft
    from streamsim.rng import Rng


class Applied(msgspec.Struct, frozen=True):
    """What became of one fault.

    ``applied``; ``missed``: it was not its attempt, chance passed it by, or there was nothing to strike or to change;
    ``not reached``: another fault closed before its place, or replaced the answer.

    Attributes:
        problem: What the recording lacks, whatever the attempt, so that there is nothing to strike.
        remedy: What to do about that.

    """

    fault: str
    outcome: str
    problem: str = ""
    remedy: str = ""

    @property
    def told(self) -> dict[str, str]:
        """What became of it, and why there was nothing to strike, as plain data."""
        return {"fault": self.fault, "outcome": self.outcome} | ({"problem": self.problem} if self.problem else {})


def apply_faults(
    draft: Draft,
    faults: Sequence[Fault],
    *,
    attempt: int,
    anatomy: Anatomy,
    dialect: str,
    dice: Callable[[str], Rng],
) -> tuple[Draft, tuple[Applied, ...]]:
    """Return ``draft`` with ``faults`` in it, and what became of each, in the order they were given.

    Raises:
        PlanError: A fault asks for a place that the recording does not have, be it at another attempt.

    """
    scenes = [Scene(anatomy, dice(purpose), dialect) for purpose in _purposes(faults)]
    lacking = [_lacking(fault, scene) for fault, scene in zip(faults, scenes, strict=True)]
    able = [i for i, error in enumerate(lacking) if error is None]
    due = [i for i in able if attempt in faults[i].attempts() and faults[i].strikes(scenes[i])]
    instead = next((i for i in due if faults[i].phase is Phase.INSTEAD), None)
    closing = _closing(due, faults, scenes) if instead is None else None
    if closing is not None:
        cut = faults[closing].offset(scenes[closing])
        scenes = [msgspec.structs.replace(scene, cut=cut) for scene in scenes]
    outcomes = ["missed"] * len(faults)
    draft = _seamed(draft, anatomy, [faults[i].offset(scenes[i]) for i in able])
    for phase, index in _steps(due, faults):
        fault, scene = faults[index], scenes[index]
        reached = _survives(index, instead, fault, draft) if instead is not None else fault.reached(scene)
        if not reached or (fault.closes and index != closing):
            outcomes[index] = "not reached"
            continue
        changed = fitted(draft, (fault.apply if phase is fault.phase else fault.finish)(draft, scene))
        if changed != draft:
            outcomes[index] = "applied"
        draft = changed
    return draft, tuple(map(_applied, faults, outcomes, lacking))


def _lacking(fault: Fault, scene: Scene) -> PlanError | None:
    """Return why a fault finds nothing to strike in this recording, or None where it does.

    Nobody asked it to strike here, so it misses: a recording may hold all kinds of answers.

    Raises:
        PlanError: It was given a place, and the recording does not have it.

    """
    try:
        suited(fault, scene.anatomy)
        fault.check(scene)
    except PlanError as error:
        if fault.placed:
            raise
        return error
    return None


def _applied(fault: Fault, outcome: str, error: PlanError | None) -> Applied:
    why = (error.problem, error.remedy) if error is not None else ()
    return Applied(spell_fault(fault), outcome, *why)


def _steps(due: Sequence[int], faults: Sequence[Fault]) -> list[tuple[Phase, int]]:
    """Return what is done in which order: phase by phase, in each in the order of asking."""
    steps = [(phase, i) for i in due for phase in (faults[i].phase, faults[i].again) if phase is not None]
    return sorted(steps, key=lambda step: step[0])


def _seamed(draft: Draft, anatomy: Anatomy, places: Iterable[int]) -> Draft:
    """Return ``draft`` with its pieces cut at each frame and at each fault's place.

    So these places stay where they are even if the bytes around them are altered.
    """
    return seamed(draft, [*(span.start for span in anatomy.frames), *places])


def _purposes(faults: Sequence[Fault]) -> list[str]:
    """Return what names each fault's random table: its name, and which of that name it is."""
    seen: dict[str, int] = {}
    purposes: list[str] = []
    for fault in faults:
        seen[fault.name()] = nth = seen.get(fault.name(), 0) + 1
        purposes.append(f"fault {fault.name()} {nth}")
    return purposes


def _closing(due: Sequence[int], faults: Sequence[Fault], scenes: Sequence[Scene]) -> int | None:
    """Return which of the faults that strike closes: that with the earliest place, of equals the first asked for."""
    closings = [i for i in due if faults[i].closes]
    return min(closings, key=lambda i: faults[i].offset(scenes[i]), default=None)


def _survives(index: int, instead: int, fault: Fault, draft: Draft) -> bool:
    """Tell whether a fault still has something to work on when fault ``instead`` has replaced the answer.

    What has a place in the recorded body has none; times, head and wire there are, if there still is an answer.
    """
    somewhere = fault.phase < Phase.TIMES or isinstance(fault, Placed)
    return index == instead or (not somewhere and draft.head is not None)
