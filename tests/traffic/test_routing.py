from __future__ import annotations

from collections import Counter

from streamsim.traffic.replica import Stream
from streamsim.traffic.routing import router
from tests.traffic.workloads import replica


def test_each_in_its_turn() -> None:
    """Round-robin goes round."""
    route = router("round-robin", [replica() for _ in range(3)], 0)
    assert [route(nth) for nth in range(7)] == [0, 1, 2, 0, 1, 2, 0]


def test_whoever_has_the_fewest_streams() -> None:
    """Those that run and those that wait count alike; of equals the first is taken."""
    replicas = [replica(max_concurrency="1") for _ in range(3)]
    route = router("least-busy", replicas, 0)
    taken = []
    for nth in range(5):
        taken.append(route(nth))
        replicas[taken[-1]].arrive(Stream(0, 0, (100,)), 0)
    assert taken == [0, 1, 2, 0, 1]


def test_anyone_by_seed() -> None:
    """Random goes evenly to all, the same with the same seed."""
    replicas = [replica() for _ in range(4)]
    first, again, other = (router("random", replicas, seed) for seed in (1, 1, 2))
    taken = [first(nth) for nth in range(2000)]
    assert all(abs(count - 500) < 100 for count in Counter(taken).values())
    assert [again(nth) for nth in range(2000)] == taken != [other(nth) for nth in range(2000)]
