"""A body by itself."""

from __future__ import annotations

import gzip

import pytest

from streamsim.recording.exporters import export_recording
from tests.builders import EVENT_STREAM, HELLO, exchange, recording

ZIPPED = gzip.compress(b"".join(HELLO), mtime=0)


@pytest.mark.parametrize(
    ("chunks", "encoding", "body"),
    [
        (HELLO, (), b"".join(HELLO)),
        ([ZIPPED[:9], ZIPPED[9:]], (("content-encoding", "gzip"),), b"".join(HELLO)),
        ([b"\x8b\xff"], (("content-encoding", "br"),), b"\x8b\xff"),
        ([], (("content-encoding", "gzip"),), b""),
    ],
)
def test_it_is_the_body_out_of_its_compression(chunks: list[bytes], encoding: object, body: bytes) -> None:
    """Where that is one we can read."""
    assert isinstance(encoding, tuple)
    told = recording(exchange(chunks=chunks, headers=(*EVENT_STREAM, *encoding)))
    assert export_recording(told, format="raw").data == body
