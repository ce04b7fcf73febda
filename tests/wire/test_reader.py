from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.wire.reader import Reader

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def read(data: bytes) -> tuple[Reader, bytes]:
    reader = Reader()
    return reader, reader.feed(data)


@pytest.mark.parametrize(
    ("data", "status", "complete", "until_close", "body"),
    [
        (b"", 0, False, False, b""),
        (b"HTTP/1.1 20", 0, False, False, b""),
        (HEAD + b"\r\n", 200, False, True, b""),
        (HEAD + b"\r\nab", 200, False, True, b"ab"),
        (HEAD + b"Content-Length: 3\r\n\r\nab", 200, False, False, b"ab"),
        (HEAD + b"Content-Length: 3\r\n\r\nabc", 200, True, False, b"abc"),
        (CHUNKED + b"3\r\nab", 200, False, False, b"ab"),
        (CHUNKED + b"2\r\nab\r\n", 200, False, False, b"ab"),
        (CHUNKED + b"2\r\nab\r\nZZ\r\n", 200, False, False, b"ab"),
        (CHUNKED + b"2\r\nab\r\n0\r\nx: y\r\n\r\n", 200, True, False, b"ab"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, True, True, b""),
        (b"HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n", 0, False, False, b""),
        (b"HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: x\r\n\r\n" + HEAD + b"\r\na", 200, False, True, b"a"),
        (b"nonsense", 0, False, False, b""),
    ],
)
def test_a_reader_finds_what_is_there(
    data: bytes, status: int, body: bytes, *, complete: bool, until_close: bool
) -> None:
    """Status, body bytes, whether they are all, and whether only the connection's end can tell."""
    reader, found = read(data)
    assert (reader.status, found) == (status, body)
    assert (reader.complete, reader.until_close) == (complete, until_close)


def test_headers_are_those_of_the_final_head() -> None:
    """Order, case and duplicates survive; neither an interim head nor a trailer has a say."""
    reader, _ = read(b"HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n" + HEAD + b"B: 1\r\nb: 2\r\n\r\n")
    assert reader.headers == (("B", "1"), ("b", "2"))
    reader, _ = read(CHUNKED + b"0\r\nx: y\r\n\r\n")
    assert reader.headers == (("Transfer-Encoding", "chunked"),)


def test_after_nonsense_nothing_is_read() -> None:
    """What the reader refuses ends the reading for good."""
    reader, _ = read(CHUNKED + b"ZZ\r\n")
    assert reader.feed(b"2\r\nab\r\n0\r\n\r\n") == b""
    assert not reader.complete


@given(st.lists(st.binary(min_size=1, max_size=9)), st.data())
def test_reads_do_not_matter(chunks: list[bytes], data: st.DataObject) -> None:
    """The body is the same however the bytes are cut."""
    wire = CHUNKED + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    reader = Reader()
    body = b""
    while wire:
        size = data.draw(st.integers(1, len(wire)))
        body += reader.feed(wire[:size])
        wire = wire[size:]
    assert body == b"".join(chunks)
    assert reader.complete
