from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.dialects import aws_frames
from streamsim.plan.faults.event_data import anonymous, data_of, element, with_data
from streamsim.sse import parse

AWS = aws_frames.frame({":message-type": "event", ":event-type": "x"}.items(), b'{"a":1}')


@pytest.mark.parametrize(
    ("kind", "frame", "data", "told"),
    [
        ("sse", b"data: one\n\n", "one", b"data: two\n\n"),
        ("sse", b"data:one\r\n\r\n", "one", b"data:two\r\n\r\n"),
        ("sse", b"event: e\ndata: one\nid: 1\n\n", "one", b"event: e\ndata: two\nid: 1\n\n"),
        ("sse", b"data: a\ndata: b\n\n", "a\nb", b"data: two\n\n"),
        ("sse", b"\xef\xbb\xbfdata: one\n\n", "one", b"\xef\xbb\xbfdata: two\n\n"),
        ("sse", b"data\n\n", "", b"data: two\n\n"),
        ("sse", b"database: x\ndata: one\n\n", "one", b"database: x\ndata: two\n\n"),
        ("sse", b"data: one", "one", b"data: two"),
        ("sse", b": c\n\n", "", b": c\n\n"),
        (None, b"data: one\r\r", "one", b"data: two\r\r"),
        ("lines", b'{"a":1}\r\n', '{"a":1}', b"two\r\n"),
        ("array", b',\r\n{"a":1}', '{"a":1}', b",\r\ntwo"),
        ("array", b'[{"a":1}', '{"a":1}', b"[two"),
        ("aws", AWS, '{"a":1}', aws_frames.frame({":message-type": "event", ":event-type": "x"}.items(), b"two")),
        ("aws", b"no frame", "", b"no frame"),
    ],
)
def test_data_is_read_and_written_in_its_place(kind: str, frame: bytes, data: str, told: bytes) -> None:
    """Every other byte of the frame stays; checksums are made true."""
    assert data_of(kind, frame) == data  # type: ignore[arg-type]
    assert with_data(kind, frame, "two") == told  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("frame", "data", "told"),
    [
        (b"data: a\ndata: b\n\n", "x\ny", b"data: x\ndata: y\n\n"),
        (b"data: a\n\n", "x\ny", b"data: x\ndata: y\n\n"),
        (b"data: a", "x\ny", b"data: x\ndata: y"),
        (b"data: a\ndata:b\n\n", "x\ny\nz", b"data: x\ndata:y\ndata:z\n\n"),
        (b"data:a\n\n", " x", b"data:  x\n\n"),
        (b"data:a\n\n", "", b"data:\n\n"),
    ],
)
def test_data_of_several_lines(frame: bytes, data: str, told: bytes) -> None:
    """A line each, as far as there are lines; a space that belongs to the data is not taken for the optional one."""
    assert with_data("sse", frame, data) == told
    assert data_of("sse", told) == data


@given(st.text(alphabet="ab \n☃", max_size=12), st.sampled_from([b"\n", b"\r\n", b"\r"]), st.booleans())
def test_what_is_written_is_what_a_reader_has(data: str, eol: bytes, spaced: bool) -> None:  # noqa: FBT001
    """However the line of data was written."""
    frame = (b"event: e\ndata: x\n\n" if spaced else b"event: e\ndata:x\n\n").replace(b"\n", eol)
    told = with_data("sse", frame, data)
    assert data_of("sse", told) == data
    assert [event.data for event in parse(told)] == [data]


@given(st.binary(max_size=20).map(lambda data: data.replace(b"\r", b"").replace(b"\n", b"")))
def test_bytes_that_are_no_text_survive(data: bytes) -> None:
    """Read and written again, they are the same."""
    frame = b"data: " + data + b"\n\n"
    assert with_data("sse", frame, data_of("sse", frame)) == frame


def test_an_id_can_be_taken_away() -> None:
    """With its line, and nothing else; only event streams have such lines."""
    assert anonymous("sse", b"id: 1\nidea: x\ndata: y\nid\n\n") == b"idea: x\ndata: y\n\n"
    assert anonymous("lines", b"id: 1\n") == b"id: 1\n"


def test_an_element_opens_its_array_or_follows_another() -> None:
    """The bracket or the comma is put for what was there, or for nothing; a frame that is gone stays so."""
    assert element(b" [{}", first=False) == b" ,{}"
    assert element(b",\n{}", first=True) == b"[\n{}"
    assert element(b"{}", first=False) == b",{}"
    assert element(b"", first=True) == b""
