"""Small workloads for replicas, drawn and played."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from streamsim.plan.distribution import fixed
from streamsim.traffic.model import NO_LOAD, Load, reloaded
from streamsim.traffic.replica import Replica, Stream
from streamsim.traffic.speed import Speed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MS = 1_000_000
ITL = fixed(20 * MS)


class Asked(NamedTuple):
    """A request: when it comes, what its prompt takes alone, and when its steps are due."""

    arrive_ns: int
    prefill_ns: int
    ats: tuple[int, ...]


def load(**texts: str) -> Load:
    """Return the load that ``texts`` spell."""
    return reloaded(NO_LOAD, texts, where="--")


def replica(**texts: str) -> Replica:
    """Return a replica with an ITL of 20 ms."""
    spelt = load(**texts)
    return Replica(spelt, Speed(spelt, ITL))


def play(one: Replica, asked: Sequence[Asked], looks: Iterable[int] = ()) -> list[Stream]:
    """Have ``asked`` come in their order, let all be played to the end, and look at ``looks`` too."""
    streams = [Stream(0, each.prefill_ns, each.ats) for each in asked]
    moments = sorted([*((at_ns, -1) for at_ns in looks), *((each.arrive_ns, nth) for nth, each in enumerate(asked))])
    for at_ns, nth in moments:
        one.advance(at_ns)
        if nth >= 0:
            one.arrive(streams[nth], at_ns)
    while one.next_ns is not None:
        one.advance(one.next_ns)
    return streams


ns = st.one_of(st.integers(0, 200 * MS), st.integers(0, 10).map(lambda tens: tens * 10 * MS))


@st.composite
def workloads(draw: st.DrawFn, most: int = 6) -> list[Asked]:
    """Draw up to ``most`` requests in the order in which they come."""
    arrivals = sorted(draw(st.lists(ns, min_size=1, max_size=most)))
    steps = st.lists(ns, min_size=1, max_size=5).map(sorted)
    return [Asked(at_ns, draw(ns), tuple(draw(steps))) for at_ns in arrivals]


settings = st.fixed_dictionaries(
    {},
    optional={
        "max_concurrency": st.sampled_from(["1", "2", "3", "5"]),
        "itl_per_stream": st.sampled_from(["1ms", "7ms", "20ms", "333us"]),
        "prefill": st.sampled_from(["shared", "each"]),
        "batch_size": st.sampled_from(["1", "2", "3"]),
    },
)
