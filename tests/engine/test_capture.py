"""Whatever arrives becomes lines that tell it, and that give the same bytes again.

Two spellings are not kept, because llhttp reads them away: white space around header values (and an empty reason's
missing space), and how a chunk's size was written (case, leading zeros, extensions). Empty lines before a status line
and answers with status 100 are not replayed.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.engine import capture as module
from streamsim.engine.capture import Capture
from streamsim.recording import codec
from streamsim.recording.model import Header, Request
from streamsim.wire.timeline import rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamsim.engine.capture import Cause
    from streamsim.recording.model import Exchange, Line

CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
OPEN = b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
LAST = b"0\r\n\r\n"

# A piece as sent, and as it is given again where that differs.
Part: TypeAlias = "bytes | tuple[bytes, bytes]"


class Case(NamedTuple):
    name: str
    parts: tuple[Part, ...]
    chunks: tuple[bytes, ...]
    framing: str
    method: str = "GET"


ZIPPED = gzip.compress(b"data: a\n\n", mtime=0)

CASES = [
    Case("chunked", (CHUNKED, b"1\r\na\r\n", b"c\r\ndata: one\n\n\n\r\n", LAST), (b"a", b"data: one\n\n\n"), "chunked"),
    Case(
        "chunk sizes spelt otherwise",
        (
            CHUNKED,
            (b"00A;x=1;y\r\n", b"a\r\n"),
            b"data: one\n\r\n",
            (b"01\r\n", b"1\r\n"),
            b"b\r\n",
            (b"000;end\r\n\r\n", LAST),
        ),
        (b"data: one\n", b"b"),
        "chunked",
    ),
    Case("trailers", (CHUNKED, b"2\r\nab\r\n", b"0\r\nX-Sum: 1\r\nx-Sum: 2\r\n\r\n"), (b"ab",), "chunked"),
    Case("a chunk of line ends", (CHUNKED, b"4\r\n\r\n\r\n\r\n", LAST), (b"\r\n\r\n",), "chunked"),
    Case("no chunk", (CHUNKED, LAST), (), "chunked"),
    Case(
        "bytes of a character",
        (CHUNKED, b"1\r\n\xe2\r\n", b"2\r\n\x82\xac\r\n", LAST),
        (b"\xe2", b"\x82\xac"),
        "chunked",
    ),
    Case(
        "an interim answer",
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", SIZED, b"data: a\n\n"),
        (b"data: a\n\n",),
        "content-length",
    ),
    Case("continue", ((b"HTTP/1.1 100 Continue\r\n\r\n", b""), CHUNKED, b"1\r\na\r\n", LAST), (b"a",), "chunked"),
    Case("a known length", (SIZED, b"data: a\n\n"), (b"data: a\n\n",), "content-length"),
    Case("nothing", (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",), (), "content-length"),
    Case("until it closes", (OPEN, b"data: a\n\n"), (b"data: a\n\n",), "close"),
    Case(
        "a coding that is not chunked lasts until it closes",
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", ZIPPED),
        (ZIPPED,),
        "close",
    ),
    Case("204", (b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",), (), "none"),
    Case("304", (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",), (), "none"),
    Case("HEAD", (SIZED,), (), "none", "HEAD"),
    Case("HEAD, chunked", (CHUNKED,), (), "none", "HEAD"),
    Case(
        "gzip",
        (
            CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"),
            b"%x\r\n%b\r\n" % (len(ZIPPED), ZIPPED),
            LAST,
        ),
        (ZIPPED,),
        "chunked",
    ),
    Case(
        "header spelling",
        (
            (b"HTTP/1.1 404\r\nA:b\r\nA: \t c \t\r\nD:\r\n\r\n", b"HTTP/1.1 404 \r\nA: b\r\nA: c \t\r\nD: \r\n\r\n"),
            b"x",
        ),
        (b"x",),
        "close",
    ),
    Case("empty lines before", ((b"\r\n\r\n" + SIZED, SIZED), b"data: a\n\n"), (b"data: a\n\n",), "content-length"),
    Case("bytes in the head", (b"HTTP/1.1 500 d\xe9j\xe0\r\nX: \xff\r\n\r\n", b"x"), (b"x",), "close"),
]
by_name = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def captured(reads: Iterable[bytes], cause: Cause = "fin", method: str = "GET") -> tuple[Capture, list[Line]]:
    """Feed the reads, 1 ms apart, and the end 1 ms after the last."""
    capture = Capture(1, method, 0)
    lines: list[Line] = []
    at_us = 0
    for at_us, data in enumerate(reads, 1):
        lines += capture.feed(data, at_us * 1000)
    return capture, [*lines, *capture.end(cause, (at_us + 1) * 1000)]


def as_exchange(lines: Iterable[Line], method: str = "GET") -> Exchange:
    """Write the lines to a recording, and read it again."""
    request = Request(exchange=1, connection=1, at_us=0, method=method, target="/", headers=())
    (exchange,) = codec.decode(map(codec.write, (Header(version=1), request, *lines))).exchanges
    return exchange


def cause_of(exchange: Exchange) -> str:
    assert exchange.end is not None
    return exchange.end.cause


def again(exchange: Exchange) -> bytes:
    return b"".join(rendered(exchange.timeline()))


def raw(case: Case) -> bytes:
    return b"".join(part if isinstance(part, bytes) else part[0] for part in case.parts)


def expected(case: Case, length: int) -> bytes:
    """Return what the first ``length`` bytes give again: whole parts as they are respelt, the rest as sent."""
    out = b""
    for part in case.parts:
        sent, given = (part, part) if isinstance(part, bytes) else part
        if length < len(sent):
            return out + sent[:length]
        out += given
        length -= len(sent)
    return out


def cuts(data: bytes) -> Iterator[list[bytes]]:
    """The whole, every cut in two, and byte by byte."""
    yield [data]
    for place in range(1, len(data)):
        yield [data[:place], data[place:]]
    yield [data[place : place + 1] for place in range(len(data))]


@by_name
def test_a_response_is_told_the_same_however_it_is_cut(case: Case) -> None:
    """Head, chunks and end do not depend on the reads; only without chunks of its own is a body cut as it was read."""
    for reads in cuts(raw(case)):
        capture, lines = captured(reads, method=case.method)
        exchange = as_exchange(lines, case.method)
        assert exchange.response is not None
        assert exchange.response.framing == case.framing
        assert (exchange.end and exchange.end.cause, capture.complete) == ("complete", case.framing != "close")
        chunks = tuple(chunk.data for chunk in exchange.chunks)
        assert chunks == case.chunks if case.framing == "chunked" else b"".join(chunks) == b"".join(case.chunks)
        assert capture.bytes == len(exchange.body)
        assert again(exchange) == expected(case, len(raw(case))), reads


@by_name
def test_a_truncated_response_gives_again_what_arrived(case: Case) -> None:
    """Cut at any byte, in a head, a size line, a trailer: what arrived is in the lines, however it was read."""
    data = raw(case)
    for length in range(len(data)):
        bytewise = [data[place : place + 1] for place in range(length)]
        late = [[data[: length - last], data[length - last : length]] for last in range(min(length, 4))]
        for reads in (bytewise, *late):
            exchange = as_exchange(captured(reads, method=case.method)[1], case.method)
            assert again(exchange) == expected(case, length), reads


@pytest.mark.parametrize("cause", ["fin", "reset", "timeout", "cancelled"])
@by_name
def test_how_the_connection_ended_is_told(case: Case, cause: Cause) -> None:
    """Cut at any byte, an exchange has the cause it was given; only a body that lasts until a FIN completes by it."""
    data = raw(case)
    for length in range(len(data)):
        capture, lines = captured([data[:length]], cause, case.method)
        exchange = as_exchange(lines, case.method)
        assert exchange.end is not None
        completed = cause == "fin" and exchange.response is not None and case.framing == "close"
        assert exchange.end.cause == capture.cause == ("complete" if completed else cause)


BROKEN = [
    ("no HTTP", b"", b"SSH-2.0-OpenSSH_9.6\r\n"),
    ("a status line without status", b"", b"HTTP/1.1 OK\r\n\r\n"),
    ("a status below 100", b"", b"HTTP/1.1 099 Early\r\n\r\n"),
    ("NUL in the reason", b"", b"HTTP/1.1 200 O\0K\r\n\r\n"),
    ("NUL in a header", b"", b"HTTP/1.1 200 OK\r\nA: \0\r\n\r\n"),
    ("a bad chunk size", CHUNKED + b"1\r\na\r\n", b"xyz\r\nb\r\n"),
    ("a chunk size without end", CHUNKED, b"fffffffffffffffff\r\n"),
    ("junk after a chunk", CHUNKED + b"1\r\na", b"bc\r\n"),
    ("a bad trailer", CHUNKED + b"1\r\na\r\n", b"0\r\nno trailer\r\n\r\n"),
    ("an upgrade", b"HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", b"\x81\x05hello"),
]


@pytest.mark.parametrize(("good", "bad"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_breaks_the_protocol_is_kept_and_given_again(good: bytes, bad: bytes) -> None:
    """The end line holds the bytes that could not be understood, and all that came after them."""
    for reads in cuts(good + bad):
        capture, lines = captured([*reads, b"and more"])
        exchange = as_exchange(lines)
        assert exchange.end is not None
        assert exchange.end.cause == "protocol_error"
        assert exchange.end.data.endswith(b"and more")
        assert again(exchange) == good + bad + b"and more", reads
        assert not capture.keep_alive


def test_what_breaks_the_protocol_is_kept_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a head that does not end nor what follows broken bytes fills the memory."""
    monkeypatch.setattr(module, "BROKEN_MOST", 40)
    for start in (b"HTTP/1.1 200 OK\r\n", b"no HTTP\r\n"):
        _, lines = captured([start, *[b"Header: value\r\n"] * 9])
        exchange = as_exchange(lines)
        assert exchange.end is not None
        assert exchange.end.cause == "protocol_error"
        assert 40 <= len(exchange.end.data) <= 40 + len(b"Header: value\r\n")


@pytest.mark.parametrize("extra", [b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", b"\x00junk", SIZED[:20], b"x"])
@pytest.mark.parametrize("first", [SIZED + b"data: a\n\n", CHUNKED + LAST, b"HTTP/1.1 204 No Content\r\n\r\n"])
def test_what_follows_a_complete_response_is_none_of_it(first: bytes, extra: bytes) -> None:
    """Bytes that nobody asked for leave the response complete, and its connection unfit for another."""
    alone = captured([first])
    capture, lines = captured([first + extra])
    assert (lines, capture.cause, capture.keep_alive) == (alone[1], "complete", False)
    assert alone[0].keep_alive
    assert capture.feed(b"more", 9000) == []


def test_a_body_that_answers_head_is_kept_as_bytes() -> None:
    """A server that sends one breaks the protocol: its connection serves no other exchange."""
    capture, lines = captured([SIZED + b"data: a\n\n"], method="HEAD")
    assert (as_exchange(lines, "HEAD").body, capture.keep_alive, capture.cause) == (b"data: a\n\n", False, "complete")
    assert captured([SIZED], method="HEAD")[0].keep_alive


def test_the_last_coding_decides_the_framing() -> None:
    """Only a body that is chunked last is read as chunks (RFC 9112, 6.3)."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: %b\r\n\r\n"
    for coding, framing in ((b"gzip, chunked", "chunked"), (b"Chunked", "chunked"), (b"chunked, gzip", "close")):
        response = as_exchange(captured([head % coding])[1]).response
        assert response is not None
        assert response.framing == framing


@pytest.mark.parametrize(
    ("raw_head", "alive"),
    [
        (CHUNKED, True),
        (SIZED, True),
        (OPEN, False),
        (SIZED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), False),
        (SIZED.replace(b"1.1", b"1.0"), False),
        (SIZED.replace(b"1.1", b"1.0").replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n"), True),
    ],
)
def test_a_connection_lives_on_where_its_head_says_so(raw_head: bytes, *, alive: bool) -> None:
    """As RFC 9112, 9.3 has it."""
    assert captured([raw_head])[0].keep_alive is alive


def test_times_are_those_of_last_bytes() -> None:
    """A head and a chunk have the time of their last byte, an end that of its sight; gaps are those of one exchange."""
    capture = Capture(7, "GET", 500)
    lines = [
        *capture.feed(b"HTTP/1.1 103 Early Hints\r\n\r\n", 700),
        *capture.feed(CHUNKED[:-1], 1000),
        *capture.feed(b"\n3\r\na", 2000),
        *capture.feed(b"b", 3000),
        *capture.feed(b"c\r", 4500),
        *capture.feed(b"\n1\r\nd\r\n0\r\n", 6000),
        *capture.feed(b"\r\n", 6100),
    ]
    told = [(type(line).__name__, line.exchange, line.dt_us) for line in lines if not isinstance(line, Request)]
    times = [("Info", 200), ("Response", 1300), ("Chunk", 2500), ("Chunk", 1500), ("Ending", 100)]
    assert told == [(name, 7, dt_us) for name, dt_us in times]


def test_a_head_may_come_before_the_request_is_whole() -> None:
    """Time does not go back: the answer's head is then at the request's own time."""
    lines = Capture(1, "POST", 500).feed(b"HTTP/1.1 413 Too Large\r\n", 300)
    assert lines == []
    capture = Capture(1, "POST", 500)
    (head,) = capture.feed(SIZED, 300)
    assert not isinstance(head, Request)
    assert head.dt_us == 0
    (chunk, _) = capture.feed(b"data: a\n\n", 800)
    assert not isinstance(chunk, Request)
    assert chunk.dt_us == 300


def test_a_line_comes_as_soon_as_its_chunk_is_whole() -> None:
    """Nothing waits for the next chunk; what has no chunks gives a line a read."""
    capture = Capture(1, "GET", 0)
    assert len(capture.feed(CHUNKED, 1)) == 1
    assert capture.answered
    assert capture.feed(b"3\r\nabc\r", 2) == []
    assert len(capture.feed(b"\n", 3)) == 1
    capture = Capture(1, "GET", 0)
    assert not capture.answered
    assert [len(capture.feed(data, 1)) for data in (OPEN, b"da", b"ta")] == [1, 1, 1]


def test_a_cut_chunk_says_how_long_it_would_have_been() -> None:
    """The size is kept, unless a recording cannot hold it."""
    for size, of in ((b"a", 10), (b"1fffffffffffff", 2**53 - 1), (b"20000000000000", None)):
        (chunk,) = as_exchange(captured([CHUNKED + size + b"\r\nabc"])[1]).chunks
        assert (chunk.data, chunk.cut, chunk.of) == (b"abc", True, of)


def test_bytes_are_text_where_they_are_utf8() -> None:
    """What would not survive as text is base64, chunk by chunk."""
    _, lines = captured([CHUNKED, b"2\r\n\xc3\xa9\r\n", b"1\r\n\xc3\r\n", b"5\r\na\xff"])
    assert [(chunk.text, chunk.b64) for chunk in as_exchange(lines).chunks] == [
        ("é", None),
        (None, b"\xc3"),
        (None, b"a\xff"),
    ]


def test_the_terminal_event_is_known() -> None:
    """After it a client may leave without cutting anything short."""
    role = b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
    capture = Capture(1, "POST", 0)
    seen = []
    for data in (CHUNKED, b"%x\r\n%b\r\n" % (len(role), role), b"e\r\ndata: [DONE]\n\n\r\n"):
        capture.feed(data, 1)
        seen.append(capture.terminal)
    assert seen == [False, False, True]


def test_the_end_is_told_once() -> None:
    """Whoever sees it second is told nothing."""
    capture = Capture(1, "GET", 0)
    assert len(capture.end("unreachable", 5)) == 1
    assert capture.end("cancelled", 6) == []
    assert capture.cause == "unreachable"


PIECES = [
    *(CHUNKED, SIZED, OPEN, LAST, b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/2.0 200 OK\r\n"),
    *(b"HTTP/1.1 099 X\r\n", b"HTTP/1.1 204\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n"),
    *(
        b"Content-Length: 18446744073709551615\r\n",
        b"Connection: close\r\n",
        b"A : b\r\n",
        b"A: b\r\n c\r\n",
        b"A: \xff\r\n",
    ),
    *(b"\r\n", b"\n", b"\0", b"5\r\nhello\r\n", b"5;a=b\r\n", b"hello", b"ffffffffffffffff\r\n", b"0\r\n", b"X: y\r\n"),
]


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=3)), st.sampled_from(["GET", "HEAD"]), st.data())
def test_whatever_arrives_the_recording_can_be_read(pieces: list[bytes], method: str, data: st.DataObject) -> None:
    """No bytes of an upstream raise, or make lines that a reader refuses; chunks do not depend on the reads."""
    stream = b"".join(pieces)
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=4)))
    reads = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
    exchange = as_exchange(captured(reads, method=method)[1], method)
    whole = as_exchange(captured([stream], method=method)[1], method)
    assert (exchange.body, cause_of(exchange)) == (whole.body, cause_of(whole))
    again(exchange)
