from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamsim.dialects import tokens
from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import read
from streamsim.dialects.said import Say, Text
from streamsim.errors import PlanError, UsageError
from streamsim.plan.faults import parse_fault
from tests.builders import chat, exchange, sse
from tests.plan.faults.bodies import CHAT, data, sent, stream
from tests.plan.faults.scenes import CHUNKED, plan
from tests.plan.faults.spoken import WRITTEN, faulty, heard, real, summed, written

if TYPE_CHECKING:
    from pathlib import Path

    from streamsim.dialects import Reading
    from streamsim.recording.model import Exchange

CUTS = ("grapheme", "codepoint", "word", "token", "all")
FAMILY = "👩‍👩‍👧"
ALIKE = {name: written(name) for name in WRITTEN}


def pieces(reading: Reading, kind: str = "text") -> list[str]:
    """Return the increments of one kind."""
    return [piece.text for item in reading.landed for piece in item.told.pieces if piece.kind == kind]


def rules(reading: Reading) -> set[str]:
    """Return the rules that a stream breaks."""
    return {problem.rule for problem in reading.spoken.problems(reading.events)}


def say(text: str) -> Exchange:
    """Return a chat that says ``text`` in one delta."""
    return exchange(headers=CHUNKED, chunks=chat(text))


@settings(max_examples=200)
@given(
    st.sampled_from(WRITTEN),
    st.sampled_from(CUTS),
    st.integers(1, 9).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))),
    st.sampled_from(["all", "text", "tools"]),
    st.integers(0, 9),
)
def test_the_answer_is_the_same_however_it_is_cut(
    name: str, by: str, sizes: tuple[int, int], what: str, seed: int
) -> None:
    """In every dialect: text, thoughts, tool calls, usage and the reason to stop; and no rule is newly broken."""
    one = ALIKE[name]
    told = faulty(one, f"resplit:by={by},size={sizes[0]},variation={sizes[1]},what={what}", seed=seed)
    assert told.dialect == name
    assert summed(told.answer()) == summed(read(one).answer())
    assert rules(told) == rules(read(one))


@pytest.mark.corpus
@pytest.mark.parametrize("fault", ["resplit", "resplit:by=all", "resplit:by=token,size=5,variation=4"])
def test_real_answers_are_the_same_however_they_are_cut(corpus: Path, fault: str) -> None:
    """Of every provider whose streams were recorded; whatever is no growing text stays as it was."""
    struck = 0
    for name, one in real(corpus):
        before = read(one)
        result = plan(one, fault)
        struck += result.outcomes == ["applied"]
        after = heard(one, result)
        assert after.dialect == before.dialect, name
        assert summed(after.answer()) == summed(before.answer()), name
        assert rules(after) == rules(before), name
    assert struck > 150


@pytest.mark.parametrize("name", WRITTEN)
def test_text_is_never_sent_before_the_provider_said_it(name: str) -> None:
    """At each moment what was sent is a beginning of what had been sent then without the fault."""
    one = ALIKE[name]
    grown = [_grown(one, *faults) for faults in ((), ("resplit:by=codepoint,size=2",))]
    for at_ns, text in grown[1]:
        assert max((told for ns, told in grown[0] if ns <= at_ns), key=len, default="").startswith(text)


def _grown(one: Exchange, *faults: str) -> list[tuple[int, str]]:
    """Return what has been said at each time."""
    timeline = plan(one, *faults).timeline
    reading = heard(one, plan(one, *faults))
    times = [step.at_ns for step in timeline if hasattr(step.action, "data")]
    said: list[tuple[int, str]] = []
    text = ""
    for item in reading.landed:
        text += item.content
        said.append((times[item.chunk], text))
    return said


def test_deltas_are_spread_up_to_the_next_chunk() -> None:
    """The first one comes when the event did, the others at equal distances; what shares a chunk stays in it."""
    one = exchange(headers=CHUNKED, chunks=chat("abcd", "e"))
    times = [step.at_ns // 1000 for step in plan(one, "resplit").timeline]
    assert times == [100_000, 120_000, 140_000, 145_000, 150_000, 155_000, 160_000, 180_000, 200_000, 200_000]
    together = exchange(headers=CHUNKED, chunks=[b"".join(chat("abcd", "e"))])
    assert len(sent(plan(together, "resplit"))) == 1
    assert pieces(faulty(together, "resplit")) == ["a", "b", "c", "d", "e"]


def test_characters_stay_whole_as_far_as_asked() -> None:
    """A grapheme, a code point, half of one in UTF-16: each is the smallest that a delta can be."""
    one = say(f"a{FAMILY}b")
    assert pieces(faulty(one, "resplit")) == ["a", FAMILY, "b"]
    assert pieces(faulty(one, "resplit:by=codepoint")) == ["a", *FAMILY, "b"]
    raw = [json.loads(text)["choices"][0]["delta"].get("content") for text in data(plan(one, "resplit:by=utf16"))[1:-2]]
    assert raw[:3] == ["a", "\ud83d", "\udc69"]
    assert "".join(raw).encode("utf-16", "surrogatepass").decode("utf-16") == f"a{FAMILY}b"
    assert len(raw) == 2 + 3 * 2 + 2
    assert b"\\ud83d" in plan(one, "resplit:by=utf16").body


@given(st.text(max_size=40))
def test_units_of_a_text(text: str) -> None:
    """Words have the space behind them, tokens are those of the writers, all is one."""
    if not text:
        return
    one = say(text)
    assert pieces(faulty(one, "resplit:by=token")) == tokens.cut(text)
    assert pieces(faulty(one, "resplit:by=all")) == [text]
    words = pieces(faulty(one, "resplit:by=word"))
    assert "".join(words) == text
    assert all(re.fullmatch(r"\S*\s*", word) for word in words) or any(len(sign) > 1 for sign in tokens.graphemes(text))


def test_text_moves_over_the_deltas_of_a_run_and_no_further() -> None:
    """A ping ends a run; another choice does not."""
    ping = b"data: {}\n\n"
    frames = chat("ab", "cd", "ef", "gh")
    one = stream(*frames[:3], ping, *frames[3:])
    assert pieces(faulty(one, "resplit:size=3")) == ["abc", "d", "efg", "h"]
    assert pieces(faulty(one, "resplit:by=all")) == ["abcd", "efgh"]
    two = [frame.replace(b'"index": 0', b'"index": 1').replace(b'"index":0', b'"index":1') for frame in frames]
    mixed = stream(frames[0], *(frame for pair in zip(frames[1:5], two[1:5], strict=True) for frame in pair))
    answer = faulty(mixed, "resplit:by=all").answer()
    assert [choice.text for choice in answer.choices.values()] == ["abcdefgh", "abcdefgh"]
    assert len(pieces(faulty(mixed, "resplit:by=all"))) == 2


def test_sequence_numbers_count_on() -> None:
    """Of OpenAI's Responses, each number is one more than that before, however many deltas there are."""
    one = ALIKE["openai-responses"]
    for fault in ("resplit", "resplit:by=all", "resplit:size=5,variation=4"):
        numbers = [json.loads(event.data)["sequence_number"] for event in faulty(one, fault).events]
        assert numbers == list(range(len(numbers)))
    bare = stream(*sse('{"type":"response.output_text.delta","delta":"ab"}', event="response.output_text.delta"))
    assert data(plan(bare, "resplit")) == [f'{{"type":"response.output_text.delta","delta":"{sign}"}}' for sign in "ab"]


@pytest.mark.parametrize("name", ["openai-chat", "openai-responses"])
def test_padding_still_hides_how_long_the_text_is(name: str) -> None:
    """Text and padding together are as long as before, up to a multiple of 16."""

    def lengths(reading: Reading) -> set[int]:
        padded = [event.data for event in reading.events if '"obfuscation"' in event.data and '"delta"' in event.data]
        grown = [(BY_NAME[name].tell(event).pieces, event) for event in reading.events if event.data in padded]
        return {
            (len(json.dumps(told[0].text, ensure_ascii=False).encode()) + len(json.loads(event.data)["obfuscation"]))
            % 16
            for told, event in grown
            if len(told) == 1 and told[0].text and not told[0].name
        }

    assert lengths(faulty(ALIKE[name], "resplit:size=3,variation=2")) == lengths(read(ALIKE[name]))


def test_padding_that_is_no_text_stays() -> None:
    """A null, or what another server means by it."""
    told = '{"object":"chat.completion.chunk","choices":[{"delta":{"content":"%b"}}],"obfuscation":null}'
    one = stream(*sse(told.replace("%b", "ab")))
    assert data(plan(one, "resplit")) == [told.replace("%b", "a"), told.replace("%b", "b")]


def test_an_id_stays_with_the_last_delta_of_an_event() -> None:
    """Who resumes after it has all that it stands for."""
    frame = b'id: 7\ndata: {"object":"chat.completion.chunk","choices":[{"delta":{"content":"ab"}}]}\n\n'
    told = sent(plan(stream(frame), "resplit"))
    assert told == [frame.replace(b"id: 7\n", b"").replace(b"ab", b"a") + frame.replace(b"ab", b"b")]


def test_what_others_made_of_the_text_is_cut() -> None:
    """Faults before it have their effect; a delta that is gone or broken is left alone."""
    assert pieces(faulty(CHAT, "drop:at_event=1", "resplit"))[:2] == ["l", "o"]
    assert pieces(faulty(CHAT, "choices_null:at_event=1", "resplit"))[:2] == ["l", "o"]
    spaced = [json.loads(text)["choices"][0] for text in data(plan(CHAT, "leading_spaces", "resplit"))[1:4]]
    assert [choice["delta"]["content"] for choice in spaced] == ["H", "e", "l"]
    assert "".join(pieces(faulty(CHAT, "cumulative_delta", "resplit"))) == "HelHello ☃"


def test_what_strikes_an_event_strikes_all_its_deltas() -> None:
    """Places are those of the recording."""
    assert pieces(faulty(CHAT, "resplit", "drop:at_event=1"))[:2] == ["l", "o"]
    assert "".join(pieces(faulty(CHAT, "resplit", "duplicate:at_event=1"))) == "HelHello ☃"
    assert "".join(pieces(faulty(CHAT, "resplit", "reset_peer:at_event=2"))) == "Hel"
    assert "".join(pieces(faulty(CHAT, "reset_peer:at_event=2", "resplit"))) == "Hel"


def test_bytes_and_wire_are_made_of_the_new_deltas() -> None:
    """Other line ends, gzip and slices come after it, whatever the order of asking."""
    for others in (["line_ends"], ["gzip"], ["slicer:size=9"], ["coalesce"], ["bom:split=true"]):
        one = plan(CHAT, "resplit", *others)
        assert one.timeline == plan(CHAT, *others, "resplit").timeline
        assert set(one.outcomes) == {"applied"}
    spread = [step.at_ns for step in plan(CHAT, "resplit", "gzip").timeline]
    assert len(spread) == len(set(spread)) + 1 == len(plan(CHAT, "resplit").timeline)


def test_sizes_are_drawn_by_place() -> None:
    """The same seed cuts the same, another one otherwise, each within what was asked."""
    one = say("abcdefghijklmnopqrstuvwxyz" * 4)
    fault = "resplit:size=4,variation=3"
    told = [pieces(faulty(one, fault, seed=seed)) for seed in (0, 0, 1)]
    assert told[0] == told[1] != told[2]
    assert {len(piece) for piece in told[0][:-1]} == set(range(1, 8))


def test_plain_text_has_no_escapes() -> None:
    """Replicate's events are text, not JSON: there a code point stays whole."""
    one = stream(*(b"event: output\nid: 1690212292:0\ndata: " + text.encode() + b"\n\n" for text in ("a☃ b", FAMILY)))
    assert read(one).dialect == "replicate"
    assert pieces(faulty(one, "resplit:by=utf16")) == ["a", "☃", " ", "b", *FAMILY]


def test_what_cannot_be_cut_is_left_alone() -> None:
    """Events that mean nothing to us, and answers without text."""
    for one in (stream(*sse("one", "two")), stream(*sse("[DONE]")), exchange(headers=CHUNKED, chunks=[])):
        assert plan(one, "resplit").outcomes == ["missed"]
    problem = "the recording has no event that only grows by one text"
    assert plan(stream(*sse("one")), "resplit").applied[0].problem == problem


def test_far_too_many_deltas_are_refused() -> None:
    """A hundred thousand are enough."""
    with pytest.raises(PlanError, match="it could make more than 100000 deltas; write a larger size"):
        plan(say("x" * 100_001), "resplit")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("resplit:size=0", "size: 0 is not from 1 to 1073741824; write size=1 or more"),
        ("resplit:size=2,variation=2", "variation: 2 is not from 0 to below size=2; leave at least one"),
    ],
)
def test_deltas_of_nothing_are_refused(fault: str, message: str) -> None:
    """Each has one unit at least."""
    with pytest.raises(UsageError) as raised:
        parse_fault(fault)
    assert str(raised.value).endswith(f"resplit: {message}")


def test_a_text_of_its_own_for_each_dialect() -> None:
    """Also where the answer is only text."""
    for name in WRITTEN:
        one = written(name, Say((Text("Hello, world"),)))
        assert faulty(one, "resplit").answer().first.text == "Hello, world"
