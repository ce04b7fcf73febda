from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.errors import RecordingError
from streamsim.recording.model import Chunk, Ending, Info, Line, Request, Response
from streamsim.recording.validity import flaw
from tests.builders import exchange, recording

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange
    from streamsim.wire import Headers

HOLDS = "holds CR, LF, NUL or a character beyond ISO 8859-1"


def request(*, method: str = "GET", target: str = "/", headers: Headers = ()) -> Request:
    return Request(exchange=1, connection=1, at_us=0, method=method, target=target, headers=headers)


def response(*, reason: str = "OK", http: str = "1.1", headers: Headers = ()) -> Response:
    return Response(exchange=1, dt_us=0, status=200, reason=reason, http=http, framing="close", headers=headers)


def info(*, reason: str = "", headers: Headers = ()) -> Info:
    return Info(exchange=1, dt_us=0, status=103, reason=reason, headers=headers)


def ending(cause: str = "complete", *, trailers: Headers = ()) -> Ending:
    return Ending(exchange=1, dt_us=0, cause=cause, trailers=trailers)


@pytest.mark.parametrize(
    "line",
    [
        request(method="M-SEARCH", target="/a b?\xff", headers=(("!#$%&'*+-.^_`|~09azAZ", "\t v\x01\x7f\xff "),)),
        response(reason="Tr\xe8s bien\t!", headers=(("a", ""), ("a", ""))),
        response(http="2"),
        info(headers=(("link", "</a>"),)),
        ending(trailers=(("x-sum", "1"),)),
        Chunk(exchange=1, dt_us=0, text="\r\n\0\u2028"),
        Chunk(exchange=1, dt_us=0, b64=b"\r\n\0"),
        Chunk(exchange=1, dt_us=0),
    ],
)
def test_what_can_be_played_has_no_flaw(line: Line) -> None:
    """Any token, any text of ISO 8859-1 on one line, and any body is fine."""
    assert flaw(line) == ""


@pytest.mark.parametrize(
    "cause",
    ["complete", "fin", "reset", "timeout", "cancelled", "unreachable", "protocol_error", "goaway", "h2_reset:8"],
)
def test_every_documented_cause_is_known(cause: str) -> None:
    """The causes of the format, with any code behind h2_reset, are known."""
    assert flaw(ending(cause)) == ""


@pytest.mark.parametrize("cause", ["", "Complete", "done", "h2_reset", "h2_reset:", "h2_reset:a b", "reset\r\n"])
def test_an_unknown_cause_is_refused_by_name(cause: str) -> None:
    """A cause that cannot be replayed is named, and so are those that can."""
    assert flaw(ending(cause)) == (
        f"the cause {cause!r} is none of complete, fin, reset, timeout, cancelled, unreachable, protocol_error, "
        "goaway, h2_reset:CODE"
    )


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "\u0100", "☃", "a\r\nset-cookie: b=c"])
def test_text_that_would_end_a_line_is_refused(bad: str) -> None:
    """No header value, trailer, reason or target may hold what begins another line, or what no byte stands for."""
    assert flaw(response(headers=(("ok", "ok"), ("x", bad)))) == f"the value of header 'x' {HOLDS}"
    assert flaw(request(headers=(("x", bad),))) == f"the value of header 'x' {HOLDS}"
    assert flaw(info(headers=(("x", bad),))) == f"the value of header 'x' {HOLDS}"
    assert flaw(ending(trailers=(("x", bad),))) == f"the value of header 'x' {HOLDS}"
    assert flaw(response(reason=bad)) == f"the reason {HOLDS}"
    assert flaw(info(reason=bad)) == f"the reason {HOLDS}"
    assert flaw(request(target=bad)) == f"the target {HOLDS}"


@pytest.mark.parametrize("bad", ["", "a b", "a:", "a\n", "\xe4", '"', "(", "a\0", "a\r\nb"])
def test_what_is_no_token_is_refused(bad: str) -> None:
    """Header names and methods are tokens."""
    assert flaw(response(headers=((bad, "v"),))) == f"the header name {bad!r} is no token"
    assert flaw(ending(trailers=((bad, "v"),))) == f"the header name {bad!r} is no token"
    assert flaw(request(method=bad)) == f"the method {bad!r} is no token"


@pytest.mark.parametrize("bad", ["", "1.", "11", "1.1\r\nx: y", "one"])
def test_what_is_no_http_version_is_refused(bad: str) -> None:
    """The version stands in the status line, so it may hold nothing else."""
    assert flaw(response(http=bad)) == f"the HTTP version {bad!r} is no version"


@pytest.mark.parametrize(
    "line",
    [
        Chunk(exchange=1, dt_us=0, text="a", b64=b"a"),
        Ending(exchange=1, dt_us=0, cause="fin", text="", b64=b""),
        Request(exchange=1, connection=1, at_us=0, method="GET", target="/", headers=(), text="a", b64=b""),
    ],
)
def test_bytes_are_said_once(line: Line) -> None:
    """A line with both text and b64 does not say which is meant."""
    assert flaw(line) == "both text and b64: the bytes are one or the other"


@pytest.mark.parametrize(
    ("one", "line", "problem"),
    [
        (exchange(headers=(("x", "a\r\nb"),)), 3, f"the value of header 'x' {HOLDS}"),
        (exchange(end="gone"), 7, "the cause 'gone' is none of "),
        (exchange(target="/\r\n"), 2, f"the target {HOLDS}"),
    ],
)
def test_a_flaw_in_a_file_is_an_error_with_its_line(one: Exchange, line: int, problem: str) -> None:
    """Reading a recording with such a line fails, and names the line."""
    with pytest.raises(RecordingError) as caught:
        recording(one, source="a.jsonl")
    assert str(caught.value).startswith(f"a.jsonl:{line}: {problem}")


@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_nothing_without_flaw_can_inject(name: str, value: str, reason: str) -> None:
    """Any head that passes has exactly the lines it was given, on the wire."""
    head = response(reason=reason, headers=((name, value),))
    if not flaw(head):
        wire = b"HTTP/1.1 200 %b\r\n%b: %b\r\n\r\n" % tuple(text.encode("latin-1") for text in (reason, name, value))
        assert wire.count(b"\n") == wire.count(b"\r") == 3
        assert b"\0" not in wire
