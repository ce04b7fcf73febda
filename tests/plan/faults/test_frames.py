from __future__ import annotations

import json
from contextlib import suppress

import pytest

from streamsim.errors import PlanError, UsageError
from streamsim.plan.faults import CATALOGUE, parse_fault
from streamsim.plan.faults.catalogue import GROUPS
from streamsim.sse import Parser, parse
from streamsim.wire import Send
from tests.builders import chat, exchange, sse
from tests.plan.faults.bodies import (
    CHAT,
    GZIPPED,
    NO_ANSWER,
    NO_BODY,
    NO_STREAM,
    data,
    sent,
    stream,
    together,
)
from tests.plan.faults.scenes import CHUNKED, ONE, THREE, TWO, plan

# Each fault at event 1, and what it makes of the chunk that this event is; LF stands for the stream's line end.
INSERTED = {
    "comment_keepalive": b": keepalive\n\n",
    "comment_keepalive:text=: OPENROUTER PROCESSING": b": OPENROUTER PROCESSING\n\n",
    "comment_keepalive:text=:\\n: two lines": b":\n: two lines\n\n",
    "comment_as_data": b"data: : OPENROUTER PROCESSING\n\n",
    "comment_as_data:text=: ping": b"data: : ping\n\n",
    "empty_data": b"data:\n\n",
    "empty_data:form=quotes": b'data: ""\n\n',
    "empty_data:form=primer": b"id: 0\ndata: \n\n",
    "meta_only": b"retry: 3000\n\n",
    "meta_only:field=id": b"id: 7\n\n",
    "meta_only:value=10": b"retry: 10\n\n",
    "event_without_data": b"event: ping\n\n",
    "event_without_data:type=content_block_delta": b"event: content_block_delta\n\n",
    "nonjson_heartbeat": b"event: ping\ndata: ping\n\n",
    "nonjson_heartbeat:form=data": b"data: ping\n\n",
    "nonjson_heartbeat:form=json": b'data:{"type":"heartbeat"}\n\n',
    "unframed_error": b'{"error":{"message":"internal error","type":"server_error","code":500}}\n\n',
    'unframed_error:message=a"b\\n': b'{"error":{"message":"a\\"b\\n","type":"server_error","code":500}}\n\n',
}
ERROR = b'{"error":{"message":"upstream error","type":"server_error","code":500}}'
ALTERED = {
    "comment_inside_event": b'data: {"a": keepalive\n\n:"b"}\n\n',
    "comment_inside_event:text=:": b'data: {"a":\n\n:"b"}\n\n',
    "sticky_id_comment": b'id: 1\nevent: e\ndata: {"a":"b"}\n\n: ping\n\n',
    "sticky_id_comment:value=x y": b'id: x y\nevent: e\ndata: {"a":"b"}\n\n: ping\n\n',
    "no_space": b'event: e\ndata:{"a":"b"}\n\n',
    "missing_event_line": b'data: {"a":"b"}\n\n',
    "unterminated_then_error": b'event: e\ndata: {"a"\ndata: ' + ERROR + b"\n\n",
    "proxy_terminates_partial": b'event: e\ndata: {"a"\n\n:"b"}\n\n',
    "multiline_data": b'event: e\ndata: {\ndata: "a":"b"}\n\n',
    "leading_spaces": b'event: e\ndata:  {"a":"b"}\n\n',
    "leading_spaces:count=3": b'event: e\ndata:    {"a":"b"}\n\n',
    "field_without_colon": b'data\nevent: e\ndata: {"a":"b"}\n\n',
    "duplicate": b'event: e\ndata: {"a":"b"}\n\n' * 2,
    "duplicate:times=3": b'event: e\ndata: {"a":"b"}\n\n' * 3,
    "drop": b"",
}
EVENT = b'event: e\ndata: {"a":"b"}\n\n'
ALTERED |= {name: b"event: e\n" + ALTERED[name] for name in ALTERED if name.startswith("comment_inside_event")}
SAME_EVENTS = [
    "comment_keepalive",
    "comment_keepalive:text=:",
    "meta_only",
    "event_without_data",
    "unframed_error",
    "no_space",
]


@pytest.mark.parametrize("eol", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize(("fault", "frame"), INSERTED.items())
def test_what_is_inserted(fault: str, frame: bytes, eol: bytes) -> None:
    """It goes out with the byte before which it stands, with the stream's own line ends; all else is as it was."""
    one = stream(ONE, EVENT, THREE, eol=eol)
    result = plan(one, fault + (",at_event=1" if ":" in fault else ":at_event=1"))
    before = sent(plan(one))
    assert sent(result) == [before[0], frame.replace(b"\n", eol) + before[1], before[2]]
    assert [step.at_ns for step in result.timeline] == [step.at_ns for step in one.timeline()]


@pytest.mark.parametrize("eol", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize(("fault", "frame"), ALTERED.items())
def test_what_an_event_becomes(fault: str, frame: bytes, eol: bytes) -> None:
    """With the event's own line ends; every other byte is as it was."""
    one = stream(ONE, EVENT, THREE, eol=eol)
    result = plan(one, fault + (",at_event=1" if ":" in fault else ":at_event=1"))
    before = sent(plan(one))
    assert result.body == before[0] + frame.replace(b"\n", eol) + before[2]
    assert (sent(result)[0], sent(result)[-1]) == (before[0], before[2])


@pytest.mark.parametrize("fault", INSERTED)
def test_frames_are_inserted_halfway_by_default(fault: str) -> None:
    """Before the event in the middle; a primer before everything."""
    place = 0 if "primer" in fault else 3
    assert plan(CHAT, fault).body == plan(CHAT, f"{fault}{',' if ':' in fault else ':'}at_event={place}").body


EVERYWHERE = ("no_space", "missing_event_line", "multiline_data", "leading_spaces", "field_without_colon")


@pytest.mark.parametrize("fault", [name for name in ALTERED if ":" not in name])
def test_events_are_altered_halfway_or_everywhere(fault: str) -> None:
    """What breaks, repeats or loses an event does that once; another spelling of the stream is everywhere."""
    one = stream(*[EVENT] * 5)
    places = range(5) if fault in EVERYWHERE else [2]
    assert plan(one, fault).timeline == plan(one, *[f"{fault}:at_event={index}" for index in places]).timeline


@pytest.mark.parametrize("fault", SAME_EVENTS)
def test_lawful_frames_change_no_event(fault: str) -> None:
    """Comments, blocks without data and unknown fields are no events, and the space is optional."""
    assert parse(plan(CHAT, fault).body) == parse(plan(CHAT).body)
    assert plan(CHAT, fault).outcomes == ["applied"]


def test_events_that_are_inserted_are_events() -> None:
    """A reader that goes by the standard sees one more."""
    assert data(plan(None, "empty_data")) == ["one", "", "two", "three"]
    assert data(plan(None, "empty_data:form=quotes")) == ["one", '""', "two", "three"]
    assert data(plan(None, "comment_as_data")) == ["one", ": OPENROUTER PROCESSING", "two", "three"]
    assert [event.type for event in parse(plan(None, "nonjson_heartbeat").body)][1] == "ping"
    primed = parse(plan(None, "empty_data:form=primer").body)
    assert [(event.data, event.id) for event in primed[:2]] == [("", "0"), ("one", "0")]


def test_an_id_sticks_and_a_comment_is_no_event() -> None:
    """From the event on, all have the id; there are as many as before."""
    events = parse(plan(None, "sticky_id_comment").body)
    assert [(event.data, event.id) for event in events] == [("one", ""), ("two", "1"), ("three", "1")]


def test_a_retry_alone_sets_the_reconnection_time() -> None:
    """And an id alone the last event id."""
    parser = Parser()
    parser.feed(plan(None, "meta_only:value=250", "meta_only:field=id").body)
    assert (parser.retry_ms, parser.last_event_id) == (250, "7")


def test_json_over_two_lines_says_the_same() -> None:
    """A line end is a space to JSON; what is no object stays."""
    result = plan(CHAT, "multiline_data")
    assert [json.loads(text) for text in data(result)[:-1]] == [json.loads(text) for text in data(plan(CHAT))[:-1]]
    assert all(text.startswith("{\n") for text in data(result)[:-1])
    assert data(result)[-1] == "[DONE]"
    assert plan(None, "multiline_data").outcomes == ["missed"]


def test_spaces_belong_to_the_data() -> None:
    """All but the first; also where there was none."""
    assert data(plan(stream(b"data:x\ndata: y\n\n"), "leading_spaces")) == [" x\n y"]
    assert data(plan(None, "field_without_colon")) == ["\none", "\ntwo", "\nthree"]


def test_broken_events_are_what_a_reader_sees() -> None:
    """Half an event; half an event and an error in one; half an event and a line that is no field."""
    one = stream(ONE, EVENT, THREE)
    assert data(plan(one, "comment_inside_event")) == ["one", '{"a": keepalive', "three"]
    assert data(plan(one, "unterminated_then_error")) == ["one", '{"a"\n' + ERROR.decode(), "three"]
    assert data(plan(one, "proxy_terminates_partial")) == ["one", '{"a"', "three"]


def test_a_proxy_sends_the_rest_in_the_next_chunk() -> None:
    """At the same time; what stood with the event in a chunk stays with its half."""
    assert sent(plan(None, "proxy_terminates_partial")) == [ONE, b"data: t\n\n", b"wo\n\n", THREE]
    one = together([ONE, TWO, THREE])
    assert sent(plan(one, "proxy_terminates_partial")) == [ONE + b"data: t\n\n", b"wo\n\n" + THREE]
    assert sent(plan(one, "proxy_terminates_partial:probability=1")) == [
        b"data: o\n\n",
        b"ne\n\ndata: t\n\n",
        b"wo\n\ndata: th\n\n",
        b"ree\n\n",
    ]


def test_halves_are_never_halves_of_characters() -> None:
    """The middle moves before the character."""
    assert data(plan(stream("data: a☃\n\n".encode()), "proxy_terminates_partial")) == ["a"]
    assert data(plan(stream("data: ☃\n\n".encode()), "comment_inside_event")) == [": keepalive"]


@pytest.mark.parametrize("fault", ["comment_inside_event", "unterminated_then_error", "proxy_terminates_partial"])
def test_an_event_without_a_value_has_no_middle(fault: str) -> None:
    """A line ``data`` without a colon is an event, and nothing in it can be broken."""
    for other in (fault, "huge_event", "invalid_utf8", "unicode_newline"):
        assert plan(stream(b"data\n\n"), other).outcomes == ["missed"]


@pytest.mark.parametrize(("ends_in", "last"), [("newline", b"data: three\n"), ("nothing", b"data: three")])
@pytest.mark.parametrize("eol", [b"\n", b"\r\n", b"\r"])
def test_the_last_event_is_not_finished(ends_in: str, last: bytes, eol: bytes) -> None:
    """A reader that goes by the standard discards it; the response is complete."""
    result = plan(stream(ONE, TWO, THREE, eol=eol), f"no_final_blank:ends_in={ends_in}")
    assert sent(result)[-1] == last.replace(b"\n", eol)
    assert data(result) == ["one", "two"]
    assert result.shown[-1] == (160, "end")


def test_nothing_follows_an_unfinished_event() -> None:
    """Neither comments that were recorded nor frames of other faults, in which it would be finished."""
    one = together([ONE, TWO, b": bye\n\n", b"data: cut"])
    assert plan(one, "no_final_blank").body == ONE + b"data: two\n"
    assert plan(one, "comment_keepalive:at_event=2", "no_final_blank").body == ONE + b"data: two\n"


def test_an_unfinished_event_needs_an_event() -> None:
    """Where there is none, or it was lost, the stream stays as it is."""
    assert plan(NO_STREAM, "no_final_blank").outcomes == ["missed"]
    assert plan(None, "drop:at_event=2", "no_final_blank").outcomes == ["applied", "missed"]
    assert plan(None, "no_final_blank", "reset_peer:at_event=2").outcomes == ["not reached", "applied"]


def test_dropped_events_are_lost_whole() -> None:
    """Their chunks with them; what shares a chunk stays."""
    assert plan(None, "drop").shown == [(100, "head"), (120, ONE), (160, THREE), (160, "end")]
    assert sent(plan(together([ONE, b": hi\n\n", TWO, THREE]), "drop:at_event=1")) == [ONE + b": hi\n\n" + THREE]
    assert plan(None, "drop:probability=1").shown == [(100, "head"), (160, "end")]


def test_swapped_events_come_at_each_others_time() -> None:
    """What stands between them stays."""
    assert plan(None, "reorder").shown[1:] == [(120, ONE), (140, THREE), (160, TWO), (160, "end")]
    one = stream(ONE, b": hi\n\n", TWO)
    assert sent(plan(one, "reorder:at_event=0")) == [TWO, b": hi\n\n", ONE]


def test_an_event_is_moved_once() -> None:
    """Pairs are swapped from the first on; the last one has nobody to be swapped with."""
    frames = sse("a", "b", "c", "d", "e")
    assert data(plan(stream(*frames[:2]), "reorder")) == ["b", "a"]
    assert data(plan(stream(*frames), "reorder:probability=1")) == ["b", "a", "d", "c", "e"]
    assert sent(plan(stream(*frames[:1]), "reorder")) == frames[:1]


def test_a_lost_event_is_not_swapped() -> None:
    """The other one must not be lost with it."""
    assert data(plan(None, "drop:at_event=1", "reorder:at_event=1")) == ["one", "three"]


def test_the_last_event_cannot_be_swapped() -> None:
    """Asking for it is an error, whatever the attempt."""
    message = r"^reorder: event 2 is the last: there is none to swap it with; give an earlier one$"
    with pytest.raises(PlanError, match=message):
        plan(None, "reorder:at_event=2,attempt=3")


def test_frames_are_inserted_between_frames() -> None:
    """A place inside one is its end, be it by bytes or chunks; and the end of the body is a place."""
    one = exchange(headers=CHUNKED, chunks=[ONE + TWO[:4], TWO[4:], THREE])
    comment = b": keepalive\n\n"
    assert sent(plan(one, "comment_keepalive:at_chunk=1")) == [ONE + TWO[:4], TWO[4:], comment + THREE]
    assert sent(plan(one, "comment_keepalive:at_byte=3")) == [ONE + comment + TWO[:4], TWO[4:], THREE]
    assert sent(plan(one, "comment_keepalive:at_event=3")) == [ONE + TWO[:4], TWO[4:], THREE + comment]
    assert sent(plan(one, "comment_keepalive:at=headers")) == [comment + ONE + TWO[:4], TWO[4:], THREE]


def test_altered_events_may_lie_in_several_chunks() -> None:
    """They then go out where their first byte did; a frame that stays keeps its chunks."""
    one = exchange(headers=CHUNKED, chunks=[ONE + TWO[:4], TWO[4:] + THREE])
    assert sent(plan(one, "leading_spaces:at_event=1")) == [ONE + b"data:  two\n\n", THREE]
    assert plan(one, "missing_event_line").outcomes == ["missed"]


def test_inserting_by_chance() -> None:
    """Before each event that chance picks."""
    one = stream(*[b"data: %02d\n\n" % number for number in range(60)])
    chunks = sent(plan(one, "comment_keepalive:probability=1/4"))
    comments = [chunk for chunk in chunks if chunk.startswith(b": keepalive\n\n")]
    assert 5 < len(comments) < 26
    assert len(chunks) == 60


@pytest.mark.parametrize("name", GROUPS["Frames"])
def test_a_compressed_recording_has_no_frames_to_change(name: str) -> None:
    """Nothing is damaged: it is left alone, and the plan says why, whatever the attempt; a place is an error."""
    problem = "the recorded body is compressed, so its events cannot be reached"
    for fault in (name, f"{name}:probability=1/2", f"{name}:attempt=9"):
        result = plan(GZIPPED, fault)
        assert [(told.outcome, told.problem) for told in result.applied] == [("missed", problem)]
        assert result.timeline == GZIPPED.timeline()
    if hasattr(CATALOGUE[name], "at_event"):
        with pytest.raises(PlanError, match=f"^{name}: {problem}; record it without content-encoding$"):
            plan(GZIPPED, f"{name}:at_event=0")


@pytest.mark.parametrize("fault", GROUPS["Frames"])
def test_an_answer_that_is_no_stream_is_left_alone(fault: str) -> None:
    """Unless a place is given, which must be there: a JSON error among the exchanges of a session stays one."""
    for one in (NO_STREAM, NO_BODY, exchange(chunks=())):
        assert plan(one, fault).outcomes == ["missed"]
        assert plan(one, fault).timeline == one.timeline()
    if hasattr(CATALOGUE[fault], "at_event"):
        with pytest.raises(PlanError, match=f"^{fault}: there is no event 1 of 0"):
            plan(NO_STREAM, f"{fault}:at_event=1")


def test_what_can_have_no_body_gets_none() -> None:
    """A 204, and a connection that gave no answer, stay what they are even at a place that every body has."""
    for one in (NO_BODY, NO_ANSWER):
        assert plan(one, "comment_keepalive:at=headers").timeline == one.timeline()
    empty = exchange(headers=CHUNKED, chunks=())
    assert plan(empty, "comment_keepalive:at=headers").shown == [(100, "head"), (100, b": keepalive\n\n"), (100, "end")]


@pytest.mark.parametrize("name", [name for name in CATALOGUE if hasattr(CATALOGUE[name], "at_event")])
@pytest.mark.parametrize("place", ["at_event=0", "at_byte=0", "at=headers"])
def test_no_fault_makes_a_body_where_there_can_be_none(name: str, place: str) -> None:
    """At a place that every body has a fault sends nothing to a 204 or without an answer, or is refused there."""
    for one in (NO_BODY, NO_ANSWER):
        with suppress(PlanError):
            assert not [step for step in plan(one, f"{name}:{place}").timeline if isinstance(step.action, Send)]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("comment_keepalive:text=keepalive", "text: 'keepalive' is no comment; begin each line with a colon"),
        ("comment_inside_event:text=x", "text: 'x' is no comment; begin each line with a colon"),
        ("comment_as_data:text=a\\nb", "text: 'a\\nb' holds a line end; write one line"),
        ("event_without_data:type=a\\rb", "type: 'a\\rb' holds a line end; write one line"),
        ("meta_only:value=a\\r\\nb", "value: 'a\\r\\nb' holds a line end; write one line"),
        ("sticky_id_comment:value=\\n", "value: '\\n' holds a line end; write one line"),
        ("unframed_error:message=\ud800", "message: '\\ud800' cannot be written in UTF-8; leave it out"),
        ("unterminated_then_error:message=\ud800", "message: '\\ud800' cannot be written in UTF-8; leave it out"),
        ("duplicate:times=1", "times: 1 is not from 2 to 1000; write times=2 or more"),
        ("leading_spaces:count=0", "count: 0 is not from 1 to 1048576; write count=1 or more"),
    ],
)
def test_texts_that_would_break_another_way_are_refused(fault: str, message: str) -> None:
    """A fault does what it says and nothing else."""
    with pytest.raises(UsageError) as raised:
        parse_fault(fault)
    assert str(raised.value).endswith(f"{fault.partition(':')[0]}: {message}")


def test_a_byte_of_the_command_line_that_is_no_text_is_that_byte() -> None:
    """As POSIX hands it over."""
    assert sent(plan(None, "comment_as_data:text=\udcff"))[1] == b"data: \xff\n\n" + TWO


def test_chat_frames_are_not_touched_by_places_elsewhere() -> None:
    """A fault at the terminal event leaves all before it."""
    assert sent(plan(CHAT, "duplicate:at=terminal")) == [*chat("Hel", "lo ☃", usage=True)[:-1], b"data: [DONE]\n\n" * 2]
