"""Goals: bounds on what a shape measures. Each stands in its shape's file, next to what it is about."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.rows import Row


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """A bound on a ratio or on a value.

    Attributes:
        says: The goal in words, without its bound.
        metric: What it is about.
        cases: In which cases; the worst of them counts. Empty for all that were measured.
        peers: Against whom; the worst of them counts. Empty for a value of ours, and for all that were measured.
        of: What is bounded: ours ÷ theirs, theirs ÷ ours, our value, or the smallest of theirs.
        least: What it should be at least.
        most: What it should be at most.
        unit: Of the value.
        limit: What limits us and what was tried; told when the goal is missed.

    """

    says: str
    metric: str
    cases: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    of: Literal["ratio", "inverse", "ours", "theirs"] = "ratio"
    least: float | None = None
    most: float | None = None
    unit: str = ""
    limit: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a goal.

    Attributes:
        goal: The goal.
        measured: What was measured; None if nothing was.
        met: Whether that is within the bound; None if nothing was measured.
        missing: Peers that were not measured, and why.

    """

    goal: Goal
    measured: float | None = None
    met: bool | None = None
    missing: str = ""

    @property
    def short(self) -> float | None:
        """How far it is from the bound, as a ratio above 1; None if it is met."""
        bound = self.goal.least if self.goal.least is not None else self.goal.most
        if self.met is not False or not self.measured or not bound:
            return None
        return max(self.measured / bound, bound / self.measured)


def judged(goal: Goal, rows: Sequence[Row]) -> Outcome:
    """Return what became of ``goal`` in ``rows``."""
    wanted = [row for row in rows if row.ours and row.metric.name == goal.metric and _about(goal, row)]
    there = {row.peer for row in wanted}
    missing = "; ".join(f"{peer}: {_reason(peer, goal, rows)}" for peer in goal.peers if peer not in there)
    values = [value for row in wanted if (value := _value(goal, row)) is not None]
    if not values:
        return Outcome(goal=goal, missing=missing)
    measured = _worst(goal, values)
    met = (goal.least is None or measured >= goal.least) and (goal.most is None or measured <= goal.most)
    return Outcome(goal=goal, measured=measured, met=met, missing=missing)


def _about(goal: Goal, row: Row) -> bool:
    return (not goal.cases or row.case in goal.cases) and (not goal.peers or row.peer in goal.peers)


def _value(goal: Goal, row: Row) -> float | None:
    if goal.of == "ours":
        return _worst(goal, row.ours) if row.metric.low is not None or row.metric.strict else median(row.ours)
    if goal.of == "theirs":
        return median(row.theirs)
    ratio = row.ratio
    return ratio if goal.of == "ratio" or not ratio else 1 / ratio


def _worst(goal: Goal, values: Sequence[float]) -> float:
    return max(values) if goal.most is not None else min(values)


def _reason(peer: str, goal: Goal, rows: Sequence[Row]) -> str:
    told = (row.skipped for row in rows if row.peer == peer and row.skipped and _about(goal, row))
    return next(told, "not measured")
