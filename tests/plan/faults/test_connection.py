"""Faults of connection and framing: exact bytes, boundaries, times and end of each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from streamsim.errors import PlanError
from streamsim.plan.faults import Applied
from streamsim.plan.faults.closing import Closing
from streamsim.plan.faults.framing import chunked, endless, sized, swapped, until_close
from streamsim.plan.faults.no_answer import NoAnswer
from streamsim.recording.model import Chunk
from streamsim.wire import End, Head
from streamsim.wire.timeline import rendered
from tests.builders import EVENT_STREAM, chat, exchange, sse
from tests.plan.faults.scenes import CHUNKED, ONE, THREE, TWO, Shown, plan

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange
    from streamsim.wire import Headers

LENGTH: Headers = (*EVENT_STREAM, ("Content-Length", "35"), ("x-last", "1"))
SIZED = exchange(headers=LENGTH, framing="content-length")
OPEN = exchange(headers=EVENT_STREAM, framing="close", http="1.0")
CHAT = exchange(headers=CHUNKED, chunks=chat("Hel", "lo"))
HALF: Shown = [(100, "head"), (120, ONE)]
WHOLE: Shown = [*HALF, (140, TWO), (160, THREE)]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("reset_peer", [*HALF, (120, "reset")]),
        ("reset_peer:at_event=2,after=5ms", [*HALF, (140, TWO), (145, "reset")]),
        ("reset_peer:at_byte=13", [*HALF, (140, b"da"), (140, "reset")]),
        ("reset_peer:at_event=3", [*WHOLE, (160, "reset")]),
        ("reset_peer:at=headers", [(100, "head"), (100, "reset")]),
        ("close_mid_chunked", [*HALF, (120, "fin")]),
        ("close_mid_chunked:at_chunk=3", [*WHOLE, (160, "fin")]),
        ("short_content_length:at_byte=3", [(100, "head"), (120, b"dat"), (120, "fin")]),
        ("truncate_close_delimited", [*HALF, (120, "end")]),
        ("clean_truncation", [*HALF, (140, TWO), (140, "end")]),
        ("clean_truncation:at_event=0", [(100, "head"), (100, "end")]),
        ("reset_after_terminal", [*WHOLE, (160, "reset")]),
        ("reset_after_terminal:how=fin,after=1s", [*WHOLE, (1160, "fin")]),
        ("hold_after_terminal", [*WHOLE, (160, "hang")]),
        ("hold_after_terminal:for=12s", [*WHOLE, (160, "hang 12000")]),
        ("empty_reply", [(0, "fin")]),
        ("empty_reply:after=20ms", [(20, "fin")]),
        ("bad_chunk_header", [*HALF, (120, "raw ZZ\r\n"), (120, "fin")]),
        ("bad_chunk_header:text=-1,at_event=0", [(100, "head"), (100, "raw -1\r\n"), (100, "fin")]),
        ("connection_close_mask", [*WHOLE, (160, "end")]),
        ("refuse", [(0, "refuse")]),
        ("ignore", [(0, "ignore")]),
    ],
)
def test_what_is_sent_when_and_how_it_ends(fault: str, expected: Shown) -> None:
    """Bytes and boundaries before the place as recorded, then the fault's own end, after its delay."""
    result = plan(None, fault)
    assert result.shown == expected
    assert result.outcomes == ["applied"]


@pytest.mark.parametrize("fault", ["reset_peer", "close_mid_chunked", "clean_truncation", "stall", "bad_chunk_header"])
def test_a_chunked_head_is_left_alone(fault: str) -> None:
    """What the fault does not name stays as recorded."""
    assert plan(None, fault).timeline[0] == exchange(headers=CHUNKED).timeline()[0]


@pytest.mark.parametrize(
    "fault", ["close_mid_chunked", "bad_chunk_header", "stall_masked_by_keepalive", "reset_after_terminal"]
)
@pytest.mark.parametrize(("one", "rest"), [(SIZED, (("x-last", "1"),)), (OPEN, ())])
def test_faults_of_chunked_framing_bring_it(fault: str, one: Exchange, rest: Headers) -> None:
    """The head says chunked where it said a length, or at its end; HTTP/1.0 has no chunks, so 1.1 it is."""
    head = plan(one, fault).head
    assert head.headers == (*EVENT_STREAM, ("transfer-encoding", "chunked"), *rest)
    assert (head.framing, head.http) == ("chunked", "1.1")


@pytest.mark.parametrize("fault", ["stall", "hold_after_terminal"])
def test_holding_open_needs_a_body_that_its_last_byte_does_not_complete(fault: str) -> None:
    """A body with a length is sent chunked; one that lasts until the connection closes stays so."""
    assert plan(SIZED, fault).head.framing == "chunked"
    assert plan(OPEN, fault).timeline[0] == OPEN.timeline()[0]


def test_resetting_leaves_the_framing() -> None:
    """An RST is seen in any framing, so the head is as recorded."""
    for one in (SIZED, OPEN):
        assert plan(one, "reset_peer").timeline[0] == one.timeline()[0]


def test_a_short_content_length_promises_the_whole() -> None:
    """The header counts the whole body as it would have been, whatever the recorded framing; the rest never comes."""
    result = plan(None, "short_content_length")
    assert result.head.headers == (*EVENT_STREAM, ("content-length", "35"))
    assert result.head.framing == "content-length"
    assert b"".join(rendered(result.timeline)).endswith(b"content-length: 35\r\n\r\n" + ONE)
    assert plan(None, "drop:at_event=0", "short_content_length").head.headers[-1] == ("content-length", "24")
    assert plan(OPEN, "short_content_length").head.headers[-1] == ("content-length", "35")


def test_a_close_delimited_body_is_bare() -> None:
    """Neither framing header, no chunk sizes, and the end is to close."""
    for one in (None, SIZED):
        result = plan(one, "truncate_close_delimited")
        names = {name.lower() for name, _ in result.head.headers}
        assert not names & {"content-length", "transfer-encoding"}
        assert b"".join(rendered(result.timeline)).endswith(b"\r\n\r\n" + ONE)
    assert plan(SIZED, "truncate_close_delimited").head.headers[-1] == ("x-last", "1")


def test_a_clean_truncation_is_complete_in_its_own_framing() -> None:
    """The final chunk, a length that fits, or the closing."""
    assert b"".join(rendered(plan(None, "clean_truncation").timeline)).endswith(b"b\r\n" + TWO + b"\r\n0\r\n\r\n")
    assert plan(SIZED, "clean_truncation").head.headers == (*EVENT_STREAM, ("content-length", "22"), ("x-last", "1"))
    assert plan(OPEN, "clean_truncation").timeline[-1].action == End()


CLAUDE = [
    f"event: {kind}\ndata: {told}\n\n".encode()
    for kind, told in (
        ("message_start", '{"message":{"stop_reason":null,"usage":{"output_tokens":1}}}'),
        ("content_block_delta", '{"delta":{"text":"a"}}'),
        ("content_block_stop", "{}"),
        ("message_delta", '{"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}'),
        ("message_stop", "{}"),
    )
]
RESPONSES = [
    f"event: {kind}\ndata: {told}\n\n".encode()
    for kind, told in (
        ("response.created", "{}"),
        ("response.output_text.delta", '{"delta":"a"}'),
        ("response.output_text.done", '{"text":"a"}'),
        ("response.completed", "{}"),
    )
]
GEMINI = sse('{"text":"a"}', '{"text":"b"}', '{"text":"c","finishReason":"STOP"}')


@pytest.mark.parametrize(
    ("frames", "sent"),
    [
        (chat("a", "b"), 3),
        (chat("a", "b", usage=True), 3),
        ([*chat("a"), b"data: more\n\n"], 2),
        (CLAUDE, 2),
        (RESPONSES, 2),
        (GEMINI, 2),
        ([*GEMINI, b'data: {"usage":1}\n\n'], 2),
        ([*sse("one", "two", "[DONE]")], 2),
        ([*sse("one", "two")], 1),
        (chat("a", "b")[:3], 2),
    ],
)
def test_a_clean_truncation_ends_where_all_was_said_and_no_end_is_told(frames: list[bytes], sent: int) -> None:
    """After the last content before reason to finish and terminal event, or before the last event if none tells."""
    assert plan(exchange(headers=CHUNKED, chunks=frames), "clean_truncation").body == b"".join(frames[:sent])


def test_a_clean_truncation_may_lack_the_terminal_event_only() -> None:
    """That of the dialect, not the last one."""
    one = exchange(headers=CHUNKED, chunks=[*chat("a"), b"data: more\n\n"])
    assert plan(one, "clean_truncation:at=terminal").body == b"".join(chat("a")[:-1])


@pytest.mark.parametrize(
    "fault", ["short_content_length:at_event=3", "truncate_close_delimited:at_byte=35", "clean_truncation:at_chunk=3"]
)
def test_a_truncation_of_nothing_is_refused(fault: str) -> None:
    """At the end of the body nothing would be missing."""
    name = fault.partition(":")[0]
    message = f"{name}: the place is the end of the body: nothing would be missing; give an earlier one"
    with pytest.raises(PlanError, match=f"^{re.escape(message)}$"):
        plan(None, fault)


def test_a_clean_truncation_needs_an_event_or_a_place() -> None:
    """Without events there is no last one; a byte there is."""
    one = exchange(chunks=[b"{}"], headers=(("content-type", "application/json"),))
    why = ("the recording has no event before which to end", "give at_byte or at_chunk")
    assert plan(one, "clean_truncation").applied == (Applied("clean_truncation", "missed", *why),)
    assert plan(one, "clean_truncation:at_byte=1").body == b"{"


JSON = exchange(headers=CHUNKED, chunks=sse('{"a":1}', '{"bb":22}', "[DONE]"))


@pytest.mark.parametrize(
    ("fault", "body"),
    [
        ("truncate_mid_json", b'data: {"a":1}\n\ndata: {"bb'),
        ("truncate_mid_json:at_event=0", b'data: {"a'),
        ("truncate_mid_json:at_byte=1", b'data: {"a":1}\n\ndata: {"bb'),
        ("truncate_mid_json:at=headers", b'data: {"a'),
    ],
)
def test_json_is_cut_in_its_middle(fault: str, body: bytes) -> None:
    """Half of the object's bytes are sent, with the time of their chunk, and then the body is complete."""
    result = plan(JSON, fault)
    assert result.body == body
    assert isinstance(result.timeline[-1].action, End)
    assert result.timeline[-1].at_ns == result.timeline[-2].at_ns


@pytest.mark.parametrize(
    ("frame", "sent"),
    [
        (b"data: {}\n\n", b"data: {"),
        (b"data:{}\n\n", b"data:{"),
        (b"data: {\ndata: }\n\n", b"data: {"),
        (b"event: x\r\ndata: {}          \r\n\r\n", b"event: x\r\ndata: {"),
        ('data: {"éa"}\n\n'.encode(), b'data: {"'),
        (b"data: {\x80\x80\x80}\n\n", b"data: {"),
        (b"\xef\xbb\xbfdata: {}\n\n", b"\xef\xbb\xbfdata: {"),
    ],
)
def test_json_is_never_cut_to_something_whole(frame: bytes, sent: bytes) -> None:
    """Blanks do not count, a first byte always stays, and no character is halved."""
    assert plan(exchange(headers=CHUNKED, chunks=[frame]), "truncate_mid_json").body == sent


@pytest.mark.parametrize(
    ("one", "fault", "message"),
    [
        (JSON, "truncate_mid_json:at_event=2", "event 2 is no JSON object; give another event"),
        (JSON, "truncate_mid_json:at_event=3", "there is no event 3 of 3; events count from 0"),
    ],
)
def test_json_that_is_not_there_cannot_be_cut(one: Exchange | None, fault: str, message: str) -> None:
    """The event must exist and be an object."""
    with pytest.raises(PlanError, match=f"^truncate_mid_json: {re.escape(message)}$"):
        plan(one, fault)


def test_without_json_there_is_none_to_cut() -> None:
    """Where no event was asked for, the fault misses."""
    why = ("no event is a JSON object", "use clean_truncation:at_byte=N")
    assert plan(None, "truncate_mid_json").applied == (Applied("truncate_mid_json", "missed", *why),)


@pytest.mark.parametrize("fault", ["reset_after_terminal", "hold_after_terminal"])
def test_what_follows_the_terminal_event_is_not_sent(fault: str) -> None:
    """The place is the end of the terminal event."""
    one = exchange(headers=CHUNKED, chunks=[*chat("a"), b": bye\n\n"])
    assert plan(one, fault).body == b"".join(chat("a"))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (EVENT_STREAM, (*EVENT_STREAM, ("connection", "close"))),
        (
            (("Connection", "keep-alive"), ("Keep-Alive", "timeout=5"), ("x", "y")),
            (("connection", "close"), ("x", "y")),
        ),
        ((("x", "y"), ("keep-alive", "timeout=5")), (("x", "y"), ("connection", "close"))),
    ],
)
def test_the_mask_replaces_what_keeps_a_connection_alive(headers: Headers, expected: Headers) -> None:
    """One header stands where the first of them stood, or at the end; the others are as they were."""
    assert plan(exchange(headers=headers), "connection_close_mask").head.headers == expected


def test_a_closing_completes_a_chunk_that_was_cut_short() -> None:
    """What was recorded of it is a whole chunk when the body is to be complete, and stays cut when it is not."""
    one = exchange(chunks=[ONE], headers=CHUNKED, end="fin")
    one.chunks.append(Chunk(exchange=1, dt_us=20_000, text="data: tw", cut=True, of=11))
    assert plan(one, "reset_peer:at_byte=15").shown == [*HALF, (140, "raw b\r\ndata"), (140, "reset")]
    assert plan(one, "clean_truncation:at_byte=15").shown == [*HALF, (140, b"data"), (140, "end")]


def test_interim_heads_precede_a_closing_and_no_silence() -> None:
    """They are part of an answer that is cut, and not of one that never comes."""
    hint = exchange(chunks=[], status=0, end="timeout")
    assert plan(hint, "reset_peer").shown == [(0, "reset")]
    assert plan(hint, "connection_close_mask").outcomes == ["missed"]


HEAD = Head(200, "OK", (("a", "1"), ("Content-Length", "3"), ("b", "2"), ("Transfer-Encoding", "x")), framing="h2")


def test_framing_is_changed_and_nothing_else() -> None:
    """New headers stand where the first of the old ones stood."""
    assert swapped((("a", "1"),), ("b",), (("b", "2"),)) == (("a", "1"), ("b", "2"))
    assert chunked(HEAD).headers == (("a", "1"), ("transfer-encoding", "chunked"), ("b", "2"))
    assert sized(HEAD, 7).headers == (("a", "1"), ("content-length", "7"), ("b", "2"))
    assert until_close(HEAD).headers == (("a", "1"), ("b", "2"))
    assert endless(HEAD) is HEAD
    bodiless = Head(204, framing="none")
    assert chunked(bodiless) is bodiless


def test_the_bases_do_nothing_of_themselves() -> None:
    """A closing and a silence must say what they do."""

    class Nothing(Closing, frozen=True, kw_only=True, tag="nothing"):
        pass

    class Silence(NoAnswer, frozen=True, kw_only=True, tag="silence"):
        pass

    with pytest.raises(NotImplementedError):
        Nothing().actions()
    with pytest.raises(NotImplementedError):
        Silence().action()
