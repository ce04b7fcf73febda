from __future__ import annotations

import os
import subprocess
import sys
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.clock.core import VirtualClock
from streamsim.engine.core import Engine, Settings
from streamsim.errors import UsageError
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile, repaced
from streamsim.shells.memory import MemoryClient
from streamsim.traffic.outcome import digest
from streamsim.traffic.simulation import NEVER, Cluster, Times, simulate
from streamsim.traffic.tokens import parse_tokens
from streamsim.traffic.workload import Asked, Draws, Workload
from tests.builders import exchange, recording
from tests.repo.tree import ROOT
from tests.shells.raw import request
from tests.traffic.known import BUSY, CLUSTER, DIGEST, LOAD
from tests.traffic.workloads import load

if TYPE_CHECKING:
    from streamsim.traffic.routing import Policy

MS = 1_000_000
S = 1000 * MS


def test_the_digest_is_known() -> None:
    """The same cluster, workload and seed give the same times, on every machine and Python."""
    assert digest(simulate(CLUSTER, BUSY, 7)) == DIGEST
    assert digest(simulate(CLUSTER, BUSY, 8)) != DIGEST


def test_many_replicas_are_routed_as_ever() -> None:
    """A thousand of them, with refusals: the least busy are those that a look at all of them found."""
    cluster = Cluster(replicas=1000, load=load(max_concurrency="2", max_queue="1"))
    workload = Workload(requests=5000, output=BUSY.output, rate=(2000, 1))
    known = "8771609d84e61859a62bf66f3b20e269cb5b2926a312f4a02fc81610ff348842"
    assert digest(simulate(cluster, workload, 1)) == known


@pytest.mark.parametrize(
    ("rate", "prompt", "asked"), [((1, 10**12), "1", 2), ((1, 2 * 10**9), "1", 6), ((1, 1), "9000000", 10)]
)
def test_the_end_of_the_clock_is_told(rate: tuple[int, int], prompt: str, asked: int) -> None:
    """Whether requests come so late or answers last so long: in one line, with what to do."""
    workload = Workload(requests=10, prompt=parse_tokens(prompt, where="t"), rate=rate, even=True)
    with pytest.raises(UsageError) as caught:
        simulate(Cluster(load=load(prefill_rate="1/3000")), workload, 0)
    told = f"simulate: by request {asked} the clock comes to its end, 292 years after its beginning; "
    assert str(caught.value) == told + "raise the rates, or ask for fewer or shorter answers"


def test_hash_order_changes_nothing() -> None:
    """Another process, with another order of sets, finds the same."""
    command = [sys.executable, "-m", "tests.traffic.known"]
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == DIGEST


def in_order(times: Times) -> None:
    """Assert what is true of the times of every request that was answered."""
    for nth, ended_ns in enumerate(times.ended):
        if ended_ns == NEVER:
            assert times.admitted[nth] == times.first[nth] == NEVER
        else:
            assert times.arrived[nth] <= times.admitted[nth] <= times.first[nth] <= ended_ns


def running_at_most(times: Times) -> int:
    """Return how many ran at once, at the most."""
    done = [nth for nth, ended_ns in enumerate(times.ended) if ended_ns != NEVER]
    changes = sorted([*((times.ended[nth], -1) for nth in done), *((times.admitted[nth], 1) for nth in done)])
    most = running = 0
    for _, change in changes:
        running += change
        most = max(most, running)
    return most


@given(
    st.sampled_from(["round-robin", "least-busy", "random"]),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(0, 5),
    st.sampled_from([0, 1, 3, 10]),
)
def test_limits_hold_and_all_is_accounted_for(policy: Policy, replicas: int, most: int, queue: int, users: int) -> None:
    """Whatever the router and whoever asks: each request is answered or refused, and no more run than may."""
    spelt = load(max_concurrency=str(most), max_queue=str(queue), itl_per_stream="1ms", prefill_rate="9000")
    workload = Workload(requests=60, output=parse_tokens("uniform(1,9)", where="t"), rate=(50, 1), users=users)
    times = simulate(Cluster(replicas=replicas, load=spelt, policy=policy), workload, 3)
    in_order(times)
    assert running_at_most(times) <= most * replicas
    assert min(times.arrived) >= 0
    if users and users <= replicas * most and policy == "least-busy":
        assert min(times.ended) >= 0


def test_users_wait_for_their_answers() -> None:
    """Two users with 100 ms to think, alone on their replicas: one asks again 100 ms after its answer."""
    workload = Workload(requests=6, users=2, think=parse_distribution("100ms"), output=parse_tokens("6", where="t"))
    times = simulate(Cluster(replicas=2), workload, 0)
    assert sorted(times.arrived) == [100 * MS] * 2 + [300 * MS] * 2 + [500 * MS] * 2
    assert sorted(times.ended) == [200 * MS] * 2 + [400 * MS] * 2 + [600 * MS] * 2


def test_a_user_who_is_refused_asks_again() -> None:
    """After thinking; each try is a request."""
    workload = Workload(requests=5, users=2, think=parse_distribution("30ms"), output=parse_tokens("5", where="t"))
    times = simulate(Cluster(load=load(max_concurrency="1", max_queue="0")), workload, 0)
    assert list(times.arrived) == [at * MS for at in (30, 30, 60, 90, 120)]
    assert [ended_ns == NEVER for ended_ns in times.ended] == [False, True, True, True, False]


def test_a_trace_is_played() -> None:
    """Three requests at their times: the second one waits for the first, the third one finds nobody."""
    workload = Workload(requests=1, trace=(Asked(0, 1, 3), Asked(10 * MS, 1, 2), Asked(S, 1, 1)))
    times = simulate(Cluster(load=load(max_concurrency="1")), workload, 0)
    assert list(times.arrived) == [0, 10 * MS, S]
    assert list(times.admitted) == [0, 40 * MS, S]
    assert list(times.ended) == [40 * MS, 60 * MS, S]
    assert list(times.tokens) == [3, 2, 1]


def test_one_at_a_time_is_a_queue_of_textbooks() -> None:
    """Poisson arrivals, one place, fixed service: the mean wait is that of M/D/1, rho / (2 - 2 rho) services.

    At 70 % of the capacity that is 7/6 of a service; over 40,000 requests within 5 %.
    """
    workload = Workload(requests=40_000, output=parse_tokens("51", where="t"), rate=(7, 10))
    times = simulate(Cluster(load=load(max_concurrency="1")), workload, 5)
    waits = [admitted - arrived for admitted, arrived in zip(times.admitted, times.arrived, strict=True)]
    expected_ns = S * 7 // 6
    assert abs(sum(waits) // len(waits) - expected_ns) < expected_ns // 20


def test_littles_law() -> None:
    """How many are in the system on average is the rate times how long each stays: counted, and by the law."""
    times = simulate(CLUSTER, BUSY, 7)
    changes = sorted([*((at_ns, 1) for at_ns in times.arrived), *((at_ns, -1) for at_ns in times.ended)])
    area = inside = before_ns = 0
    for at_ns, change in changes:
        area += inside * (at_ns - before_ns)
        inside, before_ns = inside + change, at_ns
    assert area == sum(times.ended) - sum(times.arrived)


def test_more_replicas_make_nobody_wait_longer_on_average() -> None:
    """Nor does a lower rate."""

    def wait(replicas: int, rate: int) -> int:
        workload = Workload(requests=1000, output=BUSY.output, rate=(rate, 1))
        times = simulate(Cluster(replicas=replicas, load=LOAD), workload, 7)
        return sum(times.first) - sum(times.arrived)

    assert wait(1, 20) > wait(2, 20) > wait(4, 20)
    assert wait(2, 10) < wait(2, 20) < wait(2, 40)


def test_the_server_gives_the_same_times() -> None:
    """What is simulated is what the server does under a virtual clock, refusals and all, to the nanosecond."""
    spelt = load(max_concurrency="3", max_queue="2", prefill_rate="3000", itl_per_stream="7ms")
    itl = parse_distribution("20ms")
    workload = Workload(
        requests=40,
        prompt=parse_tokens("uniform(1,300)", where="t"),
        output=parse_tokens("3", where="t"),
        ttft=parse_distribution("30ms"),
        itl=itl,
        rate=(20, 1),
    )
    times = simulate(Cluster(load=spelt), workload, 11)
    assert 0 < sum(ended_ns == NEVER for ended_ns in times.ended) < 20
    pacing = repaced(Pacing(), {"mode": "instant", "ttft": "30ms", "itl": "20ms"}, where="--")
    stream = (("content-type", "text/event-stream"), ("transfer-encoding", "chunked"))
    engine = Engine(
        [Planner(recording(exchange(headers=stream)))], Settings(profile=Profile(pacing=pacing, load=spelt))
    )
    clock = VirtualClock()
    draws = Draws(workload, 11)
    clients: list[MemoryClient] = []
    for at_ns, (prompt, _, _) in zip(draws.arrivals(), islice(draws.answers(), 40), strict=True):
        clock.advance_to_ns(at_ns)
        clients.append(MemoryClient(engine, clock, number=len(clients)))
        clients[-1].send(request("/v1/chat/completions", f"x-streamsim-prompt-tokens: {prompt}"))
    clock.advance_to_ns(max(times.ended) + S)
    for client, first_ns, ended_ns in zip(clients, times.first, times.ended, strict=True):
        if ended_ns == NEVER:
            assert client.received.startswith(b"HTTP/1.1 429")
        else:
            assert [write.at_ns for write in client.writes if b"data: one" in write.data] == [first_ns]
            assert (client.writes[-1].data.endswith(b"0\r\n\r\n"), client.writes[-1].at_ns) == (True, ended_ns)
