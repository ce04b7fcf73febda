"""Times only: when each step is due. Bytes and boundaries stay what they were.

The laws: step order is kept; what comes before the first content scales in proportion, what lies between two content
chunks keeps its place between them, what follows the last keeps its distance; jitter moves each time on its own, never
before its predecessor and never accumulating; speed divides all times, last.
"""

from __future__ import annotations

from itertools import islice, pairwise, repeat
from typing import TYPE_CHECKING, Literal

import msgspec

from streamsim.errors import PlanError
from streamsim.plan.distribution import Distribution
from streamsim.units import format_duration
from streamsim.wire import Hang, Head, Send, Step
from streamsim.wire.steps import Unfolding, packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from streamsim.rng import Rng
    from streamsim.wire import Timeline

    Dice = Callable[[str], Rng]

# Gaps that are drawn at once.
TOGETHER = 1024


class Pacing(msgspec.Struct, frozen=True, kw_only=True, repr_omit_defaults=True):
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
    last = timeline[-1].action
    if isinstance(last, Hang) and last.for_ns is not None:
        last = Hang(_divided(last.for_ns, pacing.speed))
    times = packed(lambda: _times(timeline, content, pacing, dice))
    if isinstance(timeline, Unfolding):
        return timeline.retimed(times, last)
    steps = [Step(at_ns, step.action, step.origin) for step, at_ns in zip(timeline, times, strict=True)]
    steps[-1] = Step(times[-1], last, timeline[-1].origin)
    return tuple(steps)


def _times(timeline: Timeline, content: Sequence[int], pacing: Pacing, dice: Dice) -> Iterable[int]:
    """Yield the new times: each goes from one rule to the next, so none of them holds more than it looks ahead."""
    times: Iterator[int] = repeat(0, len(timeline)) if pacing.mode == "instant" else _recorded(timeline)
    head = next((i for i, step in enumerate(timeline) if isinstance(step.action, Head)), None)
    if pacing.ttfb is not None and head is not None:
        times = _shifted(times, head, pacing.ttfb.draw(dice("ttfb"), 0))
    if pacing.ttft is not None and content:
        fixed = head if pacing.ttfb is not None else None
        times = _scaled_to_first(times, content[0], pacing.ttft.draw(dice("ttft"), 0), fixed)
    if pacing.itl is not None and content:
        times = _respaced(times, content, pacing.itl, dice("itl"))
    if pacing.jitter is not None:
        times = _jittered(times, timeline, pacing.jitter, dice("jitter"))
    return times if pacing.speed == (1, 1) else (_divided(ns, pacing.speed) for ns in times)


def _recorded(timeline: Timeline) -> Iterator[int]:
    return iter(timeline.times) if isinstance(timeline, Unfolding) else iter([step.at_ns for step in timeline])


def _divided(ns: int, speed: tuple[int, int]) -> int:
    return ns * speed[1] // speed[0]


def _shifted(times: Iterator[int], first: int, at_ns: int) -> Iterator[int]:
    """Move step ``first`` to ``at_ns``, and all that follows along."""
    yield from islice(times, first)
    by_ns = 0
    for nth, ns in enumerate(times):
        by_ns = by_ns if nth else at_ns - ns
        yield ns + by_ns


def _scaled_to_first(times: Iterator[int], first: int, ttft_ns: int, head: int | None) -> Iterator[int]:
    """Move the first content to ``ttft_ns`` and what precedes it in proportion, from the request or a fixed head on."""
    before = list(islice(times, first + 1))
    start_ns = 0 if head is None else before[head]
    if ttft_ns < start_ns:
        early, late = format_duration(ttft_ns), format_duration(start_ns)
        problem = f"the first content at {early} would precede the head at {late}"
        raise PlanError("ttft", problem, "raise ttft or lower ttfb")
    fixed = 0 if head is None else head + 1
    yield from before[:fixed]
    old_ns, new_ns = before[-1] - start_ns, ttft_ns - start_ns
    for ns in before[fixed:-1]:
        yield start_ns + ((ns - start_ns) * new_ns // old_ns if old_ns else 0)
    yield ttft_ns
    by_ns = ttft_ns - before[-1]
    yield from (ns + by_ns for ns in times)


def _respaced(times: Iterator[int], content: Sequence[int], itl: Distribution, rng: Rng) -> Iterator[int]:
    """Set the gaps between content steps; steps between two of them keep their relative place."""
    yield from islice(times, content[0])
    old_ns = new_ns = next(times)
    yield new_ns
    for (left, right), gap_ns in zip(pairwise(content), _gaps(itl, rng, len(content) - 1), strict=True):
        if right > left + 1:
            between = list(islice(times, right - left - 1))
            then_ns = next(times)
            span_ns = then_ns - old_ns
            yield from [new_ns + ((ns - old_ns) * gap_ns // span_ns if span_ns else 0) for ns in between]
            old_ns = then_ns
        else:
            old_ns = next(times)
        new_ns += gap_ns
        yield new_ns
    by_ns = new_ns - old_ns
    yield from (ns + by_ns for ns in times)


def _gaps(itl: Distribution, rng: Rng, count: int) -> Iterator[int]:
    """Yield draws 1 and the next, ``count`` in all, drawn some together."""
    for first in range(1, count + 1, TOGETHER):
        yield from itl.drawn(rng, first, min(TOGETHER, count + 1 - first))


def _jittered(times: Iterator[int], timeline: Timeline, jitter: Distribution, rng: Rng) -> Iterator[int]:
    """Move each body step from where it was due, so that no jitter adds to another's."""
    before_ns = 0
    for index, (due_ns, step) in enumerate(zip(times, timeline, strict=True)):
        by_ns = 0
        if isinstance(step.action, Send):
            by_ns = _offset(jitter, rng, step.origin if step.origin >= 0 else index)
        before_ns = max(before_ns, due_ns + by_ns)
        yield before_ns


def _offset(jitter: Distribution, rng: Rng, nth: int) -> int:
    """Return how far to move.

    A fixed duration spreads evenly to both sides; a distribution is drawn, and gets a random sign.
    """
    if jitter.kind == "fixed":
        return rng.between(2 * nth, -jitter.first_ns, jitter.first_ns)
    size_ns = jitter.draw(rng, 2 * nth)
    return size_ns if rng.hits(2 * nth + 1, 1, 2) else -size_ns
