"""The server on real sockets: what a raw client sees is what was recorded, however clients behave."""

from __future__ import annotations

import asyncio
import gc
import shutil
import socket
import struct
import subprocess
from pathlib import Path

import pytest

from streamsim.engine.core import Settings
from streamsim.errors import UsageError
from streamsim.recording.model import Chunk
from streamsim.shells.server import Server
from tests.builders import HELLO, exchange, recording
from tests.shells.raw import Client, ask, request
from tests.shells.serving import CHUNKED, CLOSING, GET, LONG_S, engine, serving, stream


def test_chunks_are_as_recorded() -> None:
    """Body, chunk boundaries and headers are the recording's, and the connection lives on."""
    with serving(engine(recording(stream()))) as server, Client(server.port) as client:
        for _ in range(2):
            answer = client.ask(request())
            assert (answer.status, answer.chunks, answer.cut, answer.ended) == (200, list(HELLO), b"", "open")
            assert answer.head.startswith(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked"
            )


def test_pipelined_requests_are_answered_in_order() -> None:
    """Requests sent at once are answered one after the other, each whole."""
    get = stream(target="/get", method="GET", body=b"", chunks=[b"data: got\n\n"])
    with serving(engine(recording(stream(), get))) as server, Client(server.port) as client:
        client.send((request() + GET) * 8)
        bodies = [client.answer().body for _ in range(16)]
    assert bodies == [b"".join(HELLO), b"data: got\n\n"] * 8


@pytest.mark.parametrize("size", [100_000, 3_000_000])
def test_large_bodies(size: int) -> None:
    """A large request body is read whole, by its length or in chunks."""
    body = b"x" * size
    chunked = request("/v1/chat/completions", "Transfer-Encoding: chunked", body=b"")
    chunked += b"".join(b"%x\r\n%b\r\n" % (len(body[at:][:5000]), body[at:][:5000]) for at in range(0, size, 5000))
    served = engine(recording(stream(body=body), stream(body=b"other")))
    with serving(served) as server, Client(server.port) as client:
        for data in (request(body=body), chunked + b"0\r\n\r\n"):
            assert client.ask(data).fields["x-streamsim-plan"]
    assert [trace.script.told["exchange"] for trace in server.traces] == [1, 1]


def test_expect_continue() -> None:
    """A client that waits for 100 Continue gets it before it has sent its body."""
    with serving(engine(recording(stream()))) as server, Client(server.port) as client:
        data = request("/v1/chat/completions", "Expect: 100-continue")
        client.send(data[:-15])
        assert client.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert client.ask(data[-15:]).chunks == list(HELLO)


def test_head_is_the_head_of_get() -> None:
    """HEAD is answered with the recorded head of GET, its length kept, and nothing more."""
    get = exchange(method="GET", target="/get", body=b"", framing="content-length", headers=(("Content-Length", "35"),))
    with serving(engine(recording(get))) as server, Client(server.port) as client:
        answer = client.ask(request("/get", method="HEAD"))
        assert (answer.status, answer.fields["content-length"], answer.body) == (200, "35", b"")
        assert client.ask(request("/nowhere", method="HEAD")).status == 404
        assert client.ask(GET).body == b"".join(HELLO)


def test_browsers_are_let_in() -> None:
    """A preflight is allowed, and an answer to a page from elsewhere may be read by it."""
    with serving(engine(recording(stream()))) as server, Client(server.port) as client:
        asked = ["Origin: http://page.test", "Access-Control-Request-Method: POST"]
        answer = client.ask(request("/v1/chat/completions", *asked, method="OPTIONS", body=b""))
        assert (answer.status, answer.fields["access-control-allow-origin"]) == (204, "*")
        answer = client.ask(request("/v1/chat/completions", asked[0]))
        assert (answer.fields["access-control-allow-origin"], answer.chunks) == ("*", list(HELLO))


def test_client_that_speaks_http_10() -> None:
    """HTTP/1.0 knows no chunks: the body ends with the connection (RFC 9112, 6.1)."""
    with serving(engine(recording(stream()))) as server, Client(server.port) as client:
        answer = client.ask(request(http="1.0"))
        assert (b"".join(answer.chunks), answer.ended) == (b"".join(HELLO), "eof")
        assert "transfer-encoding" not in answer.fields


def test_client_that_wants_to_close() -> None:
    """After ``Connection: close`` the connection is closed when the answer is complete."""
    data = request("/v1/chat/completions", "Connection: close")
    with serving(engine(recording(stream()))) as server, Client(server.port) as client:
        answer = client.ask(data)
        assert (answer.chunks, answer.ended) == (list(HELLO), "open")
        assert (client.rest(), client.ended) == (b"", "eof")


def test_upgrade_is_ignored() -> None:
    """A request that would like HTTP/2 is answered in HTTP/1.1, its body read."""
    upgrade = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQ"]
    with serving(engine(recording(stream()))) as server, Client(server.port) as client:
        assert client.ask(request("/v1/chat/completions", *upgrade)).chunks == list(HELLO)
        assert client.ask(request()).chunks == list(HELLO)


@pytest.mark.parametrize("option", [[], ["--http2"], ["--http1.0"], ["-H", "Expect: 100-continue"]])
def test_curl(option: list[str]) -> None:
    """``curl -N`` gets the recorded body, whatever version it would like to speak."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("no curl here")
    with serving(engine(recording(stream()))) as server:
        url = f"http://127.0.0.1:{server.port}/v1/chat/completions"
        done = subprocess.run(
            [curl, "-sN", "--noproxy", "*", "--max-time", "10", "-d", '{"stream":true}', *option, url],
            capture_output=True,
            check=False,
        )
    assert (done.returncode, done.stdout) == (0, b"".join(HELLO))


@pytest.mark.parametrize(
    ("end", "ended"), [("complete", "eof"), ("fin", "eof"), ("reset", "reset"), ("timeout", "timeout")]
)
@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_connection_ends_as_recorded(end: str, ended: str, framing: str) -> None:
    """A raw client sees exactly the recorded bytes, and then FIN, RST or silence."""
    headers = CHUNKED if framing == "chunked" else CLOSING
    one = exchange(framing=framing, headers=(*headers, ("Connection", "close")), end=end)  # type: ignore[arg-type]
    with serving(engine(recording(one))) as server, Client(server.port, patience_s=0.3) as client:
        client.send(request())
        assert client.until(b"\r\n\r\n")
        plain = b"".join(HELLO)
        body = b"".join(b"%x\r\n%b\r\n" % (len(data), data) for data in HELLO) if framing == "chunked" else plain
        assert client.rest() == body + (b"0\r\n\r\n" if end == "complete" and framing == "chunked" else b"")
        assert client.ended == ended


@pytest.mark.parametrize(("of", "size"), [(100, 100), (None, 7)])
def test_cut_chunk(of: int | None, size: int) -> None:
    """A chunk that was cut short comes as it came: its declared size, or one more, and what there was of it."""
    one = stream(end="reset")
    one.chunks.append(Chunk(exchange=1, dt_us=0, text="data: ", cut=True, of=of))
    with serving(engine(recording(one))) as server:
        answer = ask(server.port, request())
    assert (answer.chunks, answer.cut, answer.ended) == (list(HELLO), b"%x\r\ndata: " % size, "reset")


def test_reset_loses_nothing() -> None:
    """An RST after a megabyte comes when all of it has arrived, every time."""
    chunks = [b"data: %06d%b\n\n" % (number, b"x" * 1000) for number in range(1000)]
    with serving(engine(recording(stream(chunks=chunks, end="reset")))) as server:
        for _ in range(20):
            answer = ask(server.port, request())
            assert answer.chunks == chunks
            assert answer.ended == "reset"


@pytest.mark.parametrize("how", ["close", "reset", "half"])
def test_client_that_leaves_is_seen_at_once(how: str) -> None:
    """When the client leaves in the middle of a stream, that is traced: what it has, and what was never sent."""
    one = stream(chunks=[b"data: one\n\n", b"data: two\n\n"], gaps_us=[0, LONG_S * 1_000_000], response_us=0)
    served = engine(recording(one), settings=Settings())
    with serving(served) as server:
        with Client(server.port) as client:
            client.send(request())
            assert client.until(b"data: one\n\n")
            if how == "reset":
                client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            elif how == "half":
                client.sock.shutdown(socket.SHUT_WR)
                assert client.rest() == b"\r\n"
        assert server.eventually(lambda: bool(server.traces) and not server.server.sessions)
        told = server.traces[0].as_json()
    assert told["outcome"] == "client left"
    assert (told["events_written"], told["events_delivered"], told["events_never_sent"]) == (1, 1, 1)
    assert (told["unacknowledged_bytes"], told["bytes_delivered"]) == (0, told["bytes_written"])


def test_control_pages() -> None:
    """The control page tells what happened, and a reset forgets it."""
    with serving(engine(recording(stream()))) as server, Client(server.port) as client:
        client.ask(request())
        assert b'"outcome": "complete"' in client.ask(request("/__streamsim__/", method="GET")).body
        assert client.ask(request("/__streamsim__/reset", body=b"")).status == 200
        assert b'"answers": []' in client.ask(request("/__streamsim__/", method="GET")).body


def test_server_that_stops_drops_its_clients() -> None:
    """When the server stops, whoever is connected is cut off, and traced as that."""
    one = stream(gaps_us=[0, 0, LONG_S * 1_000_000], response_us=0)
    served = engine(recording(one), settings=Settings())
    with serving(served) as server:
        streaming, lingering, idle = Client(server.port), Client(server.port), Client(server.port)
        streaming.send(request())
        lingering.send(b"\0")
        assert streaming.until(HELLO[1])
        assert lingering.answer().status == 400
        assert server.eventually(lambda: len(server.server.sessions) == 3)
    for client in (streaming, lingering, idle):
        client.rest()
        assert client.ended in ("eof", "reset")
        client.sock.close()
    assert [trace.outcome for trace in server.traces] == ["server stopped"]


def test_port_in_use() -> None:
    """An address that cannot be listened on is an error that names it."""

    async def twice() -> None:
        async with Server(engine()) as first, Server(engine(), port=first.port):
            pytest.fail("two servers on one port")

    with pytest.raises(UsageError, match=r"^127\.0\.0\.1:\d+: cannot listen there"):
        asyncio.run(twice())


def test_url() -> None:
    """The server's URL is where it listens; an IPv6 address stands in brackets."""

    async def url(host: str) -> str:
        async with Server(engine(), host=host) as server:
            return server.url.replace(str(server.port), "PORT")

    assert asyncio.run(url("127.0.0.1")) == "http://127.0.0.1:PORT"
    if Path("/proc/net/if_inet6").exists() and "lo" in Path("/proc/net/if_inet6").read_text():
        assert asyncio.run(url("::1")) == "http://[::1]:PORT"


def test_the_first_write_that_fails_is_the_last(caplog: pytest.LogCaptureFixture) -> None:
    """Who has gone when many chunks are due, each in a write by itself, is not written to again and again."""
    chunks = [b"data: %d\n\n" % number for number in range(300)]
    one = exchange(headers=CHUNKED, chunks=chunks, gaps_us=[20_000, *[0] * 299], response_us=0)
    with serving(engine(recording(one), settings=Settings(coalesce=False))) as server, Client(server.port) as client:
        client.send(request())
        client.until(b"\r\n\r\n")

        def leave() -> None:
            (session,) = server.server.sessions
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sock.close()
            while session.due_ns is None or server.server.clock.now_ns() < session.due_ns:
                pass

        server.call(leave)
        assert server.eventually(lambda: len(server.traces) == 1)
    assert server.traces[0].outcome == "client left"
    assert caplog.records == []  # asyncio complains of further writes


def test_nothing_is_kept_of_clients_that_left() -> None:
    """After a thousand connections the agenda and the sessions hold none of them."""
    with serving(engine(recording(stream()))) as server:
        for _ in range(1000):
            with Client(server.port) as client:
                client.send(request(method="GET", body=b""))
        assert server.eventually(lambda: not server.server.sessions)
        assert server.call(lambda: len(server.server.agenda)) < 600
        gc.collect()
