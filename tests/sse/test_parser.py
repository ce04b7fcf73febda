"""The parser against the standard's own words, and against a slow reading of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from streamsim.sse import RETRY_MAX, Event, Parser, parse
from tests.sse.cutting import bytewise, cut_streams, every_cut, read, streams
from tests.sse.oracle import Outcome, interpret

thorough = settings(deadline=None, derandomize=True, max_examples=600)

Seen = list[tuple[str, str, str]]

# Each: what it shows, the stream, the events as (data, type, id).
CASES: list[tuple[str, bytes, Seen]] = [
    # The standard's examples.
    (
        "stock ticker",
        b"data: YHOO\ndata: +2\ndata: 10\n\n",
        [("YHOO\n+2\n10", "message", "")],
    ),
    (
        "four blocks, the last unfinished",
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event",
        [("first event", "message", "1"), ("second event", "message", "")],
    ),
    (
        "the third block finished",
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [("first event", "message", "1"), ("second event", "message", ""), (" third event", "message", "")],
    ),
    (
        "empty data, two empty lines, unfinished",
        b"data\n\ndata\ndata\n\ndata:",
        [("", "message", ""), ("\n", "message", "")],
    ),
    ("space after the colon", b"data:test\n\ndata: test\n\n", [("test", "message", ""), ("test", "message", "")]),
    (
        "named events",
        b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n",
        [("73857293", "add", ""), ("2153", "remove", ""), ("113411", "add", "")],
    ),
    # Line ends.
    ("CR", b"data: a\rdata: b\r\rdata: c\r\r", [("a\nb", "message", ""), ("c", "message", "")]),
    ("CRLF", b"data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", [("a\nb", "message", ""), ("c", "message", "")]),
    ("mixed line ends", b"data: a\ndata: b\r\n\rdata: c\r\n\n", [("a\nb", "message", ""), ("c", "message", "")]),
    ("LF CR is two line ends", b"data: a\n\rdata: b\n\r", [("a", "message", ""), ("b", "message", "")]),
    ("CR LF is one line end", b"data: a\r\ndata: b\r\n\r\n", [("a\nb", "message", "")]),
    (
        "other separators are text",
        "data: a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg\n\n".encode(),
        [("a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg", "message", "")],
    ),
    ("blank lines alone", b"\n\r\n\r\n\n\ndata: a\n\n\n\n", [("a", "message", "")]),
    # Byte order mark.
    ("mark", b"\xef\xbb\xbfdata: a\n\n", [("a", "message", "")]),
    ("two marks", b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", [("b", "message", "")]),
    ("later mark", b"data: a\n\n\xef\xbb\xbfdata: b\n\ndata: c\n\n", [("a", "message", ""), ("c", "message", "")]),
    ("half a mark", b"\xef\xbbdata: a\n\ndata: b\n\n", [("b", "message", "")]),
    ("mark in data", b"data: \xef\xbb\xbfa\n\n", [("\ufeffa", "message", "")]),
    ("mark and blank line", b"\xef\xbb\xbf\ndata: a\n\n", [("a", "message", "")]),
    # Decoding.
    ("characters", "data: é€🙂\n\n".encode(), [("é€🙂", "message", "")]),
    (
        "what is no UTF-8 is replaced",
        b"data: \xff|\xe2\x82|\xf0\x9f\x99|\xc0\xaf|\xed\xa0\x80\n\n",
        [("\ufffd|\ufffd|\ufffd|\ufffd\ufffd|\ufffd\ufffd\ufffd", "message", "")],
    ),
    ("a cut character ends with its line", b"data: \xe2\x82\ndata: \x82\n\n", [("\ufffd\n\ufffd", "message", "")]),
    ("a field name that is no UTF-8", b"data\xff: a\ndata: b\n\n", [("b", "message", "")]),
    ("an event name that is no UTF-8", b"event: \xff\ndata: b\n\n", [("b", "\ufffd", "")]),
    # Fields.
    ("one space goes", b"data:   a \n\n", [("  a ", "message", "")]),
    ("a tab stays", b"data:\ta\n\n", [("\ta", "message", "")]),
    ("the first colon counts", b"data:a:b: c\n\n", [("a:b: c", "message", "")]),
    ("comments", b": a\n:\n:data: b\ndata: c\n: d\n\n", [("c", "message", "")]),
    ("unknown fields", b"foo: a\nfoo\nDATA: b\n data: c\ndata : d\ndatas: e\ndata: f\n\n", [("f", "message", "")]),
    ("a comment block gives nothing", b": ping\n\n: ping\n\ndata: a\n\n", [("a", "message", "")]),
    ("lone data", b"data:\n\n", [("", "message", "")]),
    ("NUL in data", b"data: a\0b\n\n", [("a\0b", "message", "")]),
    ("the last event name counts", b"event: a\nevent: b\ndata: c\n\n", [("c", "b", "")]),
    (
        "an empty name is message",
        b"event: a\nevent\ndata: c\n\nevent: \ndata: d\n\n",
        [("c", "message", ""), ("d", "message", "")],
    ),
    ("a name without data is forgotten", b"event: a\n\ndata: b\n\n", [("b", "message", "")]),
    ("a name after data", b"data: b\nevent: a\n\n", [("b", "a", "")]),
    ("name and value of two blocks", b"event: a\n\nevent: b\ndata: c\ndata: d\n\n", [("c\nd", "b", "")]),
    ("as many line ends as two named blocks", b"event: a\ndata: b\ndata: c\n\nevent: d\n\n", [("b\nc", "a", "")]),
    (
        "as many line ends as two bare blocks",
        b"data: a\ndata: b\n\n\ndata: c\n\n",
        [("a\nb", "message", ""), ("c", "message", "")],
    ),
    ("a named block without data among others", b"event: a\ndata: b\n\nevent: c\nid: d\n\n", [("b", "a", "")]),
    ("two named blocks without data", b"event: a\nid: b\n\nevent: c\nid: d\n\n", []),
    (
        "an empty name among others",
        b"event: a\ndata: b\n\nevent: \ndata: c\n\n",
        [("b", "a", ""), ("c", "message", "")],
    ),
    # Ids.
    ("the id stays", b"id: 1\ndata: a\n\ndata: b\n\n", [("a", "message", "1"), ("b", "message", "1")]),
    (
        "the id stays for a named event",
        b"id: 1\ndata: a\n\nevent: t\ndata: b\n\n",
        [("a", "message", "1"), ("b", "t", "1")],
    ),
    ("an id without data counts", b"id: 1\n\ndata: a\n\n", [("a", "message", "1")]),
    ("an id with NUL does not", b"id: 1\nid: 2\0\ndata: a\n\n", [("a", "message", "1")]),
    ("an empty id resets", b"id: 1\ndata: a\n\nid:\ndata: b\n\n", [("a", "message", "1"), ("b", "message", "")]),
    ("an id after data", b"data: a\nid: 1\n\n", [("a", "message", "1")]),
    ("an id twice", b"id: 1\ndata: a\n\nid: 1\ndata: b\n\n", [("a", "message", "1"), ("b", "message", "1")]),
    # The end.
    ("nothing", b"", []),
    ("no blank line", b"data: a\n", []),
    ("no line end", b"data: a\n\ndata: b", [("a", "message", "")]),
]


@pytest.mark.parametrize(("stream", "events"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_known_answers(stream: bytes, events: Seen) -> None:
    """The standard's answer comes out however the stream is cut."""
    for chunks in every_cut(stream):
        assert read(chunks).events == events, chunks


@pytest.mark.parametrize(("stream", "events"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_known_answers_with_a_tail(stream: bytes, events: Seen) -> None:
    """A finished stream gives the same events when more follows."""
    if not stream.endswith((b"\n\n", b"\r\r", b"\r\n\r\n")):
        return
    last_id = interpret(stream).last_event_id
    for chunks in every_cut(stream + b"data: tail\n\ndata: unfinished"):
        assert read(chunks).events == [*events, ("tail", "message", last_id)], chunks


@pytest.mark.parametrize(("stream", "events"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_oracle_knows_the_answers_too(stream: bytes, events: Seen) -> None:
    """The slow reading agrees with the known answers, so that it may judge the rest."""
    assert interpret(stream).events == events


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"retry: 1500\n", 1500),
        (b"retry:0\n", 0),
        (b"retry: 007\n", 7),
        (b"retry: 1\nretry: 2\n", 2),
        (b"retry: 1\nretry: x\n", 1),
        (b"retry: 1\nretry\n", 1),
        (b"retry: 1", None),
        (b"retry\n", None),
        (b"retry: \n", None),
        (b"retry: -5\n", None),
        (b"retry: +5\n", None),
        (b"retry: 1_000\n", None),
        (b"retry:  10\n", None),
        (b"retry: 10 \n", None),
        (b"retry: 1.5\n", None),
        ("retry: ٣\n".encode(), None),
        ("retry: ²\n".encode(), None),
        (b"retry: " + b"9" * 18 + b"\n", RETRY_MAX),
        (b"retry: 1" + b"0" * 17 + b"\n", 10**17),
        (b"retry: 1" + b"0" * 18 + b"\n", RETRY_MAX),
        (b"retry: " + b"0" * 30 + b"5\n", 5),
    ],
)
def test_retry(stream: bytes, expected: int | None) -> None:
    """Only ASCII digits set the reconnection time, at once, and never above the cap."""
    for chunks in every_cut(stream):
        assert read(chunks).retry_ms == expected, chunks


def test_a_retry_of_thousands_of_digits_is_capped() -> None:
    """A number that int() would refuse to read is the longest time we keep."""
    assert read([b"retry: " + b"1" * 10_000 + b"\n\n"]).retry_ms == RETRY_MAX == 10**18 - 1


def test_last_event_id_counts_from_the_blank_line_on() -> None:
    """An id becomes the last event id when its block ends and not before."""
    parser = Parser()
    parser.feed(b"id: 1\ndata: a\n")
    assert parser.last_event_id == ""
    parser.feed(b"\n")
    assert parser.last_event_id == "1"
    parser.feed(b"id: 2\ndata: b\n")
    parser.close()
    assert parser.last_event_id == "1"


@pytest.mark.parametrize("chunk", [b"data: a\n\n", b"data: a\r\r", b"data: a\r\n\r", b"\xef\xbb\xbfdata: a\n\r"])
def test_an_event_comes_with_its_last_byte(chunk: bytes) -> None:
    """A blank line of any kind gives its event at once, even where an LF may still follow."""
    parser = Parser()
    assert list(parser.feed(chunk[:-1])) == []
    assert list(parser.feed(chunk[-1:])) == [Event("a")]
    assert list(parser.feed(b"data: b\n\n")) == [Event("b")]


def test_an_lf_after_a_cr_is_swallowed_once() -> None:
    """After a CR at the end of a chunk one LF belongs to it and the next is a line end."""
    parser = Parser()
    assert list(parser.feed(b"data: a\r")) == []
    assert list(parser.feed(b"")) == []
    assert list(parser.feed(b"\n")) == []
    assert list(parser.feed(b"\n")) == [Event("a")]


def test_a_closed_parser_takes_nothing() -> None:
    """Feeding after the end is a programmer's error, closing again is none."""
    parser = Parser()
    parser.feed(b"data: a\n\n")
    parser.close()
    parser.close()
    for chunk in (b"data: a\n\n", b"x", b""):
        with pytest.raises(ValueError, match=r"^the parser was closed; make a new one for a new stream$"):
            parser.feed(chunk)


def test_parse_reads_a_whole_stream() -> None:
    """One call gives the finished events of a buffer, even of an empty one."""
    assert parse(b"event: t\nid: 1\ndata: a\n\ndata: b") == [Event(data="a", type="t", id="1")]
    assert parse(b"") == []


def test_an_event_is_a_value() -> None:
    """Equal events are equal and have one hash; a field can't be set."""
    event = Event("a")
    assert event == Event(data="a", type="message", id="")
    assert hash(event) == hash(Event("a"))
    with pytest.raises(AttributeError):
        event.data = "b"  # type: ignore[misc]


@thorough
@given(cut_streams())
def test_the_parser_is_the_oracle(chunks: list[bytes]) -> None:
    """Events, last id and retry are the slow reading's, for any stream and any cut."""
    assert read(chunks) == interpret(b"".join(chunks))


@thorough
@given(streams)
def test_no_cut_matters(stream: bytes) -> None:
    """Whole and byte by byte show the same."""
    assert read([stream]) == read(bytewise(stream))


@thorough
@given(streams)
def test_nothing_waits(stream: bytes) -> None:
    """After each byte a parser has shown all that a stream ending there has."""
    parser = Parser()
    events: Seen = []
    for end, byte in enumerate(bytewise(stream), start=1):
        events += [(event.data, event.type, event.id) for event in parser.feed(byte)]
        assert Outcome(events, parser.last_event_id, parser.retry_ms) == interpret(stream[:end])
