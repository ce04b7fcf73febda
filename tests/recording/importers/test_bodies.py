"""Bodies: out of their compression, whatever the headers still say, and cut into frames."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import pytest

from streamsim.recording.importers.bodies import LARGEST, cut, decoded, fitting
from streamsim.recording.importers.found import Part

if TYPE_CHECKING:
    from streamsim.wire import Headers

TEXT = b"data: one\n\ndata: two\n\n"
ZIPPED = gzip.compress(TEXT, mtime=0)
TYPED = ("content-type", "text/event-stream")


def encoded(name: str) -> Headers:
    return (TYPED, ("Content-Encoding", name))


@pytest.mark.parametrize(
    ("encoding", "data"), [("gzip", ZIPPED), ("x-gzip", ZIPPED), ("deflate", zlib.compress(TEXT)), ("GZIP", ZIPPED)]
)
def test_a_compressed_body_is_decoded(encoding: str, data: bytes) -> None:
    """Its header goes with the encoding."""
    assert decoded([Part(data, 7)], encoded(encoding)) == ([Part(TEXT, 7)], (TYPED,))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_the_tool_has_decoded_stays(encoding: str) -> None:
    """Text is not compressed, whatever its header says; the header goes."""
    assert decoded([Part(TEXT)], encoded(encoding)) == ([Part(TEXT)], (TYPED,))


def test_bytes_that_the_tool_has_decoded_stay() -> None:
    """Bytes that are neither text nor gzip were decoded, if their header says gzip."""
    assert decoded([Part(b"\0\xff")], encoded("gzip")) == ([Part(b"\0\xff")], (TYPED,))


@pytest.mark.parametrize("encoding", ["br", "zstd"])
def test_what_we_cannot_decode_stays_encoded(encoding: str) -> None:
    """Header and bytes still say the same."""
    assert decoded([Part(b"\x8b\xff")], encoded(encoding)) == ([Part(b"\x8b\xff")], encoded(encoding))


def test_bytes_that_only_begin_like_gzip_stay() -> None:
    """What cannot be decoded is not thrown away."""
    parts = [Part(b"\x1f\x8b nothing")]
    assert decoded(parts, encoded("gzip")) == (parts, encoded("gzip"))


def test_a_compressed_body_that_is_cut_short_is_decoded_as_far_as_it_goes() -> None:
    """What came, came."""
    ((part,), _) = decoded([Part(ZIPPED[:-12])], encoded("gzip"))
    assert part.data
    assert TEXT.startswith(part.data)


def test_boundaries_survive_decoding() -> None:
    """Each piece gives what it completes."""
    parts, _ = decoded([Part(ZIPPED[:20], 1), Part(ZIPPED[20:], 2)], encoded("gzip"))
    assert b"".join(part.data for part in parts) == TEXT
    assert [part.dt_us for part in parts] == [1, 2]


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_a_body_without_encoding_is_as_it_is(encoding: str) -> None:
    """No header changes."""
    assert decoded([Part(ZIPPED)], encoded(encoding)) == ([Part(ZIPPED)], encoded(encoding))


@pytest.mark.parametrize(
    ("kind", "data", "frames"),
    [
        ("text/event-stream", TEXT, [b"data: one\n\n", b"data: two\n\n"]),
        ("text/event-stream", b"data: one\n\ndata", [b"data: one\n\n", b"data"]),
        ("application/x-ndjson", b"{}\n{}\n", [b"{}\n", b"{}\n"]),
        ("application/json", b'[{"a":1},{"b":2}]', [b'[{"a":1}', b',{"b":2}', b"]"]),
        ("application/json", b'{"a":[{}]}', [b'{"a":[{}]}']),
        ("text/plain", b"a\n\nb", [b"a\n\nb"]),
        ("application/vnd.amazon.eventstream", b"\xff" * 40, [b"\xff" * 40]),
    ],
)
def test_a_stream_is_cut_into_frames_and_nothing_else_is(kind: str, data: bytes, frames: list[bytes]) -> None:
    """The frames put together are the body."""
    assert [part.data for part in cut([Part(data)], (("content-type", kind),))] == frames


def test_empty_parts_go_and_their_time_stays() -> None:
    """The next part waits as long as both; what comes after all bytes is no part."""
    assert fitting([Part(b"", 3), Part(b"a", 4), Part(b"", 5)]) == [Part(b"a", 7)]


def test_a_part_too_large_for_a_line_is_divided() -> None:
    """Its first piece comes when it came, the rest with it."""
    parts = fitting([Part(bytes(LARGEST + 1), 5)])
    assert [(len(part.data), part.dt_us) for part in parts] == [(LARGEST, 5), (1, 0)]
