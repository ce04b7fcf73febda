"""What is drawn is what its name says."""

from __future__ import annotations

import re
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from streamsim.dialects.reading import read_chunks
from streamsim.dialects.said import Refusal, Say, Text
from streamsim.plan.faults import CATALOGUE, Fault, parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from streamsim.sse import frames as frames_of
from streamsim.sse import parse
from streamsim.strategies import (
    Chunks,
    chunked_streams,
    chunkings,
    fields,
    frames,
    lines,
    pacings,
    plans,
    profiles,
    provider_streams,
    says,
    streams,
)
from streamsim.strategies import faults as faults_drawn
from streamsim.strategies.cutting import cut
from streamsim.strategies.planning import planned
from streamsim.wire import check
from tests.builders import EVENT_STREAM, exchange, recording

if TYPE_CHECKING:
    from streamsim.strategies.cutting import How
    from streamsim.strategies.streams import Kind

KINDS: list[Kind] = ["valid", "nearly valid", "arbitrary"]
HOWS: list[How] = ["any", "every", "bytewise", "adversarial"]

if TYPE_CHECKING:
    from streamsim.plan.planner import Plan


@given(lines() | fields() | lines("valid") | lines("arbitrary"))
def test_lines_are_single(line: bytes) -> None:
    """No line holds a line end."""
    assert not {b"\r", b"\n"} & {line[index : index + 1] for index in range(len(line))}


@given(frames())
def test_a_frame_is_one_event(frame: bytes) -> None:
    """A valid frame is one frame, and one event."""
    assert frames_of(frame) == [frame]
    assert len(parse(frame)) == 1


@given(streams("valid"))
def test_valid_streams_end_with_their_last_event(stream: bytes) -> None:
    """In a valid stream every frame is an event, and nothing is left over."""
    assert len(parse(stream)) == len(frames_of(stream))


@given(
    st.data(),
    st.sampled_from(KINDS),
    st.sampled_from(HOWS),
)
def test_chunks_are_the_stream(data: st.DataObject, kind: Kind, how: How) -> None:
    """Chunks joined are the stream, in any kind of cut."""
    stream = data.draw(streams(kind))
    assert data.draw(chunkings(stream, how)).data == stream


@given(chunked_streams("valid"))
def test_chunked_streams_are_streams(chunks: Chunks) -> None:
    """Streams drawn in chunks are what their kind says."""
    assert len(parse(chunks.data)) == len(frames_of(chunks.data))


def test_every_subset_of_places_is_drawn() -> None:
    """The tapes that there are cut a stream of four bytes in all the ways that there are."""
    tapes = [bytes(tape) for size in range(4) for tape in product(range(3), repeat=size)]
    ways = {cut(b"data", tape, "every") for tape in tapes}
    assert ways == {
        tuple(b"data"[start:stop] for start, stop in pairwise((0, *places, 4)))
        for size in range(4)
        for places in combinations((1, 2, 3), size)
    }


def test_cuts_reach_the_end_of_a_long_stream() -> None:
    """Bytes of a tape that only go further reach a place hundreds of bytes on, with no cut before it."""
    assert [len(part) for part in cut(b":" * 1000, b"\x1f" * 22 + b"\x04", "every")] == [687, 313]


@pytest.mark.parametrize(
    "wanted",
    [(b"data: a\r", b"\n\r\n"), (b"data: a\r\n", b"\r\n"), (b"data: a\r\n\r\n", b"")],
    ids=["CRLF", "blank", "empty"],
)
def test_adversarial_cuts_hit(wanted: tuple[bytes, ...]) -> None:
    """Cuts inside CRLF and before a blank line, and empty chunks, are drawn."""
    assert find(chunkings(b"data: a\r\n\r\n", "adversarial"), lambda chunks: chunks == wanted) == wanted


def test_examples_shrink_to_what_a_person_would_write() -> None:
    """The smallest stream with an event is one simple event, uncut, and its repr can be pasted."""
    for drawn in (streams().flatmap(chunkings), chunked_streams(), chunked_streams("nearly valid")):
        found = find(drawn, lambda chunks: bool(parse(chunks.data)))
        assert repr(found) == "[b'data: a\\n\\n']"


def test_profiles_shrink_to_the_fault_that_matters() -> None:
    """One fault, the first of those that will do, and times as recorded."""
    found = find(profiles(), lambda profile: any(fault.attempt for fault in profile.faults))
    assert found == Profile(pacing=Pacing(), faults=(parse_fault(f"{min(CATALOGUE)}:attempt=1"),))


def test_scripts_shrink_to_one_word() -> None:
    """Of the first kind that will do."""
    assert find(says(), lambda _: True) == Say((Text("Hello"),))
    assert find(says(), lambda say: Refusal in map(type, say.parts)) == Say((Refusal("Hello"),))


@given(says())
def test_scripts_say_something(say: Say) -> None:
    """Each part of text has a word at least."""
    assert say.parts
    assert all(getattr(part, "text", "a tool call") for part in say.parts)


@given(provider_streams())
@settings(max_examples=30)
def test_providers_streams_are_streams(chunks: Chunks) -> None:
    """What a provider writes has events and ends with a whole frame."""
    assert parse(chunks.data)
    assert frames_of(chunks.data)[-1].endswith((b"\n\n", b"\r\n\r\n"))


def test_providers_streams_shrink_to_the_usual_one() -> None:
    """The simplest is a word in the usual dialect."""
    assert read_chunks(EVENT_STREAM, find(provider_streams(), lambda _: True)).dialect == "openai-chat"


def test_recordings_are_drawn_from() -> None:
    """Given recordings only, their streams are drawn."""
    assert find(provider_streams(recordings=[recording()]), lambda _: True).data.startswith(b"data: one\n\n")
    with pytest.raises(ValueError, match="no event stream is written in french"):
        provider_streams("french")


@given(pacings(), faults_drawn(), profiles())
def test_what_plans_are_made_of(pacing: Pacing, fault: Fault, profile: Profile) -> None:
    """Pacings, faults and profiles are what the planner takes."""
    assert (type(pacing), isinstance(fault, Fault), type(profile)) == (Pacing, True, Profile)


@given(plans())
@settings(max_examples=50)
def test_plans_keep_the_laws(plan: Plan) -> None:
    """Every plan drawn is a lawful timeline."""
    assert check(plan.timeline) == plan.timeline


def test_a_plan_leaves_out_what_cannot_be_done() -> None:
    """Two megabytes in slices are too many chunks: the plan has the fault before that one, and is lawful."""
    huge = recording(exchange(chunks=(b"data: " + b"x" * 2_000_000 + b"\n\n",)))
    profile = Profile(faults=(parse_fault("no_space"), parse_fault("slicer:size=16")))
    plan = planned(Planner(huge), 1, seed=0, attempt=1, profile=profile)
    assert [told.fault for told in plan.faults] == ["no_space"]


def test_plans_shrink_to_the_simplest_answer() -> None:
    """A word in the usual dialect, with the times that it has, at the first attempt."""
    plan = find(plans(), lambda _: True)
    assert (plan.dialect, plan.exchange, plan.seed, plan.attempt, plan.faults) == ("openai-chat", 1, 0, 1, ())


@pytest.mark.parametrize(
    ("drawn", "shown"),
    [
        (chunked_streams(), "[b'']"),
        (chunkings(b"data: a"), "[b'data: a']"),
        (frames(), r"b'data: a\n\n'"),
        (says(), "Say(parts=(Text(text='Hello'),))"),
        (pacings(), "Pacing()"),
        (faults_drawn("reset_peer"), "ResetPeer()"),
        (profiles(), "Profile(pacing=Pacing())"),
        (plans(recording()), "<plan … of session.jsonl: exchange 1 (generic), seed 0, attempt 1, 5 steps>"),
    ],
)
def test_a_failing_test_shows_what_was_drawn(drawn: st.SearchStrategy[object], shown: str) -> None:
    """Not how it was made of a tape."""

    @given(example=drawn)
    @settings(database=None)
    def fail(example: object) -> None:
        raise AssertionError(f"never {example}")

    with pytest.raises(AssertionError) as caught:
        fail()
    assert f"example={shown}," in re.sub("<plan [0-9a-f]{16}", "<plan …", "\n".join(caught.value.__notes__))


def test_what_is_drawn_for_a_recording_strikes() -> None:
    """Of faults only those that find something in one of its exchanges at least; none is an error that says so."""
    silent = recording(exchange(chunks=()), exchange(status=204, chunks=()))
    struck = find(profiles(silent), lambda profile: len(profile.faults) == 1).faults[0]
    assert Planner(silent).plan(1, Profile(faults=(struck,))).faults[0].outcome == "applied"
    with pytest.raises(ValueError, match=r"^session.jsonl: it has nothing that delta_null could strike$"):
        faults_drawn("delta_null", recording=silent)


def test_plans_of_nothing() -> None:
    """A recording without an exchange has no plan, and that is said at once."""
    with pytest.raises(ValueError, match=r"^the recording holds no exchange$"):
        plans(replace(recording(), exchanges=()))


@given(plans(recording()))
@settings(max_examples=50)
def test_plans_of_a_recording(plan: Plan) -> None:
    """A recording's plans are of that recording."""
    assert plan.exchange == 1
