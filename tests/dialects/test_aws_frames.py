"""The frames of AWS event streams, against a frame written out by hand and against what Bedrock really sent."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.dialects.aws_frames import AwsSplitter, Message, event, frame, message
from streamsim.sse import Event

if TYPE_CHECKING:
    from pathlib import Path

HEADERS = ((":event-type", "messageStop"), (":message-type", "event"))
FRAME = frame(HEADERS, b'{"stopReason":"end_turn"}')


def split(data: bytes, size: int) -> tuple[list[bytes], bytes]:
    """Return frames and rest of ``data`` in pieces of ``size``."""
    splitter = AwsSplitter()
    found = [one for start in range(0, len(data), size) for one in splitter.feed(data[start : start + size])]
    return found, splitter.close()


def raw(head: bytes, payload: bytes = b"") -> bytes:
    """Return a frame around any headers, right or wrong."""
    prelude = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    body = prelude + struct.pack(">I", zlib.crc32(prelude)) + head + payload
    return body + struct.pack(">I", zlib.crc32(body))


def test_the_empty_frame_is_the_documented_one() -> None:
    """A frame without headers and payload is 16 bytes: sizes, their checksum, the checksum of all."""
    assert frame((), b"").hex() == "000000100000000005c248eb7d98c8ff"


@given(st.dictionaries(st.text(max_size=9), st.text(max_size=9)), st.binary(max_size=99))
def test_what_is_written_is_read(headers: dict[str, str], payload: bytes) -> None:
    """Any text headers and payload come back."""
    assert message(frame(headers.items(), payload)) == Message(headers, payload)


@given(st.integers(1, 99))
def test_frames_do_not_depend_on_cuts(size: int) -> None:
    """Whatever the pieces, the frames are the same, and an unfinished one is the rest."""
    assert split(FRAME + frame((), b"") + FRAME[:-1], size) == ([FRAME, frame((), b"")], FRAME[:-1])


def test_a_broken_prelude_ends_all() -> None:
    """After a prelude with a wrong checksum no frame is found any more, and no byte is lost."""
    broken = bytes((*FRAME[:8], FRAME[8] ^ 1, *FRAME[9:]))
    assert split(FRAME + broken + FRAME, 7) == ([FRAME], broken + FRAME)


def test_a_size_that_cannot_be_is_broken() -> None:
    """A size below that of the headers it tells, or above the limit, is no frame."""
    small = struct.pack(">II", 15, 0)
    assert AwsSplitter().feed(small + struct.pack(">I", zlib.crc32(small)) + bytes(99)) == []
    assert AwsSplitter(max_event_bytes=len(FRAME) - 1).feed(FRAME) == []


@pytest.mark.parametrize("place", [0, 8, 20, len(FRAME) - 1])
def test_a_wrong_checksum_is_no_message(place: int) -> None:
    """A frame with any byte changed is none."""
    assert message(FRAME[:place] + bytes((FRAME[place] ^ 1,)) + FRAME[place + 1 :]) is None


@pytest.mark.parametrize(
    "data", [b"", FRAME[:-1], FRAME + b"x", raw(b"\x01a\x0c"), raw(b"\x01"), raw(b"\x01\xff\x07\0\0")]
)
def test_what_is_no_frame_is_no_message(data: bytes) -> None:
    """Too short, too long, a header of an unknown type, one that ends early and one that is no text are none."""
    assert message(data) is None
    assert event(data) is None


def test_headers_that_are_no_text_are_passed_over() -> None:
    """Numbers, truths, bytes, times and identifiers stand between those that are text, and hide none."""
    others = b"".join(
        b"\x01n" + bytes((kind,)) + bytes(size) for kind, size in ((0, 0), (1, 0), (2, 1), (3, 2), (4, 4))
    )
    others += b"\x01l\x05" + bytes(8) + b"\x01b\x06\x00\x02xx" + b"\x01t\x08" + bytes(8) + b"\x01u\x09" + bytes(16)
    assert message(raw(others + b"\x01a\x07\x00\x01b", b"p")) == Message({"a": "b"}, b"p")


@pytest.mark.parametrize(
    ("headers", "payload", "told"),
    [
        (HEADERS, b"{}", Event("{}", "messageStop")),
        (((":exception-type", "throttlingException"),), b"{}", Event("{}", "throttlingException")),
        (
            ((":message-type", "error"), (":error-code", "Oh"), (":error-message", "no")),
            b"",
            Event('{"message":"no"}', "Oh"),
        ),
        (((":message-type", "error"),), b"", Event('{"message":""}', "error")),
        ((), b"x", Event("x")),
        ((), b"\xff", Event("\ufffd")),
    ],
)
def test_a_frame_is_an_event(headers: tuple[tuple[str, str], ...], payload: bytes, told: Event) -> None:
    """The event type, the exception type or the error code names it; bytes that are no text are replaced."""
    assert event(frame(headers, payload)) == told


@pytest.mark.corpus
def test_real_frames_are_written_as_they_were(corpus: Path) -> None:
    """Every recorded stream is a whole number of frames, each of which comes out the same when written anew."""
    files = sorted((corpus / "streams" / "bedrock").glob("*.bin"))
    assert len(files) == 11
    for file in files:
        found, rest = split(file.read_bytes(), 1000)
        assert rest == b"", file
        told = [message(one) for one in found]
        assert [frame(one.headers.items(), one.payload) for one in told if one is not None] == found, file
