"""Traces of curl: chunks with their times, out of what was read."""

from __future__ import annotations

import pytest

from streamsim.errors import RecordingError
from tests.recording.importers.inputs import FRAMES, chunks, gaps, header, imported, only

ASK = b"POST /v1/x HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer sk-secret-key\r\n\r\n"
HEAD = (b"HTTP/1.1 200 OK\r\n", b"content-type: text/event-stream\r\n", b"transfer-encoding: chunked\r\n", b"\r\n")
ONE, TWO = (b"%x\r\n%b\r\n" % (len(frame), frame) for frame in FRAMES)
LAST = b"0\r\n\r\n"


def dump(data: bytes) -> str:
    """Return bytes as curl shows them."""
    rows = (data[start : start + 16] for start in range(0, len(data), 16))
    return "".join(
        f"{16 * number:04x}: {' '.join(f'{byte:02x}' for byte in row):48}{_visible(row)}\n"
        for number, row in enumerate(rows)
    )


def _visible(row: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)


def said(mark: str, data: bytes, at: str = "") -> str:
    """Return an entry, such as ``=> Send header``."""
    return f"{at} {mark}, {len(data)} bytes (0x{len(data):x})\n{dump(data)}".lstrip()


def asked(at: str = "", body: bytes = b"{}") -> str:
    return said("=> Send header", ASK, at) + said("=> Send data", body, at)


def answered(at: str = "", head: tuple[bytes, ...] = HEAD) -> str:
    return "".join(said("<= Recv header", line, at) for line in head)


def read(*reads: bytes) -> str:
    return "".join(said("<= Recv data", data) for data in reads)


def test_a_trace_with_times_lacks_nothing() -> None:
    """Each HTTP chunk is one, with the time of its last byte, however it was read."""
    told = imported(
        "08:00:00.000000 == Info: Connected to api.test (127.0.0.1) port 80 (#0)\n"
        + said("=> Send SSL data", b"\x16\x03\x01", "08:00:00.000500")
        + asked("08:00:00.001000")
        + answered("08:00:00.101000")
        + said("<= Recv data", ONE[:5], "08:00:00.101500")
        + said("<= Recv data", ONE[5:] + TWO[:3], "08:00:00.121000")
        + said("<= Recv data", TWO[3:] + LAST, "08:00:00.151000")
        + "08:00:00.151100 == Info: Connection #0 to host api.test left intact\n"
    )
    exchange = only(told)
    assert (header(told).imported, header(told).lacks, header(told).redacted) == ("curl-trace", (), ("authorization",))
    assert (chunks(exchange), gaps(exchange)) == (FRAMES, [20_000, 30_000])
    assert exchange.request.data == b"{}"
    assert exchange.request.headers == (("Host", "api.test"), ("Authorization", "[redacted]"))
    assert exchange.response is not None
    assert (exchange.response.dt_us, exchange.response.reason) == (100_000, "OK")
    assert exchange.end is not None
    assert exchange.end.cause == "complete"


def test_a_trace_without_times_lacks_them() -> None:
    """Boundaries it has."""
    told = imported(asked() + answered() + read(ONE + TWO, LAST))
    assert (header(told).lacks, chunks(only(told)), gaps(only(told))) == (("times",), FRAMES, [0, 0])


def test_a_trace_across_midnight_goes_on() -> None:
    """Curl tells the time of day only."""
    told = imported(
        asked("23:59:59.500000")
        + answered("23:59:59.600000")
        + said("<= Recv data", ONE, "00:00:00.100000")
        + said("<= Recv data", TWO + LAST, "00:00:00.200000")
    )
    assert gaps(only(told)) == [500_000, 100_000]


def test_reads_are_chunks_where_the_body_has_none() -> None:
    """As of HTTP/2, of a body of declared length, and of a curl that takes the framing off."""
    plain = (b"HTTP/2 200 \r\n", b"content-type: text/event-stream\r\n", b"\r\n")
    reads = FRAMES[0] + FRAMES[1][:4], FRAMES[1][4:]
    for head in (plain, HEAD):
        assert chunks(only(imported(asked() + answered(head=head) + read(*reads)))) == list(reads)


@pytest.mark.parametrize(
    ("end", "cause", "found"),
    [
        ("", "fin", FRAMES[:1]),
        ("== Info: transfer closed with outstanding read data remaining\n", "fin", FRAMES[:1]),
        ("== Info: Recv failure: Connection reset by peer\n", "reset", FRAMES[:1]),
        ("== Info: Operation timed out after 1000 milliseconds\n", "timeout", FRAMES[:1]),
        (read(TWO[:9]), "fin", [FRAMES[0], TWO[3:9]]),
        (read(b"zz\r\n"), "fin", FRAMES[:1]),
    ],
)
def test_how_it_ended_is_what_curl_says(end: str, cause: str, found: list[bytes]) -> None:
    """And an unfinished chunk is one."""
    exchange = only(imported(asked() + answered() + read(ONE) + end))
    assert exchange.end is not None
    assert (exchange.end.cause, chunks(exchange)) == (cause, found)


def test_several_exchanges() -> None:
    """As of a redirection; what a proxy was asked is none; interim heads and trailers are no answers."""
    tunnel = said("=> Send header", b"CONNECT api.test:443 HTTP/1.1\r\n\r\n")
    opened = answered(head=(b"HTTP/1.1 200 Connection established\r\n", b"\r\n"))
    moved = answered(head=(b"HTTP/1.1 307 Go on\r\n", b"Location: /y\r\n", b"Content-Length: 0\r\n", b"\r\n"))
    interim = answered(head=(b"HTTP/1.1 100 Continue\r\n", b"\r\n"))
    trailers = said("<= Recv header", b"x-trailer: 1\r\n")
    told = imported(
        tunnel + opened + asked() + moved + asked(body=b"2") + interim + answered() + read(ONE, LAST) + trailers
    )
    first, second = told.recording.exchanges
    assert (first.response and first.response.status, first.request.data) == (307, b"{}")
    assert (second.response and second.response.status, second.request.data, chunks(second)) == (200, b"2", FRAMES[:1])


def test_a_request_without_an_answer_is_left_out() -> None:
    """There is nothing to replay."""
    told = imported(asked() + answered() + read(ONE, LAST) + asked())
    assert told.notes == ("left out 1 exchange without an answer",)


def test_an_ascii_trace_is_refused() -> None:
    """It shows a dot for every byte that is no letter."""
    with pytest.raises(RecordingError) as caught:
        imported("== Info: hi\n=> Send header, 18 bytes (0x12)\n0000: GET / HTTP/1.1\n0010: \n")
    assert str(caught.value) == ("file:2: 18 bytes are announced and 0 follow; trace with --trace, not --trace-ascii")


def test_what_only_names_numbers_is_understood() -> None:
    """``--trace-ids`` adds numbers of transfer and connection."""
    told = imported(asked("08:00:00.000000 [0-0]") + answered("08:00:00.000000 [0-0]") + read(ONE, LAST))
    assert chunks(only(told)) == FRAMES[:1]
