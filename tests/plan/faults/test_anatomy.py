from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.plan.anatomy import Span
from streamsim.sse.limits import MAX_EVENT_BYTES
from tests.builders import EVENT_STREAM, chat, exchange
from tests.plan.faults.scenes import places

BODY = b": hi\n\ndata: one\n\nevent: x\n\ndata: two\n\ndata: rest"


def test_the_places_of_a_small_body() -> None:
    """Chunks, frames and events are spans of the body; comments and dataless frames are no events."""
    found = places(exchange(chunks=[BODY[:10], BODY[10:30], BODY[30:]]))
    assert found.body == BODY
    assert found.size == len(BODY)
    assert found.chunks == ((0, 10), (10, 30), (30, 48))
    assert found.frames == ((0, 6), (6, 17), (17, 27), (27, 38), (38, 48))
    assert found.events == ((6, 17), (27, 38))
    assert found.terminal is None
    assert not found.encoded


def test_content_and_terminal_are_the_dialects() -> None:
    """The dialect tells which events have content and which one is the last."""
    frames = chat("a", "b")
    found = places(exchange(chunks=frames))
    assert found.content == (1, 2)
    assert found.terminal == 4
    assert found.finish == 3
    assert found.before_end == len(b"".join(frames[:3]))
    assert found.after_terminal == found.size


def test_a_body_with_more_after_its_terminal_event_ends_before_it() -> None:
    """What follows the terminal event is after it."""
    found = places(exchange(chunks=[*chat("a"), b": bye\n\n"]))
    assert found.after_terminal == found.size - 7


def test_without_a_terminal_event_the_last_event_stands_in() -> None:
    """Before the end is before the last event, after the terminal one is the end of the body."""
    found = places(exchange())
    assert found.finish is None
    assert (found.before_end, found.after_terminal) == (22, 35)


@pytest.mark.parametrize(
    ("told", "tells"),
    [
        ('{"finish_reason":"stop"}', True),
        ('{"candidates":[{"finishReason" : "STOP"}]}', True),
        ('{"delta":{"stop_reason":"end_turn"}}', True),
        ('{"finish_reason":null}', False),
        ('{"finish_reason":""}', False),
        (r'{"text":"\"finish_reason\":\"stop\""}', False),
        ("[DONE]", True),
    ],
)
def test_the_end_is_told_by_a_reason_to_finish_or_the_terminal_event(told: str, *, tells: bool) -> None:
    """In the words of any provider; none that is null or empty, and none that stands in a text."""
    found = places(exchange(chunks=[f"data: {told}\n\n".encode()]))
    assert (found.finish == 0) is tells


def test_content_that_comes_with_the_end_is_not_before_it() -> None:
    """Only content of earlier events is; if there is none, the place is where the event begins."""
    said = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
    last = b'data: {"choices":[{"delta":{"content":"b"},"finish_reason":"stop"}]}\n\n'
    assert places(exchange(chunks=[said, b": hi\n\n", last])).before_end == len(said)
    assert places(exchange(chunks=[b": hi\n\n", last])).before_end == 6


@pytest.mark.parametrize(
    "headers", [(("content-type", "application/json"),), (*EVENT_STREAM, ("content-encoding", "br"))]
)
def test_a_body_that_is_no_readable_event_stream_has_chunks_only(headers: tuple[tuple[str, str], ...]) -> None:
    """There are no frames and no events, and no place before the last of them."""
    found = places(exchange(chunks=[b"data: 1\n\n"], headers=headers))
    assert (found.chunks, found.frames, found.events) == (((0, 9),), (), ())
    assert found.before_end is None
    assert found.after_terminal == 9


def test_no_body_has_no_places() -> None:
    """An empty body has size 0 and nothing in it."""
    found = places(exchange(chunks=[]))
    assert (found.size, found.chunks, found.frames, found.events) == (0, (), (), ())


def test_an_event_of_a_compressed_body_is_its_chunk() -> None:
    """Frames are not visible in compressed bytes, so an event's span is that of the chunk that completes it."""
    packed = gzip.compress(b"data: one\n\ndata: two\n\n", mtime=0)
    found = places(exchange(chunks=[packed[:12], packed[12:]], headers=(*EVENT_STREAM, ("content-encoding", "gzip"))))
    assert found.encoded
    assert found.frames == ()
    assert found.events == (Span(12, len(packed)),) * 2
    assert found.before_end == 12


def test_an_event_too_large_to_read_is_a_frame_and_no_event() -> None:
    """Reading ends at an event that is too large; the frames go on to the end."""
    huge = b"data: " + b"x" * MAX_EVENT_BYTES + b"\n\n"
    found = places(exchange(chunks=[b"data: one\n\n", huge, b"data: two\n\n"]))
    assert len(found.frames) == 3
    assert found.events == (Span(0, 11),)


@pytest.mark.parametrize(
    ("body", "eol"),
    [(b"data: 1\n\n", b"\n"), (b"data: 1\r\n\r\n", b"\r\n"), (b"data: 1\r\r", b"\r"), (b"data", b"\n"), (b"", b"\n")],
)
def test_the_line_end_is_that_of_the_first_line(body: bytes, eol: bytes) -> None:
    """A stream's own line end is what its first line ends in; LF if none does."""
    assert places(exchange(chunks=[body])).eol == eol


def test_the_line_end_of_a_compressed_body_is_not_guessed() -> None:
    """Bytes that look like line ends in compressed data are none."""
    one = exchange(chunks=[b"\r\r"], headers=(*EVENT_STREAM, ("content-encoding", "gzip")))
    assert places(one).eol == b"\n"


def test_places_between_frames_and_events() -> None:
    """A place inside a frame is moved to its end; the next event from and after an offset are told."""
    found = places(exchange(chunks=[BODY]))
    assert [found.between(offset) for offset in (0, 1, 6, 7, 16, 17, 38, 40, 48)] == [0, 6, 6, 17, 17, 17, 38, 48, 48]
    assert [found.first_event_from(offset) for offset in (0, 6, 7, 27, 28)] == [0, 0, 1, 1, 2]
    assert [found.first_event_after(offset) for offset in (0, 16, 17, 37, 38)] == [0, 0, 1, 1, 2]
    assert places(exchange(chunks=[b"{}"], headers=())).between(1) == 1


LINES = st.sampled_from([b"data: x", b"data", b": c", b"event: y", b"id: 1", b"", b"\xef\xbb\xbf"])
BODIES = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r", b"\r\n"])), max_size=20).map(
    lambda lines: b"".join(text + end for text, end in lines)
)


@given(BODIES, st.integers(1, 7))
def test_frames_are_the_body_and_events_are_frames(body: bytes, size: int) -> None:
    """Frames lie one after the other and are the whole body; each event the reader saw has the frame that ends it."""
    one = exchange(chunks=[body[start : start + size] for start in range(0, len(body), size)])
    found = places(one)
    assert [span.start for span in found.frames] == [0, *(span.stop for span in found.frames)][:-1] if body else True
    assert sum(span.stop - span.start for span in found.frames) == len(body)
    assert set(found.events) <= set(found.frames)
    assert list(found.events) == sorted(found.events)
    assert found.events == places(exchange(chunks=[body] if body else [])).events
