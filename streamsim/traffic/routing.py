"""Which replica a request goes to.

Law: a router knows how many streams run and wait where, and nothing of what they will take.
"""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Literal, TypeAlias

from streamsim.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamsim.traffic.replica import Replica

Policy: TypeAlias = Literal["round-robin", "least-busy", "random"]


def router(policy: Policy, replicas: Sequence[Replica], seed: int) -> Callable[[int], int]:
    """Return what tells, for the nth request, the number of its replica."""
    if policy == "round-robin":
        turns = cycle(range(len(replicas)))
        return lambda _: next(turns)
    if policy == "random":
        rng = Rng(seed, "simulate", "router")
        return lambda nth: rng.below(nth, len(replicas))
    return lambda _: _least_busy(replicas)


def _least_busy(replicas: Sequence[Replica]) -> int:
    """Return the one with the fewest streams; of equal ones the first."""
    busy = [replica.running + replica.waiting for replica in replicas]
    return busy.index(min(busy))
