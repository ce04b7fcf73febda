"""httprr: sizes, and the bytes they count."""

from __future__ import annotations

import pytest

from streamsim.errors import RecordingError
from tests.recording.importers.inputs import BODY, FRAMES, chunks, header, imported, only

REQUEST = b"POST /v1/x HTTP/1.1\r\nHost: api.test\r\nContent-Length: 2\r\n\r\n{}"
HEAD = b"HTTP/1.1 200 Very OK\r\nContent-Type: text/event-stream\r\n\r\n"


def trace(*pairs: tuple[bytes, bytes]) -> bytes:
    told = (b"%d %d\n%b%b" % (len(asked), len(answer), asked, answer) for asked, answer in pairs)
    return b"httprr trace v1\n" + b"".join(told)


def test_an_exchange() -> None:
    """Request and response as they stand."""
    told = imported(trace((REQUEST, HEAD + BODY)))
    exchange = only(told)
    assert (header(told).imported, header(told).lacks) == ("httprr", ("boundaries", "times"))
    assert exchange.request.headers == (("Host", "api.test"), ("Content-Length", "2"))
    assert (exchange.request.data, chunks(exchange)) == (b"{}", FRAMES)
    assert exchange.response is not None
    assert exchange.response.reason == "Very OK"


def test_heads_may_end_their_lines_in_lf() -> None:
    """As Go's writers do after a replacement."""
    assert only(imported(trace((REQUEST, HEAD.replace(b"\r", b"") + BODY)))).body == BODY


CHUNKED = HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("body", [BODY, b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)])
def test_a_body_is_taken_out_of_chunks_where_it_is_in_some(body: bytes) -> None:
    """Mostly the header alone is left of them."""
    assert only(imported(trace((REQUEST, CHUNKED + body)))).body == BODY


def test_several_exchanges() -> None:
    """In their order; one whose answer has no status is left out."""
    told = imported(trace((REQUEST, HEAD + BODY), (REQUEST, b"nonsense"), (b"GET / HTTP/1.1\n\n", HEAD + b"")))
    assert [exchange.request.method for exchange in told.recording.exchanges] == ["POST", "GET"]
    assert told.notes[0] == "left out 1 exchange without an answer"


@pytest.mark.parametrize("rest", [b"nonsense", b"3 9\nabc", b"\n"])
def test_a_file_that_was_changed_is_refused(rest: bytes) -> None:
    """Sizes are exact."""
    with pytest.raises(RecordingError) as caught:
        imported(b"httprr trace v1\n" + rest)
    assert str(caught.value) == (
        "file: at byte 16 stand no sizes of a request and a response that follow;"
        " check the file: a line end that was changed is enough"
    )
