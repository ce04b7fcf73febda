"""Time: the same shape in several sizes.

Law: two points are noise. A shape is made four times as large until that takes long enough to be measured; its time is
quadratic if four times the size took eight times as long or more, and does so again. What counts is the time that the
target was at work, for a busy machine makes any parser wait. What is delivered has to be right at every size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamsim.conformance.finding import Finding
from streamsim.conformance.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamsim.conformance.policy import Policy
    from streamsim.conformance.reading import Reading, Target
    from streamsim.conformance.shapes import Shape

SIZES: Final = (16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20)
"""Each four times the one before; lines of more than 1 MiB are among them."""
LEAST: Final = 1 << 20
"""So large a value is read in any case, unless that takes too long; and of anything else nothing larger."""
ENOUGH_S: Final = 0.25
"""A measurement that takes this long is no noise."""
TOO_LONG_S: Final = 1.0
_WORTH_S: Final = 0.05
_FEW: Final = 3
"""Units of a shape: what is wrong there, too, has other causes than size, and smaller examples."""
_TIMES: Final = 3
"""So often it is measured before it is believed; the shortest time counts."""


def scaling(
    target: Target,
    policy: Policy,
    looks_at: Callable[[str], bool],
    broken: Callable[[frozenset[str]], bool] = lambda _: False,
    over: Callable[[], bool] = lambda: False,
) -> Iterator[Finding]:
    """Yield what is wrong with large streams, until time is ``over``.

    What is known to take too long is not asked again in other shapes that hold it.
    """
    told: set[str] = set()
    least_s = _least_s(target, policy) if looks_at("linear-time") else 0.0
    shapes = [shape for each in SHAPES if (shape := each.holding(policy)) is not None]
    for shape in shapes if looks_at("linear-time") else ():
        if over():
            return
        if shape.presumes & told or broken(shape.needs) or (shape.chunk and not target.cuts):
            continue
        finding = _of_size(target, shape, least_s, over)
        if finding is None:
            continue
        cause = finding.features[-1]
        if looks_at(finding.rule) and cause not in told:
            yield finding
        told.add(cause)


def _of_size(target: Target, shape: Shape, least_s: float, over: Callable[[], bool]) -> Finding | None:
    """Return what is wrong with ``shape``."""
    times: dict[int, float] = {}
    few = len(shape.unit) * _FEW
    if _wrong(target.read(shape.chunks(few)), shape, few) is not None:
        return None  # size is not the point
    for size in SIZES:
        if over():
            break
        times[size], reading = _measured(target, shape, size, least_s)
        wrong = _wrong(reading, shape, size)
        grows = _grows(times)
        if wrong is not None:
            return _too_long(shape, times) if reading.hung and grows else wrong
        if grows:
            again = {
                each: min(_measured(target, shape, each, least_s)[0] for _ in range(_TIMES))
                for each in (size // 4, size)
            }
            return _too_long(shape, again) if _grows(again) else None
        if times[size] >= _enough_s(shape, size):
            break
    return None


def _enough_s(shape: Shape, size: int) -> float:
    """Return the time at which no larger size is tried: values are long in earnest, and who has many small things?"""
    if shape.holds != "text":
        return ENOUGH_S if size < LEAST else 0.0
    return TOO_LONG_S if size < LEAST else ENOUGH_S


def _too_long(shape: Shape, times: dict[int, float]) -> Finding:
    size = max(times)
    before, then = times[size // 4], times[size]
    what = f"{size // 4} bytes take {before:.3f} s, {size} bytes {then:.3f} s: {then / before:.0f} times as long"
    return _finding("linear-time", shape.cause, what, shape, size)


def _grows(times: dict[int, float]) -> bool:
    """Tell whether the time grew too fast from the last size but one to the last, and is no noise."""
    size = max(times)
    return size // 4 in times and times[size] >= max(_WORTH_S, 8 * times[size // 4])


def _measured(target: Target, shape: Shape, size: int, least_s: float) -> tuple[float, Reading]:
    """Return how much more than the least it took, but no time so short that it says nothing, and what was read."""
    took_s, reading = _took_s(target, shape.chunks(size))
    return max(took_s - least_s, least_s / 4), reading


def _least_s(target: Target, policy: Policy) -> float:
    """Return what even the simplest stream takes, such as starting a process."""
    return min(_took_s(target, [policy.simplest])[0] for _ in range(_TIMES))


def _took_s(target: Target, chunks: list[bytes]) -> tuple[float, Reading]:
    began_s = target.at_work_s()
    reading = target.read(chunks)
    return target.at_work_s() - began_s, reading


def _wrong(reading: Reading, shape: Shape, size: int) -> Finding | None:
    if reading.hung:
        return _finding("no-hang", "size", "did not end in time", shape, size)
    if reading.error:
        return _finding("no-crash", reading.error.partition(":")[0], f"raised {reading.error[:200]}", shape, size)
    count, characters = len(reading.events), sum(len(each.data) for each in reading.events)
    events, text = shape.right(size)
    if count == events and text <= characters <= text + size // len(shape.unit):
        return None
    what = f"gave {count} events of {characters} characters instead of {events} of {text}"
    return _finding("fields", "size", what, shape, size)


def _finding(rule: str, cause: str, what: str, shape: Shape, size: int) -> Finding:
    return Finding(rule=rule, features=(cause,), label="bug", what=what, shape=shape.name, size=size)
