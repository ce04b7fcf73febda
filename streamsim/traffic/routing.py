"""Which replica a request goes to.

Law: a router knows how many streams run and wait where, and nothing of what they will take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from streamsim.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.traffic.replica import Replica

Policy: TypeAlias = Literal["round-robin", "least-busy", "random"]


class Router(Protocol):
    """Tells where requests go."""

    def choose(self, nth: int) -> int:
        """Return the number of the replica that the nth request goes to."""
        ...

    def changed(self, index: int) -> None:
        """Be told that more or fewer streams than before run or wait at the replica ``index``."""
        ...


def router(policy: Policy, replicas: Sequence[Replica], seed: int) -> Router:
    """Return the router of that policy."""
    if policy == "round-robin":
        return _RoundRobin(len(replicas))
    return _LeastBusy(replicas) if policy == "least-busy" else _Random(len(replicas), seed)


class _RoundRobin:
    def __init__(self, count: int) -> None:
        self._count = count

    def choose(self, nth: int) -> int:
        return nth % self._count

    def changed(self, index: int) -> None:
        """Whoever's turn it is has it, however busy."""


class _Random:
    def __init__(self, count: int, seed: int) -> None:
        self._count = count
        self._rng = Rng(seed, "simulate", "router")

    def choose(self, nth: int) -> int:
        return self._rng.below(nth, self._count)

    def changed(self, index: int) -> None:
        """Chance knows nobody."""


class _LeastBusy:
    """The one with the fewest streams; of equal ones the first.

    For each number of streams the replicas that have so many are the bits of one integer, of which the lowest is the
    first of them: to look at all replicas is to look at one integer.
    """

    def __init__(self, replicas: Sequence[Replica]) -> None:
        self._replicas = replicas
        self._busy = [0] * len(replicas)
        self._having = [(1 << len(replicas)) - 1]
        self._least = 0

    def choose(self, nth: int) -> int:  # noqa: ARG002 - whichever it is
        having = self._having[self._least]
        return (having & -having).bit_length() - 1

    def changed(self, index: int) -> None:
        replica, having, before = self._replicas[index], self._having, self._busy[index]
        self._busy[index] = now = replica.running + replica.waiting
        while now >= len(having):
            having.append(0)
        bit = 1 << index
        having[before] ^= bit
        having[now] ^= bit
        self._least = min(self._least, now)
        while not having[self._least]:
            self._least += 1
