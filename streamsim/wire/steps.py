"""Steps, and timelines of a million of them that take little room.

Laws: a timeline is a sequence that does not change, whoever goes through it, and equal to any other of equal steps. One
that is `Unfolding` holds when each step is due and from what it is made, and makes the steps for whoever asks.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise, repeat
from typing import Any, TypeAlias, cast, overload

import msgspec

from streamsim.wire.actions import Action


class Step(msgspec.Struct, frozen=True, gc=False):
    """One action, the nanosecond since the request at which it is due, and where it comes from.

    ``origin`` is the index of the recorded chunk that the action carries, or -1.
    """

    at_ns: int
    action: Action
    origin: int = -1


Timeline: TypeAlias = Sequence[Step]


class Unfolding(Sequence[Step]):
    """A timeline of what comes before a recorded body, a step for each of its chunks, and what comes after.

    Attributes:
        times: When each step is due, in ns.
        before: How many steps come before the body.

    """

    __slots__ = ("_after", "_before", "_body", "_made", "before", "times")

    def __init__(
        self,
        times: Sequence[int],
        before: Sequence[Action],
        body: Sequence[Any],
        made: Callable[[Any], Action],
        after: Sequence[Action],
    ) -> None:
        """Make a timeline of all that is given; ``made`` makes of a part of the ``body`` the action that sends it."""
        self.times = times
        self.before = len(before)
        self._before = before
        self._body = body
        self._made = made
        self._after = after

    def retimed(self, times: Sequence[int], last: Action) -> Unfolding:
        """Return the same steps at other times, and with another last action."""
        return Unfolding(times, self._before, self._body, self._made, (*self._after[:-1], last))

    def with_heads(self, change: Callable[[Action], Action]) -> Unfolding:
        """Return the same with other actions before the body."""
        return Unfolding(self.times, list(map(change, self._before)), self._body, self._made, self._after)

    def telling(self) -> Iterator[tuple[int, Step]]:
        """Yield place and step of what tells the order of all: what is around the body, and its first and last step.

        Whatever is made of the body only sends bytes.
        """
        size = len(self)
        first, last = self.before, size - len(self._after) - 1
        places = (*range(min(first + 1, size)), *range(max(first + 1, last), size))
        return zip(places, map(self._step, places), strict=True)

    @property
    def ordered(self) -> bool:
        """Whether no step is due before the one that precedes it."""
        return self.times[0] >= 0 and all(earlier <= later for earlier, later in pairwise(self.times))

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.times)

    def __iter__(self) -> Iterator[Step]:
        """Yield the steps, each made now."""
        actions = chain(self._before, map(self._made, self._body), self._after)
        origins = chain(repeat(-1, self.before), range(len(self._body)), repeat(-1))
        return map(Step, self.times, actions, origins)

    @overload
    def __getitem__(self, which: int) -> Step: ...

    @overload
    def __getitem__(self, which: slice) -> tuple[Step, ...]: ...

    def __getitem__(self, which: int | slice) -> Step | tuple[Step, ...]:
        """Return one step, or several."""
        places = range(len(self.times))[which]
        return self._step(places) if isinstance(places, int) else tuple(map(self._step, places))

    def _step(self, place: int) -> Step:
        origin = place - self.before
        if origin < 0:
            return Step(self.times[place], self._before[place])
        if origin < len(self._body):
            return Step(self.times[place], self._made(self._body[origin]), origin)
        return Step(self.times[place], self._after[origin - len(self._body)])

    def __eq__(self, other: object) -> bool:
        """Tell whether ``other`` is a timeline of equal steps."""
        if not isinstance(other, Unfolding | tuple):
            return NotImplemented
        steps = cast("Timeline", other)
        return len(self) == len(steps) and all(mine == theirs for mine, theirs in zip(self, steps, strict=True))

    def __hash__(self) -> int:
        """Return the hash of the tuple of its steps, which is equal to it."""
        return hash(tuple(self))

    def __repr__(self) -> str:
        """Return what the tuple of its first steps says, and how many there are."""
        some = ", ".join(map(repr, islice(self, 3)))
        return f"<{len(self)} steps: {some}, …>"


def telling(timeline: Timeline) -> Iterable[tuple[int, Step]]:
    """Return place and step of all that may be anything but the sending of bytes."""
    return timeline.telling() if isinstance(timeline, Unfolding) else enumerate(timeline)


def with_heads(timeline: Timeline, change: Callable[[Action], Action]) -> Timeline:
    """Return ``timeline`` with ``change`` made to its heads; it leaves other actions as they are."""
    if isinstance(timeline, Unfolding):
        return timeline.with_heads(change)
    return tuple([Step(step.at_ns, change(step.action), step.origin) for step in timeline])


def packed(numbers: Callable[[], Iterable[int]]) -> Sequence[int]:
    """Return the numbers that ``numbers()`` gives in eight bytes each; where one has no room there, as they come."""
    try:
        return array("q", numbers())
    except OverflowError:
        return tuple(numbers())
