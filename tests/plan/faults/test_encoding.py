from __future__ import annotations

import gzip
import zlib

import pytest

from streamsim.errors import UsageError
from streamsim.plan.faults import Applied, parse_fault
from tests.builders import EVENT_STREAM, exchange
from tests.plan.faults.bodies import CHAT, GZIPPED, NO_STREAM, sent, together
from tests.plan.faults.scenes import CHUNKED, ONE, THREE, TWO, plan


def test_content_type_is_replaced_where_it_stood() -> None:
    """By default one without charset; under its own name, and once."""
    headers = (("A", "b"), ("Content-Type", "text/event-stream; charset=utf-8"), ("c", "d"), ("content-TYPE", "x/y"))
    one = exchange(headers=headers)
    told = (("A", "b"), ("Content-Type", "text/event-stream"), ("c", "d"))
    assert plan(one, "content_type").head.headers == told
    assert plan(one, "content_type").timeline[1:] == plan(one).timeline[1:]
    assert plan(one, "content_type:value=application/json").head.headers[1] == ("Content-Type", "application/json")
    assert plan(one, "content_type:value=none").head.headers == (("A", "b"), ("c", "d"))
    assert plan(exchange(headers=()), "content_type").head.headers == EVENT_STREAM


def test_false_encoding_changes_the_head_alone() -> None:
    """The body is as it was, and cannot be decoded."""
    result = plan(None, "false_encoding")
    assert result.head.headers == (*CHUNKED, ("content-encoding", "gzip"))
    assert result.timeline[1:] == plan(None).timeline[1:]
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(result.body)
    assert plan(None, "false_encoding:value=br").head.headers[-1] == ("content-encoding", "br")


@pytest.mark.parametrize("fault", ["content_type", "false_encoding"])
@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b", "\u2028"])
def test_a_header_is_one_line(fault: str, value: str) -> None:
    """What could begin another header, or has no byte, is refused."""
    with pytest.raises(UsageError, match=f"{fault}: value: .* cannot stand in a header; write one line of ISO 8859-1$"):
        parse_fault(f"{fault}:value=" + value.replace("\n", "\\n").replace("\r", "\\r").replace("\0", "\\x00"))


def test_gzip_says_the_same() -> None:
    """Each chunk can be decoded as it comes, the head says so, and the end is whole."""
    result = plan(CHAT, "gzip")
    assert result.head.headers == (*CHUNKED, ("content-encoding", "gzip"))
    assert gzip.decompress(result.body) == plan(CHAT).body
    engine = zlib.decompressobj(31)
    assert [engine.decompress(chunk) for chunk in sent(result)] == sent(plan(CHAT))
    assert engine.eof
    assert [step.at_ns for step in result.timeline] == [step.at_ns for step in CHAT.timeline()]


def test_gzip_is_made_by_hand() -> None:
    """Header, stored blocks, an empty last block, CRC and length: the same bytes on every machine."""
    assert sent(plan(None, "gzip")) == [
        b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\0\x0b\0\xf4\xff" + ONE,
        b"\0\x0b\0\xf4\xff" + TWO,
        b"\0\x0d\0\xf2\xff" + THREE + b"\1\0\0\xff\xff" + b"\x5f\x37\xca\x27" + b"\x23\0\0\0",
    ]


def test_gzip_of_large_chunks_has_more_blocks() -> None:
    """A stored block holds 65,535 bytes at most."""
    large = [b"x" * size for size in (65_535, 65_536, 200_000)]
    result = plan(exchange(headers=CHUNKED, chunks=large), "gzip")
    assert [len(chunk) for chunk in sent(result)] == [65_535 + 15, 65_536 + 10, 200_000 + 20 + 13]
    assert gzip.decompress(result.body) == b"".join(large)


def test_gzip_encodes_what_other_faults_made() -> None:
    """Comments, error events and line ends are inside."""
    result = plan(None, "gzip", "line_ends", "comment_keepalive", "error_event:at_event=2")
    body = gzip.decompress(result.body)
    assert body.startswith(b"data: one\r\n\r\n: keepalive\r\n\r\ndata: two\r\n\r\nevent: error\r\n")


@pytest.mark.parametrize("place", range(36))
def test_a_place_inside_gzip_is_that_of_the_recording(place: int) -> None:
    """So many recorded bytes can be decoded from what was delivered, and no more; the trailer comes with the last."""
    one = together([ONE, TWO, THREE])
    for fault in (f"reset_peer:at_byte={place}", f"close_mid_chunked:at_byte={place}"):
        engine = zlib.decompressobj(31)
        assert engine.decompress(plan(one, "gzip", fault).body) == plan(one).body[:place]
        assert engine.eof == (place == 35)


def test_gzip_of_a_body_that_was_never_complete_has_no_trailer() -> None:
    """Its end did not come, so neither does that of the encoding."""
    engine = zlib.decompressobj(31)
    assert engine.decompress(plan(exchange(end="reset"), "gzip").body) == ONE + TWO + THREE
    assert not engine.eof


def test_gzip_needs_something_to_encode() -> None:
    """An empty body, a second encoding: nothing is done."""
    assert plan(exchange(chunks=()), "gzip", "gzip_truncated").outcomes == ["missed", "missed"]
    assert plan(None, "gzip", "gzip").outcomes == ["applied", "missed"]
    assert plan(NO_STREAM, "gzip").outcomes == ["applied"]


@pytest.mark.parametrize(("cut", "left"), [(1, 35), (13, 35), (14, 34), (20, 28), (60, 0), (900, 0)])
def test_truncated_gzip_lacks_its_end(cut: int, left: int) -> None:
    """So many bytes are missing, and the framing is complete."""
    result = plan(None, f"gzip_truncated:cut={cut}")
    engine = zlib.decompressobj(31)
    assert engine.decompress(result.body) == (ONE + TWO + THREE)[:left]
    assert not engine.eof
    whole = plan(None, "gzip").body
    assert result.body == whole[: max(0, len(whole) - cut)]
    assert result.shown[-1] == (160, "end")


def test_truncated_gzip_lacks_twenty_bytes_by_default() -> None:
    """That is its trailer and the end of the last event; with gzip it is encoded once."""
    assert plan(None, "gzip_truncated").body == plan(None, "gzip").body[:-20]
    assert plan(None, "gzip", "gzip_truncated").body == plan(None, "gzip").body[:-20]


def test_a_content_length_is_that_of_the_encoded_body() -> None:
    """The framing stays, and fits."""
    one = exchange(headers=(*EVENT_STREAM, ("Content-Length", "35")), framing="content-length")
    result = plan(one, "gzip")
    assert dict(result.head.headers)["content-length"] == str(len(result.body))
    assert result.head.framing == "content-length"


@pytest.mark.parametrize("fault", ["gzip", "gzip_truncated", "false_encoding"])
def test_a_compressed_recording_is_not_compressed_again(fault: str) -> None:
    """It is left alone, and the plan says why, whatever the attempt."""
    why = ("the recorded body is compressed already", "record it without content-encoding")
    result = plan(GZIPPED, f"{fault}:attempt=7")
    assert result.applied == (Applied(f"{fault}:attempt=7", "missed", *why),)
    assert result.timeline == GZIPPED.timeline()
