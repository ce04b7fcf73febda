from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.errors import PlanError
from streamsim.plan.faults import CATALOGUE, parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Given, Plan, Planner
from streamsim.plan.profile import Profile
from streamsim.wire import Head, Send, check
from tests.builders import EVENT_STREAM, exchange, recording
from tests.plan.faults.scenes import MS, shown

ONE, TWO, THREE = b"id: 1\ndata: one\n\n", b"id: 2\ndata: two\n\n", b"id: 3\ndata: three\n\n"
CHUNKS = (ONE, TWO, THREE)


def plan(last: str, *faults: str, chunks: tuple[bytes, ...] = CHUNKS, attempt: int = 1, **how: object) -> Plan:
    one = exchange(chunks=chunks, **how)  # type: ignore[arg-type]
    profile = Profile(faults=tuple(map(parse_fault, faults)))
    return Planner(recording(one)).plan(1, profile, attempt=attempt, given=Given(last_event_id=last))


def body(planned: Plan) -> bytes:
    return b"".join(step.action.data for step in planned.timeline if isinstance(step.action, Send))


@pytest.mark.parametrize(("last", "left"), [("1", TWO + THREE), ("2", THREE), ("3", b"")])
def test_a_reader_gets_what_it_lacks(last: str, left: bytes) -> None:
    """All after the event with the id that it names."""
    assert body(plan(last)) == left


@pytest.mark.parametrize("last", ["", "4", "one"])
def test_an_unknown_id_changes_nothing(last: str) -> None:
    """The whole stream is sent, as recorded."""
    assert plan(last).digest == plan("").digest


def test_what_is_skipped_takes_no_time() -> None:
    """The first byte that is left comes when the first byte would have come, the rest at its old distances."""
    planned = plan("1", gaps_us=[20_000, 1_000_000, 30_000], end_us=5000)
    assert shown(planned.timeline) == [(100, "head"), (120, TWO), (150, THREE), (155, "end")]
    assert planned.events == (0, 1, 2, 2)


def test_nothing_left_ends_where_the_body_would_have_begun() -> None:
    """The end keeps its distance from the last byte, which has been skipped."""
    assert shown(plan("3", end_us=5000).timeline) == [(100, "head"), (125, "end")]


def test_a_frame_without_data_gives_its_id_too() -> None:
    """It is no event, and yet what a reader has of it is its id."""
    chunks = (b"id: 7\n\n", b"data: one\n\n", b"data: two\n\n")
    assert body(plan("7", chunks=chunks)) == chunks[1] + chunks[2]


def test_of_equal_ids_the_first_counts() -> None:
    """Better too much than too little."""
    assert body(plan("1", chunks=(ONE, ONE, TWO))) == ONE + TWO


def test_a_chunk_is_cut_where_the_frame_ends() -> None:
    """Boundaries of chunks are no boundaries of events."""
    planned = plan("1", chunks=(ONE + TWO[:4], TWO[4:] + THREE))
    assert [step.action.data for step in planned.timeline if isinstance(step.action, Send)] == [
        TWO[:4],
        TWO[4:] + THREE,
    ]


def lengths(planned: Plan) -> list[str]:
    heads = [step.action for step in planned.timeline if isinstance(step.action, Head)]
    return [value for head in heads for name, value in head.headers if name == "content-length"]


@pytest.mark.parametrize("end", ["complete", "fin"])
def test_a_promised_length_is_that_of_what_is_left(end: str) -> None:
    """Whether the body was complete or not; with the whole stream it is that of the whole again."""
    size = len(b"".join(CHUNKS))
    headers = (*EVENT_STREAM, ("content-length", str(size)))
    rest = plan("1", framing="content-length", headers=headers, end=end)
    again = plan("1", "replay_on_reconnect", framing="content-length", headers=headers, end=end)
    assert (lengths(rest), lengths(again)) == ([str(size - len(ONE))], [str(size)])


def test_a_length_that_is_none_stays() -> None:
    """What cannot be counted down is left alone."""
    headers = (*EVENT_STREAM, ("content-length", "many"))
    assert lengths(plan("1", framing="content-length", headers=headers, end="fin")) == ["many"]


def test_a_compressed_stream_is_not_resumed() -> None:
    """Its frames cannot be seen."""
    headers = (*EVENT_STREAM, ("content-encoding", "br"))
    assert body(plan("1", headers=headers)) == ONE + TWO + THREE


def test_replay_on_reconnect_sends_everything_again() -> None:
    """As to a reader that has nothing; at other attempts it resumes; without an id there is nothing to ignore."""
    again = plan("2", "replay_on_reconnect")
    assert again.digest == plan("").digest
    assert [told.outcome for told in again.faults] == ["applied"]
    assert body(plan("2", "replay_on_reconnect:attempt=1", attempt=2)) == THREE
    assert [told.outcome for told in plan("", "replay_on_reconnect").faults] == ["missed"]


def test_a_replacing_answer_replays_nothing() -> None:
    """There is no stream to go on with."""
    assert [told.outcome for told in plan("2", "http_error", "replay_on_reconnect").faults] == [
        "applied",
        "not reached",
    ]


def test_places_stay_those_of_the_whole_recording() -> None:
    """A fault strikes where it would have; inside what was skipped, where the answer begins."""
    assert shown(plan("1", "reset_peer:at_event=2").timeline) == [(100, "head"), (120, TWO), (120, "reset")]
    assert shown(plan("2", "reset_peer:at_event=1").timeline) == [(100, "head"), (100, "reset")]


def test_draws_stay_those_of_the_whole_recording() -> None:
    """An event that chance picks is picked whether or not those before it are sent."""
    profile = Profile(faults=(parse_fault("drop:probability=1/2"),))
    chunks = tuple(b"id: %d\ndata: %d\n\n" % (number, number) for number in range(40))
    planner = Planner(recording(exchange(chunks=chunks)))
    whole = body(planner.plan(1, profile))
    rest = body(planner.plan(1, profile, given=Given(last_event_id="19")))
    assert rest
    assert whole.endswith(rest)
    assert b"\ndata: 19" not in rest


def test_pacing_comes_first() -> None:
    """What is left keeps the gaps that were drawn for it."""
    profile = Profile(pacing=Pacing(speed=(2, 1)))
    planner = Planner(recording(exchange(chunks=CHUNKS)))
    timeline = planner.plan(1, profile, given=Given(last_event_id="1")).timeline
    assert [step.at_ns / MS for step in timeline] == [50, 60, 70, 70]


@given(
    st.lists(st.sampled_from([name for name in CATALOGUE if name not in ("huge_event", "trickle")]), max_size=4),
    st.sampled_from(["1", "2", "3", "4"]),
    st.integers(0, 3),
)
def test_any_faults_on_any_resumed_answer_make_a_lawful_plan(names: list[str], last: str, seed: int) -> None:
    """It is planned, and the same twice."""
    planner = Planner(recording(exchange(chunks=[ONE[:5], ONE[5:] + TWO, b'id: 3\ndata: {"a":1}\n\n'])))
    profile = Profile(faults=tuple(map(parse_fault, names)))
    try:
        first, again = (planner.plan(1, profile, seed=seed, given=Given(last_event_id=last)) for _ in range(2))
    except PlanError as error:
        assert str(error).startswith("session.jsonl, exchange 1: ")  # noqa: PT017 - most are planned
        return
    assert first == again
    check(first.timeline)
