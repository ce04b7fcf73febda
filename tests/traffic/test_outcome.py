from __future__ import annotations

from streamsim.plan.distribution import parse_distribution
from streamsim.traffic.outcome import Percentiles, digest, outcome, percentiles
from streamsim.traffic.simulation import Cluster, Times, simulate
from streamsim.traffic.slo import parse_slo
from streamsim.traffic.tokens import parse_tokens
from streamsim.traffic.workload import Workload
from tests.traffic.workloads import load

MS = 1_000_000
S = 1000 * MS


def test_an_outcome_is_counted() -> None:
    """Two answers of five tokens, one after the other, and a refusal: all that is told of them."""
    workload = Workload(
        requests=3,
        output=parse_tokens("5", where="t"),
        ttft=parse_distribution("100ms"),
        itl=parse_distribution("20ms"),
        rate=(1000, 1),
        even=True,
    )
    times = simulate(Cluster(load=load(max_concurrency="1", max_queue="1")), workload, 0)
    found = outcome(times, parse_slo("ttft=100ms", where="--slo"))
    assert (found.requests, found.completed, found.refused, found.span_ns) == (3, 2, 1, 360 * MS)
    assert found.steady_ns == found.span_ns
    assert (found.requests_per_s, found.tokens_per_s) == (2 / 0.36, 10 / 0.36)
    assert (found.good, found.goodput_per_s) == (1, 1 / 0.36)
    assert found.in_system == (180 + 359) / 360
    assert found.ttft == Percentiles(189_500_000, 100 * MS, *[279 * MS] * 4)
    assert found.itl == Percentiles(*[20 * MS] * 6)
    assert found.e2e == Percentiles(269_500_000, 180 * MS, *[359 * MS] * 4)
    assert found.wait == Percentiles(89_500_000, 0, *[179 * MS] * 4)
    assert found.digest == digest(times)
    assert outcome(times).good is outcome(times).goodput_per_s is None


def test_rates_are_those_of_the_steady_middle() -> None:
    """Answers of 10 s, ten a second for 20 s: ten a second, and the hundred that run at once, though it took 30 s."""
    ten_s = parse_distribution("10s")
    workload = Workload(requests=200, output=parse_tokens("1", where="t"), ttft=ten_s, rate=(10, 1), even=True)
    times = simulate(Cluster(), workload, 0)
    found = outcome(times, parse_slo("e2e=10s", where="--slo"))
    assert (found.span_ns, found.steady_ns) == (29_900 * MS, 14 * S)
    assert (found.requests_per_s, found.tokens_per_s, found.goodput_per_s) == (10, 10, 10)
    inside = [
        max(0, min(end, 26 * S) - max(begin, 12 * S)) for begin, end in zip(times.arrived, times.ended, strict=True)
    ]
    assert found.in_system == sum(inside) / (14 * S) > 80


def test_where_all_end_at_once_there_is_no_middle() -> None:
    """A hundred answers that end in one nanosecond count over the span."""
    ten_s = parse_distribution("10s")
    workload = Workload(requests=100, output=parse_tokens("1", where="t"), ttft=ten_s, rate=(10**12, 1), even=True)
    found = outcome(simulate(Cluster(), workload, 0))
    assert (found.steady_ns, found.requests_per_s) == (10 * S, 10)


def test_where_all_were_refused_there_is_nothing_to_tell() -> None:
    """No percentiles, and no rates."""
    found = outcome(Times(2), parse_slo("ttft=1s", where="--slo"))
    assert (found.requests, found.completed, found.refused) == (2, 0, 2)
    assert (found.ttft, found.itl, found.e2e, found.wait) == (None,) * 4
    assert (found.requests_per_s, found.goodput_per_s, found.in_system) == (0, 0, 0)


def test_answers_of_one_token_have_no_itl() -> None:
    """The others are told."""
    workload = Workload(requests=3, output=parse_tokens("1", where="t"))
    assert outcome(simulate(Cluster(), workload, 0)).itl is None


def test_percentiles_are_by_nearest_rank() -> None:
    """Of 1 to 100 they are their own numbers."""
    assert percentiles([*range(100, 0, -1)]) == Percentiles(50, 50, 90, 95, 99, 100)
    assert percentiles([]) is None


def test_the_digest_is_of_all_times() -> None:
    """Each column counts."""
    digests = {digest(Times(1))}
    for name in ("arrived", "admitted", "first", "ended", "tokens"):
        times = Times(1)
        getattr(times, name)[0] = 5
        digests.add(digest(times))
    assert len(digests) == 6
