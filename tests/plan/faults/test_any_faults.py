from __future__ import annotations

import gzip
from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamsim.plan.faults import CATALOGUE, parse_fault, spell_fault
from streamsim.plan.faults.altering import Altering, Choosing
from streamsim.plan.faults.fault import Fault, Placed, Scene
from streamsim.plan.faults.inserting import Inserting
from streamsim.plan.faults.instead import Instead
from streamsim.plan.faults.telling import OnAnswer, Telling
from streamsim.recording import codec
from streamsim.rng import Rng
from streamsim.sse import parse
from streamsim.wire import End, Head, Send
from tests.builders import EVENT_STREAM, chat, exchange
from tests.conftest import ROOT
from tests.plan.faults.bodies import CHAT, NO_STREAM, sent
from tests.plan.faults.scenes import CHUNKED, draft_of, places, plan

if TYPE_CHECKING:
    from pathlib import Path

FRAMES = chat("Hel", "lo ☃", "w", usage=True)
BODY = b"".join(FRAMES)
LENGTH = (*EVENT_STREAM, ("content-length", str(len(BODY))))
# The same seven events: chunk by chunk, with CR LF, in one chunk, cut anywhere, with a length, broken off.
RECORDED = {
    "chunked": exchange(headers=CHUNKED, chunks=FRAMES),
    "crlf": exchange(headers=CHUNKED, chunks=[frame.replace(b"\n", b"\r\n") for frame in FRAMES]),
    "one": exchange(headers=CHUNKED, chunks=[BODY]),
    "cut": exchange(headers=CHUNKED, chunks=[BODY[start : start + 50] for start in range(0, len(BODY), 50)]),
    "length": exchange(headers=LENGTH, framing="content-length", chunks=FRAMES),
    "reset": exchange(headers=CHUNKED, chunks=FRAMES, end="reset"),
}
SMALL = {"huge_event": "size=200", "slicer": "size=9", "trickle": "bytes=40"}
ROWS = [
    *(f"A{number}" for number in range(1, 13)),
    *(f"B{number}" for number in range(1, 9)),
    *(f"C{number}" for number in range(1, 12)),
    *(f"D{number}" for number in range(1, 17)),
    *(f"E{number}" for number in range(1, 9)),
    *(f"F{number}" for number in range(1, 13)),
    *(f"G{number}" for number in range(1, 7)),
    *(f"H{number}" for number in range(1, 6)),
]


def test_every_known_failure_has_a_name() -> None:
    """All rows of the catalogue of real failures but A11: HTTP/2 resets need HTTP/2."""
    covered = {row for kind in CATALOGUE.values() for row in kind.rows}
    assert set(ROWS) - covered == {"A11"}


def test_what_was_lost_leaves_no_empty_chunk() -> None:
    """Where a place falls between a lost event and the next one of its chunk, nothing is sent for the lost one."""
    one = exchange(headers=CHUNKED, chunks=[BODY])
    for fault in ("reset_peer:at_event=1", "split:at_event=1", "gap:at_event=1", "burst:at_event=1"):
        result = plan(one, "drop:at_event=0", fault)
        assert b"" not in sent(result)
        assert BODY.endswith(result.body)


@st.composite
def asked(draw: st.DrawFn, names: tuple[str, ...] = tuple(CATALOGUE)) -> str:
    """Return a fault with its defaults, at a place that the recordings have or by chance."""
    name = draw(st.sampled_from(names))
    options = [SMALL[name]] if name in SMALL else []
    kind = CATALOGUE[name]  # what is about some sort of events does not take any place
    if issubclass(kind, Placed) and not issubclass(kind, Telling) and draw(st.booleans()):
        options.append(f"at_event={draw(st.integers(0, 4))}")
    options.append(draw(st.sampled_from(["", "", "probability=1/2", "attempt=1", "attempt=2"])))
    told = ",".join(filter(None, options))
    return f"{name}:{told}" if told else name


@settings(max_examples=400)
@given(st.sampled_from([*RECORDED]), st.lists(asked(), max_size=8), st.integers(0, 9))
def test_any_faults_combine(recorded: str, faults: list[str], seed: int) -> None:
    """The laws of a timeline hold, twice the same, and each fault's spelling survives."""
    result = plan(RECORDED[recorded], *faults, seed=seed)
    assert result == plan(RECORDED[recorded], *faults, seed=seed)
    assert [told.fault for told in result.applied] == [spell_fault(parse_fault(fault)) for fault in faults]
    assert all(step.action.data for step in result.timeline if isinstance(step.action, Send))


@settings(max_examples=300)
@given(st.lists(asked(), max_size=5), st.integers(0, 9))
def test_a_complete_body_has_the_length_that_its_head_says(faults: list[str], seed: int) -> None:
    """And one that is not complete is never longer."""
    result = plan(RECORDED["length"], *faults, seed=seed)
    heads = [step.action for step in result.timeline if isinstance(step.action, Head)]
    if heads and heads[0].framing == "content-length":
        length = int({name.lower(): value for name, value in heads[0].headers}["content-length"])
        raw = len(b"".join(sent(result)))
        assert raw == length if isinstance(result.timeline[-1].action, End) else len(result.body) <= length


# These move no event to another chunk, and take nothing away that others could change.
HARMLESS = (
    "no_space",
    "line_ends",
    "line_ends:style=mixed",
    "leading_spaces",
    "bom",
    "huge_event:at_event=3,size=9",
    "comment_keepalive:at_event=5",
    "content_type:value=none",
    "gap",
    "bandwidth",
    "http_error:attempt=2",
)
BY_CHANCE = tuple(
    name for name, kind in CATALOGUE.items() if issubclass(kind, Choosing | Inserting | Telling) and name != "split"
)
MANY = exchange(headers=CHUNKED, chunks=[*chat(*"abcdefghijklmnopqrstuvwxyz☃")], gaps_us=1000)


@given(st.sampled_from(BY_CHANCE), st.lists(st.sampled_from(HARMLESS), max_size=3), st.integers(0, 9))
def test_adding_a_fault_changes_no_others_events(name: str, others: list[str], seed: int) -> None:
    """What chance strikes is the same whatever else is asked for, before or after it."""
    fault = f"{name}:probability=1/3" + ("," + SMALL[name] if name in SMALL else "")

    def struck(*beside: str) -> set[int]:
        with_it, without = (chunks(*beside, *more, seed=seed) for more in ([fault], []))
        return {index for index in without if with_it.get(index) != without[index]}

    assert struck(*[other for other in others if not other.startswith(name)]) == struck()


def chunks(*faults: str, seed: int) -> dict[int, bytes]:
    """Return what each recorded chunk became."""
    steps = plan(MANY, *faults, seed=seed).timeline
    told: dict[int, bytes] = {}
    for step in steps:
        if isinstance(step.action, Send):
            told[step.origin] = told.get(step.origin, b"") + step.action.data
    return told


@given(st.sampled_from(BY_CHANCE), st.integers(0, 9))
def test_a_probability_of_one_strikes_every_event(name: str, seed: int) -> None:
    """Chance is exact: the draws count for nothing then."""
    more = "," + SMALL[name] if name in SMALL else ""
    assert plan(MANY, f"{name}:probability=1{more}", seed=seed).body == plan(
        MANY, f"{name}:probability=1{more}"
    ).body or (name == "corrupt")


SAME_EVENTS = ("split", "slicer:size=9", "coalesce", "line_ends", "line_ends:style=mixed", "line_ends:style=cr", "bom")
SAME_EVENTS_TOO = (
    "bom:split=true",
    "comment_keepalive",
    "meta_only",
    "event_without_data",
    "unframed_error",
    "no_space",
)


@given(
    st.sampled_from([*RECORDED]), st.lists(st.sampled_from([*SAME_EVENTS, *SAME_EVENTS_TOO]), max_size=6), st.booleans()
)
def test_lawful_streams_keep_their_events(recorded: str, faults: list[str], encoded: bool) -> None:  # noqa: FBT001
    """However many of these are combined, a conforming client sees what was recorded; gzip'd too."""
    one = RECORDED[recorded]
    result = plan(one, *faults, *(["gzip"] if encoded and recorded != "reset" else []))
    body = gzip.decompress(result.body) if encoded and recorded != "reset" else result.body
    assert parse(body) == parse(plan(one).body)


@pytest.mark.parametrize("file", sorted(ROOT.glob("recordings/*.jsonl")), ids=lambda file: file.stem)
def test_lawful_faults_keep_the_events_of_real_streams(file: Path) -> None:
    """Of every server that was recorded."""
    with file.open("rb") as lines:
        exchanges = codec.decode(lines, source=file.name).exchanges
    for one in exchanges:
        for fault in (*SAME_EVENTS, *SAME_EVENTS_TOO):
            assert parse(plan(one, fault).body) == parse(plan(one).body)


@pytest.mark.parametrize("name", CATALOGUE)
def test_chance_and_attempt_hold_for_every_fault(name: str) -> None:
    """At another attempt nothing happens at all."""
    missed = plan(CHAT, f"{name}:attempt=2")
    assert missed.outcomes == ["missed"]
    assert missed.timeline == CHAT.timeline()
    assert plan(CHAT, f"{name}:attempt=2", attempt=2).timeline == plan(CHAT, name, attempt=2).timeline


@pytest.mark.parametrize(
    "name", [name for name, kind in CATALOGUE.items() if issubclass(kind, Choosing | Inserting | Telling | OnAnswer)]
)
def test_a_session_with_json_errors_can_be_served(name: str) -> None:
    """Without a place, what is about events misses a body that has none."""
    for more in ("", ":probability=1"):
        assert plan(NO_STREAM, name + more).outcomes == ["missed"]
        assert plan(NO_STREAM, name + more).timeline == NO_STREAM.timeline()


@pytest.mark.parametrize("kind", CATALOGUE.values())
def test_a_fault_is_a_file_that_says_what_happens(kind: type[Fault]) -> None:
    """Name, module and tag are one; the docstrings and what the reader sees are there."""
    told = import_module(kind.__module__).__doc__ or ""
    assert kind.__module__.endswith(f".{kind.name()}")
    assert told.endswith(".")
    assert "\n" not in told
    assert kind.__doc__
    assert kind.rows
    assert kind.sees
    assert not kind.sees.endswith(".")


def test_a_base_is_no_fault() -> None:
    """What it leaves open must be said by each fault."""
    scene = Scene(places(CHAT), Rng(0), "generic")
    for undone in (Altering(), Inserting(), Instead(), Telling(), OnAnswer()):
        with pytest.raises(NotImplementedError):
            undone.apply(draft_of(CHAT), scene)
        with pytest.raises(NotImplementedError):
            undone.finish(draft_of(CHAT), scene)
    with pytest.raises(NotImplementedError):
        OnAnswer().struck(scene)
    with pytest.raises(NotImplementedError):
        Telling().retold("", scene.anatomy.landed[0], scene)


def test_probabilities_are_exact_over_seeds() -> None:
    """One in three events, over many seeds."""
    lost = sum(30 - len(sent(plan(MANY, "drop:probability=1/3", seed=seed))) for seed in range(100))
    assert abs(Fraction(lost, 3000) - Fraction(1, 3)) < Fraction(1, 30)
