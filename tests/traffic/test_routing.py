from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from streamsim.traffic.replica import Stream
from streamsim.traffic.routing import router
from tests.traffic.workloads import replica


def test_each_in_its_turn() -> None:
    """Round-robin goes round."""
    route = router("round-robin", [replica() for _ in range(3)], 0)
    assert [route.choose(nth) for nth in range(7)] == [0, 1, 2, 0, 1, 2, 0]


def test_whoever_has_the_fewest_streams() -> None:
    """Those that run and those that wait count alike; of equals the first is taken."""
    replicas = [replica(max_concurrency="1") for _ in range(3)]
    route = router("least-busy", replicas, 0)
    taken = []
    for nth in range(5):
        taken.append(route.choose(nth))
        replicas[taken[-1]].arrive(Stream(0, 0, (100,)), 0)
        route.changed(taken[-1])
    assert taken == [0, 1, 2, 0, 1]


@given(st.integers(1, 9), st.lists(st.tuples(st.booleans(), st.integers(0, 8)), max_size=60))
def test_the_fewest_are_known_after_any_changes(count: int, changes: list[tuple[bool, int]]) -> None:
    """Whoever comes and goes where, it is the first of those that a look at all of them finds."""
    replicas = [replica(max_concurrency="2") for _ in range(count)]
    route = router("least-busy", replicas, 0)
    streams: list[list[Stream]] = [[] for _ in replicas]
    for comes, place in changes:
        index = place % count
        if comes:
            streams[index].append(Stream(0, 0, (100,)))
            replicas[index].arrive(streams[index][-1], 0)
        elif streams[index]:
            replicas[index].leave(streams[index].pop(), 0)
        route.changed(index)
        busy = [one.running + one.waiting for one in replicas]
        assert route.choose(0) == busy.index(min(busy))


def test_anyone_by_seed() -> None:
    """Random goes evenly to all, the same with the same seed."""
    replicas = [replica() for _ in range(4)]
    first, again, other = (router("random", replicas, seed) for seed in (1, 1, 2))
    taken = [first.choose(nth) for nth in range(2000)]
    assert all(abs(count - 500) < 100 for count in Counter(taken).values())
    assert [again.choose(nth) for nth in range(2000)] == taken != [other.choose(nth) for nth in range(2000)]
