"""What is encoded comes back, and what would not is refused."""

from __future__ import annotations

import re
from typing import TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamsim.sse import RETRY_MAX, Event, Parser, encode, frames, parse


class Fields(TypedDict, total=False):
    event: str | None
    id: str | None
    retry: int | None
    comment: str | None
    eol: str


@pytest.mark.parametrize(
    ("data", "fields", "expected"),
    [
        ("a", {}, b"data: a\n\n"),
        ("", {}, b"data: \n\n"),
        (" a", {}, b"data:  a\n\n"),
        ("a\nb\rc\r\nd", {}, b"data: a\ndata: b\ndata: c\ndata: d\n\n"),
        ("a\n", {}, b"data: a\ndata: \n\n"),
        ("a\u2028b\u0085c\x0b", {}, "data: a\u2028b\u0085c\x0b\n\n".encode()),
        ("a", {"eol": "\r\n"}, b"data: a\r\n\r\n"),
        ("a\nb", {"eol": "\r"}, b"data: a\rdata: b\r\r"),
        ("é🙂", {"event": "t"}, "event: t\ndata: é🙂\n\n".encode()),
        ("a", {"id": ""}, b"id: \ndata: a\n\n"),
        ("a", {"retry": 0}, b"retry: 0\ndata: a\n\n"),
        ("a", {"retry": RETRY_MAX}, b"retry: 999999999999999999\ndata: a\n\n"),
        ("a", {"comment": ""}, b": \ndata: a\n\n"),
        (
            "a",
            {"event": "t", "id": "1", "retry": 1500, "comment": "x\ny"},
            b": x\n: y\nevent: t\nid: 1\nretry: 1500\ndata: a\n\n",
        ),
    ],
)
def test_known_bytes(data: str, fields: Fields, expected: bytes) -> None:
    """The frame is written in this order and no other."""
    assert encode(data, **fields) == expected


@pytest.mark.parametrize(
    ("data", "fields", "text"),
    [
        ("a", {"event": "x\ny"}, r"event 'x\ny' holds a line end: the field has one line only"),
        ("a", {"event": "x\r"}, r"event 'x\r' holds a line end: the field has one line only"),
        ("a", {"event": ""}, "an empty event name would come back as 'message'; leave it out"),
        ("a", {"id": "1\n"}, r"id '1\n' holds a line end: the field has one line only"),
        ("a", {"id": "1\r2"}, r"id '1\r2' holds a line end: the field has one line only"),
        ("a", {"id": "1\0"}, r"id '1\x00' holds a NUL: parsers ignore such an id"),
        ("a", {"retry": -1}, "retry must be 0 to 999999999999999999 milliseconds, not -1"),
        ("a", {"retry": 10**18}, "retry must be 0 to 999999999999999999 milliseconds, not 1000000000000000000"),
        ("a", {"eol": "\n\n"}, r"eol must be LF, CR or CRLF, not '\n\n'"),
        ("a", {"eol": "\u2028"}, r"eol must be LF, CR or CRLF, not '\u2028'"),
        ("a\ud800", {}, r"'\ud800' is half a surrogate pair: UTF-8 has no bytes for it"),
        ("a", {"comment": "\udcff"}, r"'\udcff' is half a surrogate pair: UTF-8 has no bytes for it"),
    ],
)
def test_what_would_not_come_back_is_refused(data: str, fields: Fields, text: str) -> None:
    """A value that the format can't hold is a programmer's error that says why."""
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        encode(data, **fields)


_text = st.text(st.sampled_from("\r\n :a\0\u2028\u0085\ufeffé🙂") | st.characters(exclude_categories=["Cs"]))
_line = _text.map(lambda text: re.sub("[\r\n]", "", text))


@settings(deadline=None, derandomize=True, max_examples=600)
@given(
    data=_text,
    event=st.none() | _line.filter(bool),
    id=st.none() | _line.map(lambda text: text.replace("\0", "")),
    retry=st.none() | st.integers(0, RETRY_MAX),
    comment=st.none() | _text,
    eol=st.sampled_from(["\n", "\r", "\r\n"]),
)
def test_what_is_encoded_comes_back(
    data: str,
    event: str | None,
    id: str | None,  # noqa: A002 - as the encoder calls it
    retry: int | None,
    comment: str | None,
    eol: str,
) -> None:
    """The parser gives the event back, line ends in its data as LF, and it is one frame."""
    stream = encode(data, event=event, id=id, retry=retry, comment=comment, eol=eol)
    expected = Event(re.sub("\r\n|\r", "\n", data), event or "message", id or "")
    assert parse(stream) == [expected]
    assert frames(stream) == [stream]
    parser = Parser()
    parser.feed(stream)
    assert parser.retry_ms == retry
