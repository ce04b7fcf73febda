"""Times only: when each step is due. Bytes and boundaries stay what they were.

The laws: step order is kept; what comes before the first content scales in proportion, what lies between two content
chunks keeps its place between them, what follows the last keeps its distance; jitter moves each time on its own, never
before its predecessor and never accumulating; speed divides all times, last.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import msgspec

from streamsim.errors import PlanError
from streamsim.plan.distribution import Distribution
from streamsim.units import format_duration
from streamsim.wire import Action, Hang, Head, Send, Step, Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamsim.rng import Rng

    Dice = Callable[[str], Rng]


class Pacing(msgspec.Struct, frozen=True, kw_only=True):
    """How to re-time a timeline; None keeps what was recorded.

    Attributes:
        mode: ``recorded`` keeps the recorded times, ``instant`` sets all to 0, before the rest applies.
        ttfb: Request to first response byte; everything after it moves along.
        ttft: Request to first content.
        itl: Gap between successive content chunks; each is drawn on its own.
        jitter: How far each body chunk may move, both ways; a fixed duration means uniform up to it.
        speed: Twice as fast is 2.

    """

    mode: Literal["recorded", "instant"] = "recorded"
    ttfb: Distribution | None = None
    ttft: Distribution | None = None
    itl: Distribution | None = None
    jitter: Distribution | None = None
    speed: tuple[int, int] = (1, 1)


def pace(timeline: Timeline, content: Sequence[int], pacing: Pacing, dice: Dice) -> Timeline:
    """Return ``timeline`` with new times.

    Args:
        timeline: What to re-time.
        content: Indices of the steps that complete a content event, in order.
        pacing: What to do.
        dice: Gives the random table of a purpose.

    Raises:
        PlanError: The first content would come before the head.

    """
    if pacing == Pacing():
        return timeline
    times = [0] * len(timeline) if pacing.mode == "instant" else [step.at_ns for step in timeline]
    head = next((i for i, step in enumerate(timeline) if isinstance(step.action, Head)), None)
    if pacing.ttfb is not None and head is not None:
        _shift(times, head, pacing.ttfb.draw(dice("ttfb"), 0) - times[head])
    if pacing.ttft is not None and content:
        _scale_to_first(times, content[0], pacing.ttft.draw(dice("ttft"), 0), head if pacing.ttfb else None)
    if pacing.itl is not None and content:
        _respace(times, content, pacing.itl, dice("itl"))
    if pacing.jitter is not None:
        _jitter(times, timeline, pacing.jitter, dice("jitter"))
    moved = zip(timeline, times, strict=True)
    timeline = tuple([step if step.at_ns == at_ns else Step(at_ns, step.action, step.origin) for step, at_ns in moved])
    return timeline if pacing.speed == (1, 1) else _faster(timeline, Fraction(*pacing.speed))


def _shift(times: list[int], start: int, by_ns: int) -> None:
    for index in range(start, len(times)):
        times[index] += by_ns


def _scale_to_first(times: list[int], first: int, ttft_ns: int, head: int | None) -> None:
    """Move the first content to ``ttft_ns`` and what precedes it in proportion, from the request or a fixed head on."""
    start_ns = 0 if head is None else times[head]
    if ttft_ns < start_ns:
        early, late = format_duration(ttft_ns), format_duration(start_ns)
        problem = f"the first content at {early} would precede the head at {late}"
        raise PlanError("ttft", problem, "raise ttft or lower ttfb")
    old_ns = times[first] - start_ns
    new_ns = ttft_ns - start_ns
    for index in range(0 if head is None else head + 1, first):
        times[index] = start_ns + ((times[index] - start_ns) * new_ns // old_ns if old_ns else 0)
    _shift(times, first, ttft_ns - times[first])


def _respace(times: list[int], content: Sequence[int], itl: Distribution, rng: Rng) -> None:
    """Set the gaps between content steps; steps between two of them keep their relative place."""
    old = times.copy()
    for (left, right), gap_ns in zip(pairwise(content), itl.drawn(rng, 1, len(content) - 1), strict=True):
        if right > left + 1:
            span_ns = old[right] - old[left]
            for index in range(left + 1, right):
                times[index] = times[left] + ((old[index] - old[left]) * gap_ns // span_ns if span_ns else 0)
        times[right] = times[left] + gap_ns
    last = content[-1]
    for index in range(last + 1, len(times)):
        times[index] = times[last] + old[index] - old[last]


def _jitter(times: list[int], timeline: Timeline, jitter: Distribution, rng: Rng) -> None:
    """Move each body step from where it was due, so that no jitter adds to another's."""
    before_ns = 0
    for index, step in enumerate(timeline):
        due_ns = times[index]
        if isinstance(step.action, Send):
            due_ns += _offset(jitter, rng, step.origin if step.origin >= 0 else index)
        before_ns = times[index] = max(before_ns, due_ns)


def _offset(jitter: Distribution, rng: Rng, nth: int) -> int:
    """Return how far to move.

    A fixed duration spreads evenly to both sides; a distribution is drawn, and gets a random sign.
    """
    if jitter.kind == "fixed":
        return rng.between(2 * nth, -jitter.first_ns, jitter.first_ns)
    size_ns = jitter.draw(rng, 2 * nth)
    return size_ns if rng.hits(2 * nth + 1, 1, 2) else -size_ns


def _faster(timeline: Timeline, speed: Fraction) -> Timeline:
    """Divide all times: those of the steps, and that of a hang."""

    def divided(ns: int) -> int:
        return ns * speed.denominator // speed.numerator

    def action(step: Step) -> Action:
        hang = step.action
        return Hang(divided(hang.for_ns)) if isinstance(hang, Hang) and hang.for_ns is not None else hang

    return tuple([Step(divided(step.at_ns), action(step), step.origin) for step in timeline])
