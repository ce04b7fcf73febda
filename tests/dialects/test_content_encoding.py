from __future__ import annotations

import zlib

import pytest

from streamsim.dialects.content_encoding import decoder, header

TEXT = b"data: one\n\ndata: two\n\n"


def squeezed(window: int) -> bytes:
    engine = zlib.compressobj(wbits=window)
    return engine.compress(TEXT) + engine.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", squeezed(31)),
        ("x-gzip", squeezed(31)),
        (" GZip ", squeezed(31)),
        ("deflate", squeezed(15)),
        ("identity", TEXT),
        ("", TEXT),
    ],
)
def test_a_body_is_decoded_as_it_comes(encoding: str, body: bytes) -> None:
    """Cut into single bytes a compressed body gives the same text."""
    decode = decoder((("Content-Encoding", encoding),))
    assert b"".join(decode(body[index : index + 1]) for index in range(len(body))) == TEXT


def test_without_encoding_bytes_are_what_they_are() -> None:
    """No header, no decoding."""
    assert decoder(())(TEXT) == TEXT


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br"])
def test_an_unknown_encoding_gives_nothing(encoding: str) -> None:
    """What cannot be decoded is not mistaken for text."""
    assert decoder((("content-encoding", encoding),))(TEXT) == b""


def test_what_is_not_compressed_after_all_gives_nothing() -> None:
    """A body that breaks its encoding gives no bytes, and no error."""
    decode = decoder((("content-encoding", "gzip"),))
    assert (decode(TEXT), decode(TEXT)) == (b"", b"")


def test_a_header_is_found_whatever_its_case() -> None:
    """Values of repeated headers are joined, in lower case."""
    headers = (("Accept", "A"), ("accept", " b "), ("other", "c"))
    assert (header(headers, "accept"), header(headers, "none")) == ("a, b", "")
