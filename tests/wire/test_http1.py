from __future__ import annotations

import pytest

from streamsim.wire import End, Framing, Head, http1


def test_a_head_is_written_as_it_is() -> None:
    """Order, case, duplicates and bytes beyond ASCII of headers survive, and nothing is added."""
    head = Head(404, "Nicht da", (("X-A", "1"), ("x-a", "2"), ("set-cookie", "caf\xe9")))
    assert http1.head(head) == b"HTTP/1.1 404 Nicht da\r\nX-A: 1\r\nx-a: 2\r\nset-cookie: caf\xe9\r\n\r\n"


def test_extra_lines_stand_after_the_recorded_ones() -> None:
    """What a shell adds comes last in the head."""
    head = Head(200, "", (("a", "1"),))
    assert http1.head(head, http1.lines((("b", "2"),))) == b"HTTP/1.1 200 \r\na: 1\r\nb: 2\r\n\r\n"


@pytest.mark.parametrize(("http", "line"), [("1.0", b"HTTP/1.0 "), ("1.1", b"HTTP/1.1 "), ("2", b"HTTP/1.1 ")])
def test_what_was_no_http_1_is_spelt_as_1_1(http: str, line: bytes) -> None:
    """A head recorded over HTTP/2 is replayed over HTTP/1.1."""
    assert http1.head(Head(200, "OK", http=http)).startswith(line)


@pytest.mark.parametrize(
    ("framing", "wire"),
    [("chunked", b"b\r\nhello\nworld\r\n"), ("content-length", b"hello\nworld"), ("close", b"hello\nworld")],
)
def test_body_bytes_stand_in_their_framing(framing: Framing, wire: bytes) -> None:
    """Only chunked framing adds to body bytes."""
    assert http1.body(b"hello\nworld", framing) == wire


def test_an_empty_chunk_writes_nothing() -> None:
    """An empty chunk on the wire would end the body, so there is none."""
    assert http1.body(b"", "chunked") == b""


@pytest.mark.parametrize(
    ("framing", "wire"), [("chunked", b"0\r\nx-sum: 1\r\n\r\n"), ("content-length", b""), ("close", b""), ("none", b"")]
)
def test_only_a_chunked_body_has_bytes_that_end_it(framing: Framing, wire: bytes) -> None:
    """The final chunk carries the trailers; other framings end by length or by the connection's end."""
    assert http1.end(End((("x-sum", "1"),)), framing) == wire
