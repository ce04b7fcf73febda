"""A cluster under load, event by event: replicas, a router, and who asks.

Law: the result depends on cluster, workload and seed alone. Events are handled in the order of time; at one instant
what replicas do comes before who arrives, replicas come in their order, and requests in theirs.
"""

from __future__ import annotations

from array import array
from heapq import heappop, heappush, heapreplace
from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.errors import UsageError
from streamsim.traffic.model import NO_LOAD, Load
from streamsim.traffic.replica import Replica, Stream
from streamsim.traffic.routing import Policy, router
from streamsim.traffic.speed import Speed
from streamsim.traffic.workload import Draws

if TYPE_CHECKING:
    from streamsim.traffic.workload import Workload

NEVER: Final = -1
"""The time of what did not happen."""


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """So many replicas that are alike, and who sends requests to which."""

    replicas: int = 1
    load: Load = NO_LOAD
    policy: Policy = "least-busy"


class Times:
    """When what happened to each request, in ns since the beginning; `NEVER` where it did not.

    Attributes:
        arrived, admitted, first, ended: It came, got a place, had its first token, had its last.
        tokens: How long its answer is.

    """

    __slots__ = ("admitted", "arrived", "ended", "first", "tokens")

    def __init__(self, requests: int) -> None:
        nothing = array("q", [NEVER]) * requests
        self.arrived = nothing[:]
        self.admitted = nothing[:]
        self.first = nothing[:]
        self.ended = nothing[:]
        self.tokens = nothing[:]


class _Request(Stream):
    """A request with its number."""

    __slots__ = ("nth",)

    def __init__(self, nth: int, prompt: int, prefill_ns: int, ats: tuple[int, ...]) -> None:
        super().__init__(prompt, prefill_ns, ats)
        self.nth = nth


def simulate(cluster: Cluster, workload: Workload, seed: int) -> Times:
    """Return when what happened to each request.

    Raises:
        UsageError: The load needs an ITL, and the workload has none; or the clock, of 64 bits, comes to its end.

    """
    one = _Simulation(cluster, workload, seed)
    try:
        return one.run()
    except OverflowError as error:
        problem = f"by request {one.asked} the clock comes to its end, 292 years after its beginning"
        raise UsageError("simulate", problem, "raise the rates, or ask for fewer or shorter answers") from error


class _Simulation:
    """One run."""

    def __init__(self, cluster: Cluster, workload: Workload, seed: int) -> None:
        load = cluster.load
        speed = Speed(load, workload.itl)
        self._load = load
        self._replicas = [Replica(load, speed) for _ in range(cluster.replicas)]
        self._router = router(cluster.policy, self._replicas, seed)
        draws = Draws(workload, seed)
        self._answers = draws.answers()
        self._overheads = draws.overheads(load.prefill_overhead)
        self._arrivals = draws.arrivals()
        self._users = workload.users > 0 and not workload.trace
        self._thoughts = draws.thoughts()
        self._requests = len(workload.trace) or workload.requests
        self.asked = 0
        self._coming: list[int] = []  # a heap of arrivals: the next one, or that of each user
        self._places: list[tuple[int, int]] = []  # a heap of replicas, by when they have to do something
        self._placed: list[int | None] = [None] * cluster.replicas
        self.times = Times(self._requests)

    def run(self) -> Times:
        """Play all of it."""
        self._begin()
        coming, places = self._coming, self._places
        while coming or places:
            if places and (not coming or places[0][0] <= coming[0]):
                self._work()
            else:
                self._arrive(heappop(coming))
        return self.times

    def _begin(self) -> None:
        if not self._users:
            self._next_arrival()
            return
        self._coming.extend(self._arrivals)
        for _ in self._coming:  # what users thought before their first requests
            next(self._thoughts)

    def _next_arrival(self) -> None:
        at_ns = next(self._arrivals, None)
        if at_ns is not None:
            heappush(self._coming, at_ns)

    def _work(self) -> None:
        """Let the replica that is next do what is due."""
        at_ns, index = self._places[0]
        if self._placed[index] != at_ns:
            heappop(self._places)  # another place has become its own
            return
        replica = self._replicas[index]
        for stream in replica.advance(at_ns):
            if stream.state == "done":
                self._done(stream)
                self._router.changed(index)
        next_ns = self._placed[index] = replica.next_ns
        if next_ns is None:
            heappop(self._places)
        else:
            heapreplace(self._places, (next_ns, index))

    def _arrive(self, at_ns: int) -> None:
        nth = self.asked
        self.asked += 1
        if not self._users:
            self._next_arrival()
        elif nth >= self._requests:
            return
        prompt, output, ats = next(self._answers)
        stream = _Request(nth, prompt, self._load.prefill_ns(prompt, next(self._overheads)), ats)
        times = self.times
        times.arrived[nth], times.tokens[nth] = at_ns, output
        index = self._router.choose(nth)
        replica = self._replicas[index]
        if not replica.arrive(stream, at_ns):
            self._ask_again(at_ns)
            return
        for done in replica.advance(at_ns):
            if done.state == "done":
                self._done(done)
        self._router.changed(index)
        next_ns, placed_ns = replica.next_ns, self._placed[index]
        if next_ns is not None and (placed_ns is None or next_ns < placed_ns):
            self._placed[index] = next_ns
            heappush(self._places, (next_ns, index))

    def _done(self, stream: Stream) -> None:
        """Write down what became of a request; its user thinks about it."""
        assert isinstance(stream, _Request)  # noqa: S101 - there are no others
        nth, times = stream.nth, self.times
        admitted_ns = stream.admitted_ns
        assert admitted_ns is not None  # noqa: S101 - it is done
        ended_ns = stream.dues[-1]
        times.admitted[nth], times.first[nth], times.ended[nth] = admitted_ns, stream.dues[0], ended_ns
        if self._users:
            self._ask_again(ended_ns)

    def _ask_again(self, at_ns: int) -> None:
        if self._users:
            heappush(self._coming, at_ns + next(self._thoughts))
