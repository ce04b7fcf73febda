"""How large an event may grow, and what is left when it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamsim.errors import StreamsimError
from streamsim.sse import Event, EventTooLarge, FrameSplitter, Parser, frames, parse
from tests.sse.cutting import bytewise, cut_streams, every_cut
from tests.sse.oracle import split_frames

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXT = (
    "event stream: an event is larger than 8 bytes; "
    "make the sender end its events with a blank line, or raise max_event_bytes"
)


def feed_all(reader: Parser | FrameSplitter, chunks: list[bytes]) -> tuple[list[object], bool]:
    """Return what the reader gave, and whether it failed in the end."""
    found: list[object] = []
    try:
        for chunk in chunks:
            items: Sequence[object] = reader.feed(chunk)
            found += items
        rest = reader.close()
        found += [rest] if rest else []
    except EventTooLarge:
        return found, True
    return found, False


@pytest.mark.parametrize("reader", [Parser, FrameSplitter])
def test_the_error_says_all(reader: type[Parser | FrameSplitter]) -> None:
    """The text names the limit and the remedy, and it is one of streamsim's errors."""
    with pytest.raises(EventTooLarge) as caught:
        reader(8).feed(b"data: 678")
    assert str(caught.value) == TEXT
    assert isinstance(caught.value, StreamsimError)
    assert caught.value.where == "event stream"
    assert caught.value.problem == "an event is larger than 8 bytes"
    assert caught.value.remedy == "make the sender end its events with a blank line, or raise max_event_bytes"


@pytest.mark.parametrize("reader", [Parser, FrameSplitter])
def test_a_failed_reader_stays_failed(reader: type[Parser | FrameSplitter]) -> None:
    """Every later call raises the same error."""
    failed = reader(8)
    for chunk in (b"data: 6789", b"\n\n", b"", b"x", b"data: a\n\n"):
        with pytest.raises(EventTooLarge) as caught:
            failed.feed(chunk)
        assert str(caught.value) == TEXT
    with pytest.raises(EventTooLarge) as caught:
        failed.close()
    assert str(caught.value) == TEXT


@pytest.mark.parametrize("reader", [Parser, FrameSplitter])
@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_has_room_for_something(reader: type[Parser | FrameSplitter], limit: int) -> None:
    """A limit below one byte is a programmer's error."""
    with pytest.raises(ValueError, match=rf"^max_event_bytes must be at least 1, not {limit}$"):
        reader(limit)


@pytest.mark.parametrize(
    ("stream", "data", "fails"),
    [
        (b"data: 6\n\n", ["6"], False),
        (b"data: 6\r\n\r\n", ["6"], False),
        (b"data: 67\n\n", [], True),
        (b"data: 678", [], True),
        (b"data: 67", [], False),
        (b"\xef\xbb\xbfdata: 67", [], False),
        (b"data: 6\n\ndata: 6\n\ndata: 67\n\n", ["6", "6"], True),
        (b"data: 6\n\ndata: 6\n\ndata: 6\n\n", ["6", "6", "6"], False),
        (b"\n\n\n\n\n\n\n\n\n\n\n\ndata: 6\n\n", ["6"], False),
        (b"data\ndat\n\n", [], True),
        (b":234567\n\n:234567\n\n", [], False),
        (b":2345678\n\n", [], True),
        (b":2\n:5\n:8\n", [], True),
        (b"data: \xff\n\n", ["\ufffd"], False),
    ],
)
def test_size_of_an_event(stream: bytes, data: list[str], fails: bool) -> None:  # noqa: FBT001 - a column of the table
    """Its lines count, a line end as one byte; blank lines and the mark do not; no cut matters."""
    for chunks in every_cut(stream):
        assert feed_all(Parser(8), chunks) == ([Event(value) for value in data], fails), chunks


@pytest.mark.parametrize(
    ("stream", "expected", "fails"),
    [
        (b"data: 7\n", [b"data: 7\n"], False),
        (b"data:6\n\n", [b"data:6\n\n"], False),
        (b"data: 6\n\n", [], True),
        (b"\n\ndata: 78\n", [b"\n", b"\n"], True),
        (b"data:6\n\ndata: 6\n\n", [b"data:6\n\n"], True),
        (b"a\r\n\r\nbcd\r\n\r\n", [b"a\r\n\r\n", b"bcd\r\n\r\n"], False),
        (b"abcde\r\n\r\n", [], True),
        (b"abcdef\n\r", [b"abcdef\n\r"], False),
        (b"abcdef\n\r\n", [], True),
        (b"\xef\xbb\xbfabcde", [b"\xef\xbb\xbfabcde"], False),
        (b"\xef\xbb\xbfabcdef", [], True),
    ],
)
def test_size_of_a_frame(stream: bytes, expected: list[bytes], fails: bool) -> None:  # noqa: FBT001 - as above
    """All its bytes count; no cut matters."""
    for chunks in every_cut(stream):
        assert feed_all(FrameSplitter(8), chunks) == (expected, fails), chunks


def test_what_came_before_is_returned_first() -> None:
    """A chunk with a good event before one too large returns the good one, and the next call raises."""
    chunk = b"data: 6\n\ndata: 6789"
    parser, splitter = Parser(8), FrameSplitter(9)
    assert list(parser.feed(chunk)) == [Event("6")]
    assert splitter.feed(chunk) == [b"data: 6\n\n"]
    with pytest.raises(EventTooLarge):
        parser.close()
    with pytest.raises(EventTooLarge):
        splitter.close()


def test_a_whole_buffer_has_no_limit() -> None:
    """What is in memory already is read, whatever its size."""
    size = 65 * 1024 * 1024
    stream = b"data: " + b"x" * size + b"\n\n"
    assert len(parse(stream)[0].data) == size
    assert frames(stream) == [stream]


@settings(deadline=None, derandomize=True, max_examples=400)
@given(cut_streams(), st.integers(1, 30))
def test_no_cut_decides_what_is_too_large(chunks: list[bytes], limit: int) -> None:
    """Events, frames and the failure are the same however the bytes are cut."""
    stream = b"".join(chunks)
    for reader in (Parser, FrameSplitter):
        expected = feed_all(reader(limit), bytewise(stream))
        assert feed_all(reader(limit), chunks) == expected
        assert feed_all(reader(limit), [stream]) == expected


@settings(deadline=None, derandomize=True, max_examples=400)
@given(cut_streams(), st.integers(1, 30))
def test_a_splitter_fails_for_a_frame_too_large_and_only_then(chunks: list[bytes], limit: int) -> None:
    """The frames before the first that is too large come out, and it fails if there is one."""
    expected: list[object] = []
    fails = False
    for frame in split_frames(b"".join(chunks)):
        fails = fails or len(frame) > limit
        expected += [] if fails else [frame]
    assert feed_all(FrameSplitter(limit), chunks) == (expected, fails)
