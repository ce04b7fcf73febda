"""The proxy is a tee: the client has every byte as it comes, and the recording has it too."""

from __future__ import annotations

import gzip
import threading
from typing import TYPE_CHECKING

import pytest

from streamsim.recording import codec
from streamsim.recording.model import Chunk, Request
from tests.shells.recorders import Recorder
from tests.shells.upstreams import (
    ASK,
    CHUNKED,
    FIN,
    GONE,
    LAST,
    RST,
    Upstream,
    Word,
    chunk,
    read_exactly,
    read_message,
    read_rest,
    read_until,
    sized,
)

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange
    from tests.shells.upstreams import Script

FIRST, SECOND = chunk(b"data: one\n\n"), chunk(b"data: two\n\n")
ASKED = b"POST /v1/chat?a=1 HTTP/1.1\r\nHost: us\r\nX-a: 1\r\nx-A: 2\r\nContent-Length: 2\r\n\r\n{}"


def cause(exchange: Exchange) -> str:
    assert exchange.end is not None
    return exchange.end.cause


def test_the_client_has_each_event_before_the_next_is_sent() -> None:
    """The upstream goes on only once the client has read what came before: nothing is held back."""
    read = threading.Event()
    with Upstream([ASK, CHUNKED + FIRST, read, SECOND + LAST]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask(ASKED)
        assert read_until(client, FIRST) == CHUNKED + FIRST
        read.set()
        assert read_exactly(client, len(SECOND + LAST)) == SECOND + LAST
        (exchange,) = recorder.memory.ended()
    assert exchange.request.method == "POST"
    assert exchange.request.target == "/v1/chat?a=1"
    assert exchange.request.headers == (("Host", "us"), ("X-a", "1"), ("x-A", "2"), ("Content-Length", "2"))
    assert exchange.request.data == b"{}"
    assert exchange.response is not None
    assert exchange.response.headers == (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
    assert [line.data for line in exchange.chunks] == [b"data: one\n\n", b"data: two\n\n"]
    assert cause(exchange) == "complete"
    assert (recorder.session.exchanges, recorder.session.events, recorder.session.bytes) == (1, 2, 22)
    assert (recorder.session.open, recorder.session.causes) == (0, {"complete": 1})


ANSWERS = [
    ("a chunk in pieces, spelt in its own way", [CHUNKED + b"0b;x\r\ndata:", b" one\n\n\r", b"\n" + LAST]),
    ("many chunks in one piece", [CHUNKED + FIRST * 9 + LAST]),
    ("trailers", [CHUNKED, FIRST + b"0\r\nX-Sum: 1\r\n\r\n"]),
    ("an error", [sized(b'{"error":{}}', "Content-Type: application/json", "Retry-After: 1", status="429 Slow")]),
    ("no content", [b"HTTP/1.1 204 No Content\r\n\r\n"]),
    ("an interim answer", [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", sized(b"ok")]),
    ("gzip", [sized(gzip.compress(b"data: a\n\n"), "Content-Encoding: gzip")]),
    ("odd bytes", [b"HTTP/1.1 200 d\xe9j\xe0\r\nX:  \xff \r\nContent-Length: 2\r\n\r\n\xff\0"]),
]


@pytest.mark.parametrize("pieces", [case[1] for case in ANSWERS], ids=[case[0] for case in ANSWERS])
def test_bytes_pass_unchanged(pieces: list[bytes]) -> None:
    """Whatever it is and however it is spelt, the client gets what the upstream sent, and may ask again."""
    with Upstream([ASK, *pieces, ASK, sized(b"again")]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        assert read_exactly(client, len(b"".join(pieces))) == b"".join(pieces)
        client.sendall(b"GET /2 HTTP/1.1\r\nHost: us\r\n\r\n")
        assert read_message(client) == sized(b"again")
        first, second = recorder.memory.ended(2)
    assert upstream.connections == 1
    assert (cause(first), cause(second), second.body) == ("complete", "complete", b"again")
    assert (first.request.connection, second.request.connection) == (1, 1)


def test_head_has_no_body() -> None:
    """A length in its answer announces nothing, and the next answer follows."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
    with Upstream([ASK, head, ASK, sized(b"ok")]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask(b"HEAD / HTTP/1.1\r\nHost: us\r\n\r\n")
        assert read_exactly(client, len(head)) == head
        recorder.memory.ended(1)
        client.sendall(b"GET / HTTP/1.1\r\nHost: us\r\n\r\n")
        assert read_message(client) == sized(b"ok")
        assert [cause(exchange) for exchange in recorder.memory.ended(2)] == ["complete", "complete"]


def test_exchanges_at_once_do_not_mix() -> None:
    """Fifty streams that are all under way at once: each client has its own bytes, and so has each exchange."""
    count = 50
    go = threading.Event()

    def named(request: bytes) -> bytes:
        return chunk(b"data: %b\n\n" % request.split()[1])

    script: Script = [ASK, CHUNKED, named, go, named, LAST]
    with Upstream(script) as upstream, Recorder(upstream.url) as recorder:
        clients = [recorder.ask(b"GET /%d HTTP/1.1\r\nHost: us\r\n\r\n" % number) for number in range(count)]
        firsts = [chunk(b"data: /%d\n\n" % number) for number in range(count)]
        for client, first in zip(clients, firsts, strict=True):
            assert read_exactly(client, len(CHUNKED + first)) == CHUNKED + first
        recorder.until(lambda: recorder.session.open == count)
        go.set()
        for client, first in zip(clients, firsts, strict=True):
            assert read_exactly(client, len(first + LAST)) == first + LAST
        exchanges = recorder.memory.ended(count)
    assert {exchange.request.target for exchange in exchanges} == {f"/{number}" for number in range(count)}
    assert [exchange.number for exchange in exchanges] == list(range(1, count + 1))
    for exchange in exchanges:
        assert exchange.body == f"data: {exchange.request.target}\n\n".encode() * 2
        assert cause(exchange) == "complete"


def test_pipelined_requests_are_answered_in_order() -> None:
    """One after the other, over one connection."""
    with Upstream([ASK, sized(b"1"), ASK, sized(b"2")]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask(b"GET /1 HTTP/1.1\r\nHost: us\r\n\r\n" * 2)
        assert read_exactly(client, len(sized(b"1") * 2)) == sized(b"1") + sized(b"2")
    assert upstream.connections == 1


@pytest.mark.parametrize("close", [FIN, RST])
def test_an_idle_connection_that_the_upstream_closed_is_replaced(close: Word) -> None:
    """The next request goes over a new one, and the client notices nothing."""
    with Upstream([ASK, sized(b"1"), close], [ASK, sized(b"2")]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        assert read_message(client) == sized(b"1")
        (one,) = recorder.proxy.clients
        recorder.until(lambda: not (one._relay and one._relay._line and one._relay._line.usable))
        client.sendall(ASKED)
        assert read_message(client) == sized(b"2")
        assert [cause(exchange) for exchange in recorder.memory.ended(2)] == ["complete", "complete"]
    assert [request.split()[1] for request in upstream.requests] == [b"/", b"/v1/chat?a=1"]


@pytest.mark.parametrize("close", [FIN, RST])
def test_a_connection_that_is_closed_while_the_request_is_on_its_way_is_replaced(close: Word) -> None:
    """It was reused and answered nothing, so the request is sent again, once."""
    scripts: list[Script] = [[ASK, sized(b"1"), ASK, close], [ASK, sized(b"2")]]
    with Upstream(*scripts) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        assert read_message(client) == sized(b"1")
        client.sendall(ASKED)
        assert read_message(client) == sized(b"2")
        first, second = recorder.memory.ended(2)
    assert (cause(first), cause(second), second.body) == ("complete", "complete", b"2")
    assert upstream.requests[1] == upstream.requests[2]


@pytest.mark.parametrize(("close", "seen", "told"), [(FIN, "fin", "fin"), (RST, "rst", "reset")])
def test_a_new_connection_that_is_closed_is_not_replaced(close: Word, seen: str, told: str) -> None:
    """That is how the upstream answers; the client and the recording have it so."""
    with Upstream([ASK, close]) as upstream, Recorder(upstream.url) as recorder:
        assert read_rest(recorder.ask()) == (b"", seen)
        (exchange,) = recorder.memory.ended()
    assert (cause(exchange), exchange.response, upstream.connections) == (told, None, 1)


def test_bytes_that_nobody_asked_for_end_the_connection() -> None:
    """The next answer would be mistaken; so the next request goes over a new connection."""
    more = threading.Event()
    scripts: list[Script] = [[ASK, sized(b"1"), more, b"HTTP/1.1 408 Too Late\r\n\r\n", GONE], [ASK, sized(b"2")]]
    with Upstream(*scripts) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        assert read_message(client) == sized(b"1")
        (one,) = recorder.proxy.clients
        more.set()
        recorder.until(lambda: not (one._relay and one._relay._line and one._relay._line.usable))
        client.sendall(ASKED)
        assert read_message(client) == sized(b"2")


def test_the_upstream_gets_the_request_as_the_client_sent_it() -> None:
    """But for what concerns the connection to us, and for compression, which would hide the events."""
    sent = (
        b"POST /a HTTP/1.1\r\nHost: us:1\r\nX-a: 1\r\nx-A:2\r\nAccept-Encoding: gzip\r\nExpect: 100-continue\r\n"
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nProxy-Connection: x\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    with Upstream([ASK, sized(b"ok")]) as upstream, Recorder(f"{upstream.url}/base/") as recorder:
        client = recorder.ask(sent)
        assert read_message(client) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n")
        assert read_message(client) == sized(b"ok")
        (exchange,) = recorder.memory.ended()
    host = f"127.0.0.1:{upstream.port}".encode()
    assert upstream.requests == [
        b"POST /base/a HTTP/1.1\r\nHost: " + host + b"\r\nAccept-Encoding: identity\r\nContent-Length: 3\r\n"
        b"X-a: 1\r\nx-A: 2\r\n\r\nabc"
    ]
    assert ("Accept-Encoding", "gzip") in exchange.request.headers
    assert exchange.request.data == b"abc"


def test_compression_stays_if_asked_for() -> None:
    """The client's own wish then reaches the upstream."""
    with Upstream([ASK, sized(b"ok")]) as upstream, Recorder(upstream.url, keep_encoding=True) as recorder:
        read_message(recorder.ask(b"GET / HTTP/1.0\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n"))
    host = f"127.0.0.1:{upstream.port}".encode()
    assert upstream.requests == [
        b"GET / HTTP/1.0\r\nHost: " + host + b"\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n"
    ]


def test_a_client_that_takes_us_for_its_proxy_is_served_too() -> None:
    """Whole URLs become paths; a tunnel, through which nothing could be recorded, is refused with a hint."""
    with Upstream([ASK, sized(b"ok")]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask(b"GET http://api.test/v1?u=http://x HTTP/1.1\r\nHost: api.test\r\n\r\n")
        assert read_message(client) == sized(b"ok")
        client.sendall(b"GET /v1?u=http://x HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n")
        refused = recorder.ask(b"CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n\r\n")
        answer, how = read_rest(refused)
    assert upstream.requests[0].split()[1] == b"/v1?u=http://x"
    assert answer.startswith(b"HTTP/1.1 405 Method Not Allowed\r\n")
    assert b"give its address as base URL, not as proxy" in answer
    assert how == "fin"


def test_what_is_no_request_is_refused() -> None:
    """The upstream hears nothing of it."""
    with Upstream([ASK, sized(b"ok")]) as upstream, Recorder(upstream.url) as recorder:
        answer, how = read_rest(recorder.ask(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert (how, upstream.connections) == ("fin", 0)


def test_a_connection_that_the_client_ends_is_ended() -> None:
    """``Connection: close`` is kept, after the whole answer was delivered."""
    with Upstream([ASK, sized(b"ok")]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask(b"GET / HTTP/1.1\r\nHost: us\r\nConnection: close\r\n\r\n")
        assert read_rest(client) == (sized(b"ok"), "fin")
    assert b"Connection: close" in upstream.requests[0]


def test_credentials_of_the_upstream_are_sent_and_not_recorded() -> None:
    """They stand in for a client's own, which goes before; an echo of them is covered."""
    echo = chunk(b"data: pass-word\n\n")
    script: Script = [ASK, CHUNKED + echo + LAST, ASK, sized(b"ok")]
    with Upstream(script) as upstream, Recorder(upstream.url.replace("://", "://me:pass-word@")) as recorder:
        client = recorder.ask()
        read_until(client, LAST)
        client.sendall(b"GET / HTTP/1.1\r\nHost: us\r\nAuthorization: Bearer 123456789\r\n\r\n")
        read_message(client)
        first, _ = recorder.memory.ended(2)
    assert b"\r\nAuthorization: Basic bWU6cGFzcy13b3Jk\r\n" in upstream.requests[0]
    assert b"Basic" not in upstream.requests[1]
    assert first.body == b"data: [redacted]\n\n"
    assert b"pass-word" not in b"".join(codec.encode(recorder.memory.recording()))


def test_lines_of_an_exchange_come_as_its_chunks_do() -> None:
    """A chunk is in the recording as soon as the client could have it whole."""
    go = threading.Event()
    with Upstream([ASK, CHUNKED + FIRST, go, SECOND + LAST]) as upstream, Recorder(upstream.url) as recorder:
        client = recorder.ask()
        read_until(client, FIRST)
        recorder.until(lambda: recorder.session.bytes == 11)
        kinds = [type(line) for line in recorder.memory.lines]
        assert (kinds[0], kinds[-1]) == (Request, Chunk)
        go.set()
        recorder.memory.ended()
