from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from streamsim.errors import PlanError
from streamsim.plan.faults import CATALOGUE, Applied, parse_fault
from streamsim.plan.faults.fault import EVER, OnEvents, Placed, Scene
from streamsim.rng import Rng
from tests.builders import EVENT_STREAM, chat, exchange
from tests.plan.faults.bodies import GZIPPED, NO_ANSWER, NO_BODY, NO_STREAM
from tests.plan.faults.scenes import CHUNKED, ONE, THREE, TWO, draft_of, places, plan

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange

CHAT = exchange(chunks=chat("a", "b"))


def scene(one: Exchange | None = None, *, cut: int | None = None) -> Scene:
    """Return what a fault may know of an exchange."""
    return Scene(places(one or exchange()), Rng(0, "x"), "generic", cut)


def placed(text: str) -> Placed:
    """Return the fault, which has a place."""
    fault = parse_fault(text)
    assert isinstance(fault, Placed)
    return fault


@pytest.mark.parametrize(
    ("place", "offset"),
    [
        ("", 11),
        (":at_event=0", 0),
        (":at_event=2", 22),
        (":at_event=3", 35),
        (":at_byte=7", 7),
        (":at_byte=35", 35),
        (":at_chunk=0", 0),
        (":at_chunk=2", 22),
        (":at=headers", 0),
    ],
)
def test_a_place_is_an_offset_in_the_recorded_body(place: str, offset: int) -> None:
    """After so many events, bytes or chunks; before the body; halfway through the events by default."""
    assert placed(f"gap{place}").offset(scene()) == offset


def test_phases_are_places_of_the_dialect() -> None:
    """The first token is after the first content, the terminal place before the last event."""
    frames = chat("a", "b")
    assert placed("gap:at=first_token").offset(scene(CHAT)) == len(frames[0] + frames[1])
    assert placed("gap:at=terminal").offset(scene(CHAT)) == len(b"".join(frames[:-1]))


def test_without_events_the_default_place_is_half_the_bytes() -> None:
    """A body that is no event stream has a middle too; so has one with a single event."""
    assert placed("gap").offset(scene(exchange(chunks=[b"{}{}{}"], headers=()))) == 3
    assert placed("gap").offset(scene(exchange(chunks=[ONE]))) == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gap:at_event=90", "gap: there is no event 90 of 3; places of this recording are 0 to 3"),
        ("gap:at_byte=36", "gap: there is no byte 36 of 35; places of this recording are 0 to 35"),
        ("gap:at_chunk=4", "gap: there is no chunk 4 of 3; places of this recording are 0 to 3"),
        ("gap:at=first_token", "gap: no event has content; give at_event or at_byte"),
        ("gap:at=terminal", "gap: the recording has no terminal event; give at_event or at_byte"),
        ("drop:at_event=3", "drop: there is no event 3 of 3; events count from 0"),
        ("drop:at_byte=23", "drop: there is no event 3 of 3; events count from 0"),
        ("burst:at_event=3", "burst: there is no event 3 of 3; events count from 0"),
    ],
)
@pytest.mark.parametrize("attempt", [1, 2])
def test_a_place_that_is_not_there_is_an_error(text: str, message: str, attempt: int) -> None:
    """Whatever the attempt, and whatever another fault does before it."""
    one = exchange(headers=(*EVENT_STREAM, ("x", "y")))
    if "first_token" in text:
        one = exchange(chunks=chat()[:1])
    with pytest.raises(PlanError, match=f"^{re.escape(message)}$"):
        plan(one, "empty_reply", f"{text},attempt=1", attempt=attempt)


def test_events_cannot_be_chosen_in_a_compressed_body() -> None:
    """Their bytes are not there to be changed: at a place that is an error, without one there is nothing to strike."""
    one = exchange(chunks=[b"x"], headers=(*EVENT_STREAM, ("content-encoding", "br")))
    why = ("the recorded body is compressed, so its events cannot be reached", "record it without content-encoding")
    for name in ("drop", "truncate_mid_json", "comments_only", "stall_masked_by_keepalive"):
        with pytest.raises(PlanError, match=f"^{name}: {'; '.join(why)}$"):
            plan(one, f"{name}:at_event=0")
        assert plan(one, name).applied == (Applied(name, "missed", *why),)


NOTHING_THERE = {
    "json": NO_STREAM,
    "no body": NO_BODY,
    "no answer": NO_ANSWER,
    "empty": exchange(chunks=(), headers=CHUNKED),
    "comments": exchange(chunks=[b": hi\n\n"], headers=CHUNKED),
    "compressed json": exchange(chunks=[b"\x1f\x8b"], headers=(("content-encoding", "gzip"),)),
    "compressed": GZIPPED,
}
MORE = ("burst:count=2", "empty_stream:keep=shell", "empty_stream:keep=terminal", "split:inside=utf8")


@pytest.mark.parametrize("fault", [*CATALOGUE, *MORE])
@pytest.mark.parametrize("kind", NOTHING_THERE)
def test_without_a_place_no_answer_is_an_error(kind: str, fault: str) -> None:
    """Whatever a recording holds besides streams, no fault keeps it from being served; by chance neither."""
    for options in ("", "probability=1", "attempt=2"):
        separator = ":" if ":" not in fault else ","
        (told,) = plan(NOTHING_THERE[kind], f"{fault}{separator}{options}" if options else fault).applied
        assert told.outcome == "missed" or not told.problem


def test_what_finds_nothing_to_strike_says_why() -> None:
    """It missed, at every attempt, and other faults strike as if it had not been asked for."""
    result = plan(NO_STREAM, "clean_truncation:attempt=3", "gap", "drop", "comment_keepalive")
    assert [told.problem for told in result.applied] == [
        "the recording has no event before which to end",
        "",
        "the recording has no event",
        "the recorded body is no event stream, or empty",
    ]
    assert result.outcomes == ["missed", "applied", "missed", "missed"]
    assert result.timeline == plan(NO_STREAM, "gap").timeline
    assert [told.told for told in result.applied[:2]] == [
        {
            "fault": "clean_truncation:attempt=3",
            "outcome": "missed",
            "problem": "the recording has no event before which to end",
        },
        {"fault": "gap", "outcome": "applied"},
    ]


def test_attempts_are_a_range() -> None:
    """None named is every one."""
    assert parse_fault("gap").attempts() == range(1, EVER)
    assert parse_fault("gap:attempt=2").attempts() == range(2, 3)
    assert parse_fault("gap:attempt=2-4").attempts() == range(2, 5)


@pytest.mark.parametrize(("attempt", "outcome"), [(1, "missed"), (2, "applied"), (3, "applied"), (4, "missed")])
def test_a_fault_strikes_only_at_its_attempts(attempt: int, outcome: str) -> None:
    """At others the answer is as recorded."""
    assert plan(None, "reset_peer:attempt=2-3", attempt=attempt).outcomes == [outcome]


def test_drop_leaves_out_the_events_that_are_chosen() -> None:
    """That of the place: by its index, or the first that begins there."""
    assert plan(None, "drop:at_event=1").body == ONE + THREE
    assert plan(None, "drop:at_byte=1").body == ONE + THREE
    assert plan(None, "drop:at=headers").body == TWO + THREE


MANY = exchange(chunks=[b"data: %d\n\n" % number for number in range(200)])


def test_chance_picks_events_one_by_one() -> None:
    """About one in four is dropped, others at another seed, and a certain chance is all of them."""
    first, again, other = (plan(MANY, "drop:probability=1/4", seed=seed).body for seed in (1, 1, 2))
    assert first == again != other
    assert 130 <= first.count(b"data") <= 170
    assert plan(MANY, "drop:probability=1").body == b""


def test_chance_with_a_place_is_taken_once() -> None:
    """The fault strikes there or not at all."""
    bodies = [plan(MANY, "drop:at_event=0,probability=1/2", seed=seed).body for seed in range(40)]
    assert {body.count(b"data") for body in bodies} == {199, 200}


def test_chance_of_a_closing_is_taken_once() -> None:
    """A closing has one place, so it strikes there or not at all."""
    outcomes = [plan(None, "reset_peer:probability=1/2", seed=seed).outcomes[0] for seed in range(40)]
    assert set(outcomes) == {"missed", "applied"}


def test_chance_of_a_whole_answer_is_taken_once_an_attempt() -> None:
    """An answer is not refused event by event."""
    outcomes = [plan(MANY, "refuse:probability=1/4", seed=seed).outcomes[0] for seed in range(100)]
    assert 10 <= outcomes.count("applied") <= 40


def test_places_between_bytes_end_where_another_fault_closes() -> None:
    """A place or an event behind it is not struck, the place itself is."""
    assert placed("gap:at_event=1").offsets(scene(cut=11)) == [11]
    assert placed("gap:at_event=2").offsets(scene(cut=11)) == []
    assert not placed("gap:at_event=2").reached(scene(cut=11))
    assert placed("gap:probability=1").offsets(scene(cut=11)) == [0, 11]
    assert placed("drop:probability=1").events(scene(cut=11)) == [0]
    assert placed("drop:at_event=1").events(scene(cut=11)) == []
    assert not placed("drop:at_event=1").reached(scene(cut=11))
    assert placed("drop:at_event=1").reached(scene())


def test_events_without_any_are_none() -> None:
    """All of no events are none, and that is no error."""
    empty = exchange(chunks=[])
    assert placed("drop").events(scene(empty)) == []
    assert placed("gap:probability=1/2").offsets(scene(empty)) == []


def test_the_bases_do_nothing_of_themselves() -> None:
    """A fault must say what it does."""

    class Nothing(OnEvents, frozen=True, kw_only=True, tag="nothing"):
        pass

    class Bare(Placed, frozen=True, kw_only=True, tag="bare"):
        pass

    with pytest.raises(NotImplementedError):
        Nothing().apply(draft_of(exchange()), scene())
    assert Nothing().events(scene()) == [0, 1, 2]
    assert Bare().reached(scene(cut=0))
    assert not Bare(at_event=1).reached(scene(cut=0))
    assert Bare(at_event=0).reached(scene(cut=0))
