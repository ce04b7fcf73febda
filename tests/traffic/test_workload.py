from __future__ import annotations

from itertools import islice, pairwise

from streamsim.plan.distribution import parse_distribution
from streamsim.traffic.tokens import PARTS, parse_tokens
from streamsim.traffic.workload import RING, Asked, Draws, Workload

MS = 1_000_000
S = 1000 * MS


def test_requests_come_at_even_steps() -> None:
    """Three a second: every third of a second, without an error that grows."""
    arrivals = Draws(Workload(requests=4, rate=(3, 1), even=True), 0).arrivals()
    assert list(arrivals) == [0, 333_333_333, 666_666_666, S]


def test_requests_come_independently() -> None:
    """Forty a second: a thousand of them in about 25 s, the same again, and others with another seed."""
    workload = Workload(requests=1000, rate=(40, 1))
    arrivals = list(Draws(workload, 0).arrivals())
    assert len(arrivals) == 1000
    assert all(after >= before for before, after in pairwise(arrivals))
    assert 23 * S < arrivals[-1] < 27 * S
    assert list(Draws(workload, 0).arrivals()) == arrivals != list(Draws(workload, 1).arrivals())


def test_more_requests_change_no_draw() -> None:
    """Nor does another distribution of something else."""
    few = Workload(requests=10, output=parse_tokens("uniform(1,90)", where="t"))
    many = Workload(requests=20, output=few.output, prompt=parse_tokens("uniform(1,90)", where="t"))
    first, second = ([each[1:] for each in islice(Draws(one, 0).answers(), 10)] for one in (few, many))
    assert first == second
    assert list(islice(Draws(few, 0).arrivals(), 10)) == list(islice(Draws(many, 0).arrivals(), 10))


def test_users_think_before_they_ask() -> None:
    """No more of them begin than there are requests."""
    workload = Workload(requests=3, users=5, think=parse_distribution("uniform(1s,2s)"))
    arrivals = list(Draws(workload, 0).arrivals())
    assert len(arrivals) == 3
    assert all(S <= at_ns <= 2 * S for at_ns in arrivals)
    assert sorted(arrivals) == arrivals


def test_an_answer_is_planned_by_its_first_token_and_its_end() -> None:
    """Five tokens of 20 ms end 80 ms after the first; one token ends where it begins."""
    workload = Workload(requests=1, ttft=parse_distribution("30ms"), output=parse_tokens("5", where="t"))
    assert next(Draws(workload, 0).answers()) == (512, 5, (30 * MS, 110 * MS))
    one = Workload(requests=1, output=parse_tokens("1", where="t"), prompt=parse_tokens("7", where="t"))
    assert next(Draws(one, 0).answers()) == (7, 1, (0,))


def test_an_answer_has_a_row_of_gaps_of_its_own() -> None:
    """Their sum is as that of so many draws, also where the ring goes round."""
    workload = Workload(requests=1, itl=parse_distribution("uniform(10ms,30ms)"), output=parse_tokens("101", where="t"))
    ends = [ats[1] for _, _, ats in islice(Draws(workload, 0).answers(), 200)]
    assert len(set(ends)) == 200
    assert all(1500 * MS < end_ns < 2500 * MS for end_ns in ends)
    assert abs(sum(ends) // 200 - 2000 * MS) < 20 * MS
    long = Workload(requests=1, itl=parse_distribution("20ms"), output=parse_tokens(str(3 * RING), where="t"))
    assert next(Draws(long, 0).answers())[2] == (0, (3 * RING - 1) * 20 * MS)


def test_a_trace_says_it_all() -> None:
    """Times and tokens are the trace's."""
    workload = Workload(requests=1, trace=(Asked(5, 10, 2), Asked(7, 20, 1)))
    draws = Draws(workload, 0)
    assert list(draws.arrivals()) == [5, 7]
    assert list(draws.answers()) == [(10, 2, (0, 20 * MS)), (20, 1, (0,))]
    assert PARTS == 1000
