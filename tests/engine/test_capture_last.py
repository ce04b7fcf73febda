"""Whether a read may be the last of its response, known before it is read."""

from __future__ import annotations

from streamsim.engine.capture import Capture


def test_a_read_that_may_be_the_last_is_known() -> None:
    """Before the head, and of a body without chunks, any may be; of chunks one that ends in two line ends."""
    capture = Capture(1, "GET", 0)
    assert capture.may_end(b"anything at all")
    capture.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 1)
    reads = (b"3\r\na\n\n\r\n", b"0\r\n\r\n", b"0\r\nA: b\r\n\r\n", b"\n", b"\r\n", b"\n\r\n")
    assert [capture.may_end(read) for read in reads] == [False, True, True, True, True, True]
    sized = Capture(1, "GET", 0)
    sized.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 1)
    assert sized.may_end(b"1234")
