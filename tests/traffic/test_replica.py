from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.traffic.replica import Replica, Stream
from tests.traffic.oracle import Job, Naive
from tests.traffic.workloads import MS, Asked, load, ns, play, replica, settings, workloads

# Clocks are rounded by 2**-20 ns, and deeds to whole ns: each may move all later ones by a few.
NEAR = 500


without_limit = settings.map(lambda texts: {key: text for key, text in texts.items() if key != "max_concurrency"})
only_limit = st.sampled_from(["1", "2", "3"]).map(lambda most: {"max_concurrency": most, "prefill": "each"})


def dues(streams: list[Stream]) -> list[list[int]]:
    return [stream.dues for stream in streams]


@given(workloads(), settings)
def test_it_is_the_model(asked: list[Asked], texts: dict[str, str]) -> None:
    """Every step becomes due when the model says, told once more by other means."""
    spelt = load(**texts)
    naive = Naive(
        most=spelt.max_concurrency,
        slope=Fraction(spelt.itl_per_stream_ns, 20 * MS),
        shared=spelt.prefill == "shared",
        batch=spelt.batch_size,
    )
    jobs = [Job(*each) for each in asked]
    naive.run(jobs)
    for stream, job in zip(play(replica(**texts), asked), jobs, strict=True):
        assert stream.state == job.state == "done"
        assert max(abs(ours - due) for ours, due in zip(stream.dues, job.dues, strict=True)) <= NEAR


@given(workloads(most=1), settings)
def test_one_stream_alone_has_the_times_of_its_plan(asked: list[Asked], texts: dict[str, str]) -> None:
    """After its prompt, to the nanosecond, whatever the parameters."""
    (stream,) = play(replica(**texts), asked)
    start_ns = asked[0].arrive_ns + asked[0].prefill_ns
    assert (stream.arrived_ns, stream.admitted_ns) == (asked[0].arrive_ns,) * 2
    assert stream.started_ns == start_ns
    assert stream.dues == [start_ns + at_ns for at_ns in asked[0].ats]


@given(workloads(), settings, st.lists(ns, max_size=20))
def test_asking_changes_nothing(asked: list[Asked], texts: dict[str, str], looks: list[int]) -> None:
    """Who looks more often sees the same, to the nanosecond."""
    assert dues(play(replica(**texts), asked, looks)) == dues(play(replica(**texts), asked))


@given(workloads(), settings)
def test_nobody_overtakes_in_the_queue(asked: list[Asked], texts: dict[str, str]) -> None:
    """Places are given in the order of arrival, and none before its request came."""
    admitted = [stream.admitted_ns for stream in play(replica(**texts), asked)]
    assert all(at_ns is not None for at_ns in admitted)
    assert admitted == sorted(at_ns for at_ns in admitted if at_ns is not None)
    assert all(each.arrive_ns <= (at_ns or 0) for each, at_ns in zip(asked, admitted, strict=True))


@given(workloads(most=12), st.integers(1, 3), st.integers(0, 3))
def test_limits_are_never_exceeded_and_no_place_is_left_free(asked: list[Asked], most: int, queue: int) -> None:
    """At no moment do more run or wait than may, and nobody waits while there is a place."""
    one = replica(max_concurrency=str(most), max_queue=str(queue), itl_per_stream="5ms")
    taken: list[bool] = []

    def check() -> None:
        assert one.running <= most
        assert one.waiting <= queue
        assert not one.waiting or one.running == most

    for each in asked:
        while one.next_ns is not None and one.next_ns <= each.arrive_ns:
            one.advance(one.next_ns)
            check()
        full = one.full
        assert full == (one.running == most and one.waiting == queue)
        taken.append(one.arrive(Stream(0, each.prefill_ns, each.ats), each.arrive_ns))
        one.advance(each.arrive_ns)
        assert taken[-1] is not full
        check()
    while one.next_ns is not None:
        one.advance(one.next_ns)
        check()
    assert (one.running, one.waiting) == (0, 0)


@given(workloads(), st.one_of(without_limit, only_limit), ns, ns)
def test_one_more_request_makes_nobody_faster(
    asked: list[Asked], texts: dict[str, str], at_ns: int, prefill_ns: int
) -> None:
    """With a further request every step of the others comes as late as without it, or later.

    That is so where all share and none waits, and where some wait and none shares. Where both are so, one who waits
    shares with fewer when he runs.
    """
    more = Asked(at_ns, prefill_ns, (10 * MS, 50 * MS))
    place = sum(each.arrive_ns <= at_ns for each in asked)
    with_it = play(replica(**texts), [*asked[:place], more, *asked[place:]])
    del with_it[place]
    for before, after in zip(play(replica(**texts), asked), with_it, strict=True):
        assert all(late >= early - NEAR for early, late in zip(before.dues, after.dues, strict=True))


@given(workloads())
def test_a_steeper_slope_makes_nobody_faster(asked: list[Asked]) -> None:
    """Steps come no earlier where each stream slows the others more."""
    gentle, steep = (play(replica(itl_per_stream=text), asked) for text in ("1ms", "10ms"))
    for before, after in zip(gentle, steep, strict=True):
        assert all(late >= early - NEAR for early, late in zip(before.dues, after.dues, strict=True))


@given(workloads(), st.data())
def test_who_leaves_frees_a_place(asked: list[Asked], data: st.DataObject) -> None:
    """Wherever it is: from then on the others have the places, and all of them end."""
    one = replica(max_concurrency="2", itl_per_stream="5ms", prefill="shared")
    streams = [Stream(0, each.prefill_ns, each.ats) for each in asked]
    for stream, each in zip(streams, asked, strict=True):
        one.advance(each.arrive_ns)
        one.arrive(stream, each.arrive_ns)
        one.advance(each.arrive_ns)
        goes = data.draw(st.sampled_from([None, *streams]))
        if goes is not None and goes.state != "new":
            was = goes.state
            one.leave(goes, each.arrive_ns)
            one.leave(goes, each.arrive_ns)
            assert goes.state == ("done" if was == "done" else "gone")
            assert not one.waiting or one.running == 2
    while one.next_ns is not None:
        one.advance(one.next_ns)
    assert (one.running, one.waiting) == (0, 0)
    assert {stream.state for stream in streams} <= {"done", "gone"}


TWO = [Asked(0, 0, (100 * MS, 200 * MS)), Asked(50 * MS, 0, (100 * MS, 200 * MS))]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({}, [[100, 200], [150, 250]]),
        # Both go at half speed from 50 to 350 ms, when the first is done; the second has 50 ms left then.
        ({"itl_per_stream": "20ms"}, [[150, 350], [250, 400]]),
        ({"max_concurrency": "1"}, [[100, 200], [300, 400]]),
        ({"batch_size": "1"}, [[150, 350], [250, 400]]),
        # Three times slower while two run.
        ({"time_factor_under_load": "3", "max_concurrency": "2"}, [[200, 500], [350, 550]]),
    ],
)
def test_what_a_change_mid_stream_does(texts: dict[str, str], expected: list[list[int]]) -> None:
    """A gap that has begun goes on at the new speed, for what is left of it."""
    assert dues(play(replica(**texts), TWO)) == [[at * MS for at in each] for each in expected]


def test_prompts_share_a_replica() -> None:
    """Two prompts of 100 ms at once take 200 ms each, unless each has the replica for itself."""
    both = [Asked(0, 100 * MS, (0,)), Asked(0, 100 * MS, (0,))]
    assert dues(play(replica(prefill="shared"), both)) == [[200 * MS], [200 * MS]]
    assert dues(play(replica(prefill="each"), both)) == [[100 * MS], [100 * MS]]


def test_the_quadratic_term_counts_who_runs_at_admission() -> None:
    """The first counts one, the second two streams: 1 and 4 times the parameter."""
    both = [Asked(0, 0, (0,)), Asked(0, 0, (0,))]
    assert dues(play(replica(ttft_quadratic="10ms", prefill="each"), both)) == [[10 * MS], [40 * MS]]


def test_a_waiting_prompt_that_takes_no_time_is_answered_at_once() -> None:
    """Answers without any time follow each other within one instant."""
    one = replica(max_concurrency="1")
    streams = play(one, [Asked(0, 0, (10,)), *(Asked(0, 0, (0,)) for _ in range(5))])
    assert dues(streams) == [[10]] * 6


def test_who_became_due_is_told() -> None:
    """`advance` names each stream of which a step became due since it was last asked."""
    one: Replica = replica()
    first, second = Stream(0, 0, (0, 10)), Stream(0, 0, (20,))
    assert one.arrive(first, 0)
    assert one.arrive(second, 0)
    assert one.advance(5) == [first]
    assert one.advance(15) == [first]
    assert one.advance(30) == [second]
    assert one.next_ns is None


@pytest.mark.parametrize("texts", [{"prefill_rate": "1"}, {}, {"max_concurrency": "2"}])
def test_who_has_left_is_passed_over(texts: dict[str, str]) -> None:
    """At its prompt, at its plan or in the queue, between others who are due at the same instant."""
    one = replica(prefill="each", **texts)
    streams = [Stream(0, 50 if "prefill_rate" in texts else 0, (10, 90)) for _ in range(4)]
    for stream in streams:
        assert one.arrive(stream, 0)
    one.leave(streams[2], 5)
    while one.next_ns is not None:
        one.advance(one.next_ns)
    assert [stream.state for stream in streams] == ["done", "done", "gone", "done"]
    assert len({tuple(stream.dues) for stream in streams[:2]}) == 1
