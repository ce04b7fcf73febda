"""The splitter loses nothing, waits for nothing, and no cut matters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from streamsim.sse import FrameSplitter, frames, parse
from tests.sse.cutting import bytewise, cut_streams, every_cut, frames_of, streams
from tests.sse.oracle import split_frames

thorough = settings(deadline=None, derandomize=True, max_examples=600)

CASES: list[tuple[str, list[bytes]]] = [
    ("nothing", []),
    ("LF", [b"data: a\n\n", b"data: b\n\n"]),
    ("CR", [b"data: a\r\r", b"data: b\r\r"]),
    ("CRLF", [b"data: a\r\n\r\n", b"data: b\r\n\r\n"]),
    (
        "mixed line ends",
        [b"data: a\n\r\n", b"data: b\r\n\n", b"data: c\r\n\r", b"data: d\r\r\n", b"x\n\r", b"y\r\n\r\n"],
    ),
    ("more lines", [b": c\nid: 1\ndata: a\ndata: b\n\n", b"data\n\n"]),
    ("a rest", [b"data: a\n\n", b"data: b\n"]),
    ("a rest without line end", [b"data: a\n\n", b"d"]),
    ("each further blank line is a frame", [b"data: a\n\n", b"\n", b"\n", b"data: b\n\n"]),
    ("blank lines of all kinds", [b"a\n\n", b"\r\n", b"\n", b"\r", b"\r\n", b"\r", b"\r", b"b"]),
    ("blank lines at the beginning", [b"\n", b"\r\n", b"data: a\n\n"]),
    ("mark", [b"\xef\xbb\xbfdata: a\n\n", b"\xef\xbb\xbfdata: b\n\n"]),
    ("mark and blank line", [b"\xef\xbb\xbf\n", b"data: a\n\n"]),
    ("mark alone", [b"\xef\xbb\xbf"]),
    ("half a mark", [b"\xef\xbb"]),
    ("half a mark and text", [b"\xef\xbba\n\n", b"b"]),
    ("no UTF-8", [b"data: \xff\xe2\x82\n\n", b"\xf0\x9f\r\r", b"\x80"]),
    ("other separators are text", ["a\u2028\u2028\u2029\u0085\u0085\x0b\x0b\x0c\x0c\n\n".encode(), b"b"]),
]


@pytest.mark.parametrize("expected", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_known_frames(expected: list[bytes]) -> None:
    """The frames are these however their bytes are cut."""
    for chunks in every_cut(b"".join(expected)):
        assert frames_of(chunks) == expected, chunks


@pytest.mark.parametrize("expected", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_the_oracle_knows_the_frames_too(expected: list[bytes]) -> None:
    """The slow cutting agrees with the known frames, so that it may judge the rest."""
    assert split_frames(b"".join(expected)) == expected


def test_frames_cuts_a_whole_stream() -> None:
    """One call gives frames and rest; there is no empty rest."""
    assert frames(b"data: a\n\ndata: b") == [b"data: a\n\n", b"data: b"]
    assert frames(b"data: a\n\n") == [b"data: a\n\n"]
    assert frames(b"") == []


def test_a_frame_comes_with_its_blank_line() -> None:
    """An LF ends a frame at once; a CR ends it with the next byte, which may be its LF."""
    splitter = FrameSplitter()
    assert splitter.feed(b"data: a\n") == []
    assert splitter.feed(b"\n") == [b"data: a\n\n"]
    assert splitter.feed(b"data: b\r\r") == []
    assert splitter.feed(b"d") == [b"data: b\r\r"]
    assert splitter.feed(b"ata: c\r\n\r") == []
    assert splitter.feed(b"") == []
    assert splitter.feed(b"\n") == [b"data: c\r\n\r\n"]
    assert splitter.close() == b""


def test_a_frame_that_ends_in_cr_is_the_rest() -> None:
    """At the end of the stream no LF can come, and the frame is given back whole."""
    splitter = FrameSplitter()
    assert splitter.feed(b"data: a\n\ndata: b\r\r") == [b"data: a\n\n"]
    assert splitter.close() == b"data: b\r\r"


def test_a_closed_splitter_takes_nothing() -> None:
    """Feeding after the end is a programmer's error; the rest is given once."""
    splitter = FrameSplitter()
    splitter.feed(b"data: a")
    assert splitter.close() == b"data: a"
    assert splitter.close() == b""
    with pytest.raises(ValueError, match=r"^the splitter was closed; make a new one for a new stream$"):
        splitter.feed(b"\n")


@thorough
@given(cut_streams())
def test_no_byte_is_lost_and_no_cut_matters(chunks: list[bytes]) -> None:
    """Frames and rest are the input, cut as the slow cutting does it."""
    stream = b"".join(chunks)
    found = frames_of(chunks)
    assert b"".join(found) == stream
    assert found == split_frames(stream)


@thorough
@given(streams)
def test_nothing_waits_but_a_cr(stream: bytes) -> None:
    """After each byte all frames are out that are sure: all but a last one that ends in CR."""
    splitter = FrameSplitter()
    found: list[bytes] = []
    for end, byte in enumerate(bytewise(stream), start=1):
        found += splitter.feed(byte)
        so_far = split_frames(stream[:end] + b"." if byte != b"\r" else stream[: end - 1] + b".")
        assert found == so_far[:-1]


@thorough
@given(streams)
def test_frames_are_where_events_end(stream: bytes) -> None:
    """A frame with the frames before it gives as many events as the parser had by then."""
    before = b""
    counts = []
    for frame in frames(stream):
        before += frame
        counts.append(len(parse(before)))
    assert all(0 <= b - a <= 1 for a, b in zip([0, *counts], counts, strict=False))
