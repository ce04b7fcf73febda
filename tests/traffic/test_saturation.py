from __future__ import annotations

from fractions import Fraction

import pytest

from streamsim.errors import UsageError
from streamsim.plan.distribution import parse_distribution
from streamsim.traffic import saturation
from streamsim.traffic.outcome import outcome
from streamsim.traffic.saturation import POINTS, capacity, curve
from streamsim.traffic.simulation import Cluster, simulate
from streamsim.traffic.slo import Slo
from streamsim.traffic.text import drawn, short, told
from streamsim.traffic.tokens import parse_tokens
from streamsim.traffic.workload import Workload
from tests.traffic.workloads import load

MS = 1_000_000
WORKLOAD = Workload(requests=10, output=parse_tokens("11", where="t"), itl=parse_distribution("20ms"), rate=(5, 1))


def near(found: Fraction | None, expected: int) -> bool:
    """Tell whether what was found is within two parts in a hundred: places become free in bunches."""
    return found is not None and abs(found / expected - 1) < Fraction(1, 50)


def test_the_capacity_is_what_the_places_can_do() -> None:
    """Two replicas with four places, each free again after 200 ms: 40 requests a second, whatever the queue's limit."""
    cluster = Cluster(replicas=2, load=load(max_concurrency="4", max_queue="0"))
    assert near(capacity(cluster, WORKLOAD, 0), 40)
    slowed = Cluster(replicas=2, load=load(max_concurrency="5", itl_per_stream="20ms"))
    assert near(capacity(slowed, WORKLOAD, 0), 10)
    assert capacity(Cluster(), WORKLOAD, 0) is None


def test_what_takes_no_time_has_no_capacity() -> None:
    """All requests end at the instant at which they come."""
    one = Workload(requests=1, output=parse_tokens("1", where="t"))
    assert capacity(Cluster(load=load(max_concurrency="1")), one, 0) is None


def test_a_curve_goes_through_the_capacity() -> None:
    """Below it all is completed; beyond it waits grow, and no more is completed than it is."""
    found = curve(Cluster(load=load(max_concurrency="4")), WORKLOAD, 0, None)
    assert found.capacity_per_s is not None
    assert near(Fraction(found.capacity_per_s), 20)
    rates = [point.rate_per_s / found.capacity_per_s * 10 for point in found.points]
    assert [round(rate) for rate in rates] == [*range(1, 13)]
    waits = [point.outcome.wait.p99_ns for point in found.points if point.outcome.wait]
    assert waits == sorted(waits)
    assert all(point.outcome.requests_per_s < 20.2 for point in found.points)
    assert found.points[0].outcome.requests_per_s > 1.9


def test_short_runs_do_not_understate_what_is_completed() -> None:
    """Below the capacity a point completes its rate, though the last answers take a quarter of its time."""
    workload = Workload(requests=10, output=parse_tokens("lognormal:200:0.5", where="t"), rate=(20, 1))
    [point] = curve(Cluster(), workload, 0, Slo(ttft_ns=0), [Fraction(50)]).points
    whole = point.outcome.completed * 1_000_000_000 / point.outcome.span_ns
    assert whole < 42
    assert abs(point.outcome.requests_per_s - 50) < 2
    assert point.outcome.goodput_per_s == point.outcome.requests_per_s


def test_of_many_replicas_a_part_is_played() -> None:
    """No point plays more than 20,000 requests; rates are those of the whole, and so is the capacity."""
    found = curve(Cluster(replicas=10_000, load=load(max_concurrency="4")), WORKLOAD, 0, Slo(), [Fraction(40_000)])
    assert (found.replicas, found.played) == (10_000, 500)
    assert found.capacity_per_s is not None
    assert near(Fraction(found.capacity_per_s), 200_000)
    [point] = found.points
    assert point.outcome.requests == saturation.MOST
    assert abs(point.outcome.requests_per_s - 40_000) < 1_000
    assert point.outcome.goodput_per_s == point.outcome.requests_per_s
    assert 7_500 < point.outcome.in_system < 8_500
    assert drawn(found).splitlines()[0].endswith(" requests/s, from 500 of 10000 replicas")


def test_a_limit_that_is_hardly_reached_tells_no_capacity() -> None:
    """A burst of 20,000 fills so many places but once: the curve is drawn around the rate."""
    cluster = Cluster(load=load(max_concurrency="10001"))
    assert capacity(cluster, WORKLOAD, 0) is None
    assert capacity(Cluster(load=load(max_concurrency="10000")), WORKLOAD, 0) is not None


def test_a_point_beyond_the_clock_is_told() -> None:
    """By its rate."""
    with pytest.raises(UsageError) as caught:
        curve(Cluster(), WORKLOAD, 0, None, [Fraction(1), Fraction(1, 10**8)])
    assert str(caught.value).startswith("curve: at 1e-08 requests/s, by request ")
    assert str(caught.value).endswith(" years after its beginning; give --rates that are higher, or --no-curve")


def test_a_slow_cluster_has_a_capacity_too() -> None:
    """An answer in ten days is more than none."""
    slow = Workload(requests=10, output=parse_tokens("864001", where="t"), itl=parse_distribution("1s"))
    assert capacity(Cluster(load=load(max_concurrency="1")), slow, 0) == Fraction(1, 864_000)


def test_each_simulation_of_a_curve_is_told() -> None:
    """One for the capacity, and one a point."""
    told_of: list[int] = []
    curve(Cluster(), WORKLOAD, 0, None, [Fraction(1), Fraction(2)], told_of.append)
    assert sum(told_of) == saturation.simulations([Fraction(1), Fraction(2)]) == 3
    assert saturation.simulations([]) == 13


def test_without_a_limit_it_is_drawn_around_the_rate() -> None:
    """From a fifth of it to more than twice; or at the rates that are given."""
    around = curve(Cluster(), WORKLOAD, 0, None)
    assert around.capacity_per_s is None
    assert [point.rate_per_s for point in around.points] == [float(10 * part) for part in POINTS]
    given = curve(Cluster(), WORKLOAD, 0, None, [Fraction(1, 2), Fraction(3)])
    assert [point.rate_per_s for point in given.points] == [0.5, 3.0]
    assert given.points[0].outcome.requests == saturation.LEAST


def test_an_outcome_in_lines() -> None:
    """As people read it."""
    workload = Workload(requests=2, output=WORKLOAD.output, rate=(1000, 1), even=True)
    times = simulate(Cluster(load=load(max_concurrency="1")), workload, 0)
    lines = told(outcome(times)).splitlines()
    assert lines[:7] == [
        "requests 2: completed 2, refused 0, in 400ms",
        "throughput 5.000 requests/s, 55.0 tokens/s; in system 1.5 on average",
        "",
        "             mean        p50        p90        p95        p99        max",
        "TTFT       99.5ms          0      199ms      199ms      199ms      199ms",
        "ITL          20ms       20ms       20ms       20ms       20ms       20ms",
        "E2E       299.5ms      200ms      399ms      399ms      399ms      399ms",
    ]
    assert lines[-1] == f"digest {outcome(times).digest}"


def test_goodput_in_lines() -> None:
    """Which part keeps the SLO; a curve shows it in place of what is completed."""
    slo = Slo(ttft_ns=100 * MS)
    workload = Workload(requests=3, output=WORKLOAD.output, rate=(1000, 1), even=True)
    cluster = Cluster(load=load(max_concurrency="1"))
    assert "goodput 1.667 requests/s: 33.3 % keep the SLO" in told(outcome(simulate(cluster, workload, 0), slo))
    shown = drawn(curve(cluster, WORKLOAD, 0, slo, [Fraction(1), Fraction(9)])).splitlines()
    assert shown[0] == "saturation: capacity 5.000 requests/s"
    names = ["rate/s", "goodput/s", "TTFT", "p50", "TTFT", "p99", "ITL", "p50", "ITL", "p99", "refused"]
    assert shown[1].split() == names
    assert shown[2].split()[0] == "1.000"
    assert "█" in shown[2]


def test_a_curve_without_times_has_none_to_show() -> None:
    """Answers of one token have no ITL."""
    one = Workload(requests=1, output=parse_tokens("1", where="t"))
    shown = drawn(curve(Cluster(), one, 0, None, [Fraction(1)])).splitlines()
    assert (shown[0], shown[2].split()[-3:]) == ("saturation", ["-", "-", "0"])


def test_durations_are_short() -> None:
    """Three places are enough."""
    assert [short(ns) for ns in (0, 999, 1_234_567, 1_234_567_891)] == ["0", "999ns", "1.234ms", "1.234s"]
