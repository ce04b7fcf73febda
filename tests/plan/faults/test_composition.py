from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.plan.faults import CATALOGUE, Applied, apply_faults, parse_fault, spell_fault
from streamsim.plan.faults.catalogue import GROUPS
from streamsim.plan.faults.fault import Phase
from streamsim.rng import Rng
from streamsim.wire import End, Fin, Reset, Send
from tests.builders import EVENT_STREAM, chat, exchange
from tests.plan.faults.scenes import CHUNKED, ONE, TWO, draft_of, places, plan

CHAT = exchange(headers=CHUNKED, chunks=chat("Hel", "lo", " wor", "ld", usage=True), gaps_us=[7_000] * 8)
NAMES = [*GROUPS["Connection"], *GROUPS["Time"]]


def test_the_earliest_closing_wins() -> None:
    """Whatever the order in which they were asked for; the others are not reached."""
    result = plan(None, "reset_peer:at_event=2", "close_mid_chunked:at_event=1", "clean_truncation")
    assert result.outcomes == ["not reached", "applied", "not reached"]
    assert result.body == ONE
    assert isinstance(result.timeline[-1].action, Fin)


def test_of_closings_at_one_place_the_first_asked_for_wins() -> None:
    """There is always exactly one that closes."""
    assert plan(None, "reset_peer", "close_mid_chunked").outcomes == ["applied", "not reached"]
    assert plan(None, "close_mid_chunked", "reset_peer").outcomes == ["applied", "not reached"]


def test_a_closing_that_misses_lets_the_next_one_close() -> None:
    """One of another attempt does not count."""
    result = plan(None, "reset_peer:at_event=1,attempt=2", "close_mid_chunked:at_event=2")
    assert result.outcomes == ["missed", "applied"]
    assert result.body == ONE + TWO


def test_what_lies_behind_a_closing_is_not_reached() -> None:
    """A gap or a dropped event behind it changes nothing, not even when it closes."""
    result = plan(None, "gap:at_event=2", "drop:at_event=1", "comments_only:at_event=2", "reset_peer:at_event=1")
    assert result.outcomes == ["not reached", "not reached", "not reached", "applied"]
    assert result.shown == [(100, "head"), (120, ONE), (120, "reset")]


def test_what_lies_before_a_closing_delays_it() -> None:
    """A gap at the very place is a silence before the reset."""
    result = plan(None, "reset_peer:at_event=1", "gap:at_event=1,for=5s")
    assert result.outcomes == ["applied", "applied"]
    assert result.shown == [(100, "head"), (120, ONE), (5120, "reset")]


def test_what_replaces_the_answer_comes_before_all() -> None:
    """Of several the first asked for does; without a head nothing else has anything to work on."""
    result = plan(None, "gap", "connection_close_mask", "refuse", "ignore", "reset_peer", "trickle")
    assert result.outcomes == ["not reached", "not reached", "applied", "not reached", "not reached", "not reached"]
    assert result.shown == [(0, "refuse")]


def test_times_and_head_of_another_answer_can_be_made_worse() -> None:
    """What replaces the answer with another one leaves link and head to work on, and no place of the recording."""
    result = plan(None, "wrong_body", "connection_close_mask", "gap:at_event=1", "reset_peer", "slow_first_event")
    assert result.outcomes == ["applied", "applied", "not reached", "not reached", "applied"]
    assert [at for at, _ in result.shown] == [100, 60100, 60100]


def test_outcomes_are_in_the_order_of_asking() -> None:
    """Each with its spelling."""
    applied = plan(None, "trickle", "drop:at_event=0", "gap:for=1s,attempt=2").applied
    assert applied == (
        Applied("trickle", "applied"),
        Applied("drop:at_event=0", "applied"),
        Applied("gap:attempt=2,for=1s", "missed"),
    )


def test_no_fault_changes_nothing() -> None:
    """The timeline is the recorded one."""
    one = exchange(headers=CHUNKED)
    assert plan(one).timeline == one.timeline()
    assert plan(one).applied == ()


def test_places_are_those_of_the_recording() -> None:
    """Byte 22 is behind the second event, also when the first was dropped; byte 15 is inside it."""
    assert plan(None, "drop:at_event=0", "reset_peer:at_byte=22").body == TWO
    assert plan(None, "drop:at_event=0", "reset_peer:at_byte=15").body == TWO[:4]


def test_a_place_inside_an_altered_chunk_is_found() -> None:
    """Events of one chunk keep their places when one of them is dropped."""
    one = exchange(headers=CHUNKED, chunks=[ONE + TWO + ONE + TWO])
    assert plan(one, "drop:at_event=1", "reset_peer:at_event=3").body == ONE + ONE


def test_a_complete_body_of_another_length_has_a_true_content_length() -> None:
    """Before anything closes, so that what is cut still lacks what it lacks; a body that is whole keeps its header."""
    headers = (*EVENT_STREAM, ("Content-Length", "35"), ("x", "y"))
    one = exchange(headers=headers, framing="content-length")
    fitted = plan(one, "drop:at_event=0")
    assert fitted.head.headers == (*EVENT_STREAM, ("content-length", "24"), ("x", "y"))
    assert plan(one, "drop:at_event=0", "reset_peer:at_event=2").head.headers == fitted.head.headers
    assert plan(one, "reset_peer:at_event=2").head.headers == headers
    assert plan(one, "gap").head.headers == headers


PLACES = st.one_of(
    st.just(""),
    st.integers(0, 7).map(lambda n: f"at_event={n}"),
    st.integers(0, 800).map(lambda n: f"at_byte={n}"),
    st.integers(0, 8).map(lambda n: f"at_chunk={n}"),
    st.sampled_from(["at=headers", "at=first_token", "at=terminal"]),
)
CHANCES = st.sampled_from(["", "", "", "probability=1/2", "attempt=1", "attempt=2"])
PLACEABLE = frozenset(name for name in NAMES if hasattr(CATALOGUE[name], "at_event"))
TRUNCATING = frozenset({"short_content_length", "truncate_close_delimited", "clean_truncation", "burst"})


@st.composite
def asked(draw: st.DrawFn) -> str:
    """Return a fault at a place that the chat has and that it takes."""
    name = draw(st.sampled_from(NAMES))
    place = draw(PLACES) if name in PLACEABLE else ""
    if name in TRUNCATING and place in ("at_event=8", "at_chunk=8"):
        place = ""
    if name == "truncate_mid_json":
        place = draw(st.sampled_from(["", "at_event=0", "at_event=6", "at_chunk=3"]))
    more = "bytes=50" if name == "trickle" else ""
    options = ",".join(filter(None, (place, draw(CHANCES), more)))
    return f"{name}:{options}" if options else name


@given(st.lists(asked(), max_size=5), st.integers(0, 3))
def test_any_faults_at_any_places_keep_the_laws(faults: list[str], seed: int) -> None:
    """The timeline is checked, the same twice, and at most one closes."""
    result = plan(CHAT, *faults, seed=seed)
    assert result == plan(CHAT, *faults, seed=seed)
    closed = [
        fault
        for fault, outcome in zip(faults, result.outcomes, strict=True)
        if outcome == "applied" and parse_fault(fault).closes
    ]
    assert len(closed) <= 1
    assert set(result.outcomes) <= {"applied", "missed", "not reached"}


@given(st.lists(asked(), min_size=1, max_size=4))
def test_nothing_comes_earlier_than_recorded(faults: list[str]) -> None:
    """No fault of connection and time hurries a byte: each recorded chunk is sent when it was, or later."""
    recorded = {step.origin: step.at_ns for step in CHAT.timeline() if isinstance(step.action, Send)}
    for step in plan(CHAT, *faults).timeline:
        if step.origin >= 0:
            assert step.at_ns >= recorded[step.origin]


@given(st.lists(asked().filter(lambda text: not text.startswith("drop")), max_size=3), st.integers(0, 5))
def test_adding_a_fault_changes_no_other_draws(others: list[str], seed: int) -> None:
    """The events that chance drops are the same ones, wherever they are reached."""
    alone = plan(MANY, "drop:probability=1/3", seed=seed).body
    fitting = [text for text in others if text.startswith(("gap", "bandwidth", "slow", "buffer", "connection"))]
    body = plan(MANY, *fitting, "drop:probability=1/3", seed=seed).body
    assert body == alone


MANY = exchange(headers=CHUNKED, chunks=[b"data: %d\n\n" % number for number in range(60)] + chat()[-1:])


def test_draws_are_named_and_numbered() -> None:
    """A fault's table has its name and its number among that name's; draw 0 is the answer's, n + 1 is event n's."""
    asked_for: list[str] = []

    def dice(purpose: str) -> Rng:
        asked_for.append(purpose)
        return Rng(7, purpose)

    faults = [parse_fault(text) for text in ("drop:probability=1/3", "reset_peer:probability=1/2", "drop:at_event=0")]
    draft, applied = apply_faults(draft_of(MANY), faults, attempt=1, anatomy=places(MANY), dialect="generic", dice=dice)
    assert asked_for == ["fault drop 1", "fault reset_peer 1", "fault drop 2"]
    assert (applied[1].outcome == "applied") == Rng(7, "fault reset_peer 1").hits(0, 1, 2)
    numbers = [int(line[6:]) for line in b"".join(cell.data for cell in draft.cells).splitlines() if line[6:].isdigit()]
    table = Rng(7, "fault drop 1")
    expected = [number for number in range(1, 60) if not table.hits(number + 1, 1, 3)]
    assert numbers == expected[: len(numbers)]
    assert len(numbers) > 10


def test_two_faults_of_one_name_draw_apart() -> None:
    """Each has its own table, and the first keeps its draws when a second is added."""
    once = plan(MANY, "drop:probability=1/3").body
    twice = plan(MANY, "drop:probability=1/3", "drop:probability=1/3").body
    assert set(twice.splitlines()) < set(once.splitlines())


def test_a_closing_leaves_the_draws_before_it() -> None:
    """What chance drops before the place is what it drops without the closing."""
    alone = plan(MANY, "drop:probability=1/3").body
    cut = plan(MANY, "drop:probability=1/3", "reset_peer:at_event=30").body
    assert 0 < len(cut) < len(alone)
    assert alone.startswith(cut)


def test_the_order_of_phases_is_fixed() -> None:
    """What replaces comes first, what the wire does last."""
    phases = [CATALOGUE[name].phase for name in ("refuse", "comments_only", "reset_peer", "burst", "gap")]
    assert phases == [Phase.INSTEAD, Phase.FRAMES, Phase.CLOSING, Phase.BOUNDARIES, Phase.TIMES]
    assert [CATALOGUE[name].phase for name in ("connection_close_mask", "bandwidth", "trickle")] == [
        Phase.HEAD,
        Phase.LINK,
        Phase.WIRE,
    ]
    one, other = plan(None, "gap", "buffer_all"), plan(None, "buffer_all", "gap")
    assert one.timeline == other.timeline


def test_a_header_masks_whatever_closes() -> None:
    """The mask combines with every closing and changes only the head."""
    for name in ("reset_peer", "close_mid_chunked", "bad_chunk_header", "stall"):
        plain, masked = plan(None, name), plan(None, name, "connection_close_mask")
        assert masked.timeline[1:] == plain.timeline[1:]
        assert ("connection", "close") in masked.head.headers


def test_a_fault_without_effect_missed() -> None:
    """Where there is nothing to change, nothing was applied."""
    assert plan(exchange(end="reset", chunks=[ONE]), "reset_peer:at_event=1").outcomes == ["missed"]


@pytest.mark.parametrize("name", NAMES)
def test_the_plain_name_is_enough(name: str) -> None:
    """Every fault strikes an ordinary chat with its defaults, and its spelling is told."""
    result = plan(CHAT, name)
    assert result.applied == (Applied(spell_fault(parse_fault(name)), "applied"),)
    assert isinstance(result.timeline[-1].action, End | Fin | Reset) or name.startswith(
        ("hold", "stall", "refuse", "ignore")
    )
