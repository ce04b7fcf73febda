"""The server on real sockets: what a raw client sees is what was recorded, however clients behave."""

from __future__ import annotations

import asyncio
import gc
import shutil
import socket
import subprocess
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streamsim.clock.core import VirtualClock
from streamsim.engine.core import Engine, Settings
from streamsim.engine.requests import Limits
from streamsim.errors import UsageError
from streamsim.plan.planner import Planner
from streamsim.recording.model import Chunk
from streamsim.shells.server import Server, session
from tests.builders import HELLO, exchange, recording
from tests.shells.raw import Client, ask, request
from tests.shells.serving import INSTANT, engine, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.engine.requests import Request
    from streamsim.recording.model import Exchange

CHUNKED = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
CLOSING = (("Content-Type", "text/event-stream"), ("Connection", "close"))
GET = request("/get", method="GET")
LONG_S = 3600


def stream(**more: object) -> Exchange:
    return exchange(**({"headers": CHUNKED} | more))  # type: ignore[arg-type]


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


BIG = [b"data: " + bytes([65 + number % 26]) * 9992 + b"\n\n" for number in range(5000)]


@pytest.fixture(scope="module")
def big() -> Engine:
    served = engine(recording(stream(chunks=BIG)))
    served.check()
    return served


def test_slow_reader_gets_everything(big: Engine) -> None:
    """A reader that stops leaves the server's memory alone; when it reads again it gets every byte."""
    with serving(big) as server, Client(server.port, receive_buffer=65536) as client:
        assert client.ask(request("/v1/chat/completions", method="HEAD")).status == 404
        with Client(server.port) as first:  # plans and caches
            first.send(request())
            assert first.until(b"\r\n\r\n")
        tracemalloc.start()
        client.send(request())
        assert client.until(b"\r\n\r\n")
        assert server.eventually(lambda: any(one._paused for one in server.server.sessions))
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert grown < 2_000_000
        client.buffer[:0] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        assert client.answer().chunks == BIG


def test_many_answers_wait_for_a_slow_reader(big: Engine) -> None:
    """Requests that come behind an answer nobody reads wait, too."""
    with serving(big) as server, Client(server.port) as client:
        client.send(request())
        assert server.eventually(lambda: any(one._paused for one in server.server.sessions))
        client.send(request() * 3)
        for _ in range(4):
            assert client.answer().body == b"".join(BIG)


def test_slow_reader_of_a_body_without_length() -> None:
    """A body that the connection's end delimits is waited for to its last byte, then comes FIN."""
    one = exchange(framing="close", headers=CLOSING, chunks=BIG)
    with serving(engine(recording(one))) as server, Client(server.port, receive_buffer=65536) as client:
        client.send(request())
        assert server.eventually(lambda: any(one._paused for one in server.server.sessions))
        assert client.answer().body == b"".join(BIG)
        assert client.ended == "eof"


def limited(one: Exchange, **limits: int) -> Engine:
    settings = Settings(profile=INSTANT, limits=Limits(**limits))
    return Engine([Planner(recording(one))], settings)


def test_stuck_reader_is_given_up() -> None:
    """A reader that reads nothing for the time allowed is cut off with an RST, and so traced."""
    served = limited(stream(chunks=BIG), stuck_ns=50_000_000)
    with serving(served) as server, Client(server.port, receive_buffer=4096) as client:
        client.send(request())
        assert server.eventually(lambda: bool(server.traces) and not server.server.sessions)
        client.rest()
    assert client.ended == "reset"
    assert server.traces[0].as_json(writes=False)["outcome"] == "client stuck"
    assert server.traces[0].as_json(writes=False)["bytes_delivered"] is None


class Pipe(asyncio.Transport):
    """A transport whose reader takes what the test says."""

    def __init__(self) -> None:
        closed = socket.socket()
        closed.close()
        super().__init__(extra={"socket": closed})
        self.unsent = 0
        self.aborted = 0
        self.session: session.Session | None = None

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Take no note."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert self.session is not None
        self.unsent += len(data)
        self.session.pause_writing()

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def abort(self) -> None:
        self.aborted += 1


def piped(server: Server) -> tuple[Pipe, session.Session]:
    """Return a session of ``server`` whose reader has asked and not read a byte, and what it writes to."""
    pipe = Pipe()
    pipe.session = session.Session(server)
    pipe.session.connection_made(pipe)
    server.buffer[: len(request())] = request()
    pipe.session.buffer_updated(len(request()))
    return pipe, pipe.session


def test_reader_that_is_slow_is_not_stuck() -> None:
    """A reader that reads a little now and then is waited for, as long as it goes on; then it is stuck."""

    async def main() -> list[int | None]:
        async with Server(limited(stream(chunks=BIG), stuck_ns=1000), clock=VirtualClock()) as server:
            pipe, slow = piped(server)
            due = [slow.due_ns]
            for now_ns in (1000, 2000):
                pipe.unsent -= 1
                slow.wake(now_ns)
                due.append(slow.due_ns)
            slow.wake(2500)
            due.append(slow.due_ns)
            slow.connection_lost(None)
            return [*due, slow.due_ns]

    assert asyncio.run(main()) == [1000, 2000, 3000, 3000, None]


def test_nothing_is_done_for_who_has_left() -> None:
    """Of a client that has left nothing is read and to it nothing is written, whatever its socket still reports."""

    async def main() -> None:
        async with Server(limited(stream(chunks=BIG)), clock=VirtualClock()) as server:
            pipe, gone = piped(server)
            written = pipe.unsent
            assert not gone.eof_received()
            pipe.unsent = 0
            gone.resume_writing()
            gone.buffer_updated(len(request()))
            assert gone.eof_received()
            gone.connection_lost(None)
            assert (pipe.unsent, pipe.aborted, gone.due_ns) == (0, 1, None)
            (trace,) = server.engine.journal
            told = trace.as_json(writes=False)
            assert (told["bytes_written"], told["bytes_delivered"], told["outcome"]) == (written, None, "client left")

    asyncio.run(main())


def test_reader_that_stops_and_leaves_is_forgotten(big: Engine) -> None:
    """A reader that stops, and then leaves by FIN or RST, keeps nothing of the server."""
    with serving(big) as server:
        for how in ("half", "reset"):
            with Client(server.port, receive_buffer=4096) as client:
                client.send(request())
                assert server.eventually(lambda: any(one._paused for one in server.server.sessions))
                if how == "half":
                    client.sock.shutdown(socket.SHUT_WR)
                    assert server.eventually(lambda: not server.server.sessions)
        assert server.eventually(lambda: not server.server.sessions)
        assert [trace.outcome for trace in server.traces] == ["client left"] * 2


def test_silent_client_is_closed() -> None:
    """A client that says nothing for the time allowed is closed."""
    with serving(limited(stream(), idle_ns=1_000_000)) as server, Client(server.port) as client:
        assert (client.rest(), client.ended) == (b"", "eof")


def test_refused_client_can_read_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is refused is answered, though its client goes on sending; then the connection is closed."""
    monkeypatch.setattr(session, "LINGER_S", 0.2)
    with serving(limited(stream(), request_bytes=1000)) as server, Client(server.port) as client:
        client.send(request(body=b"x" * 2000)[:500])
        client.send(b"y" * 10_000)
        answer = client.answer()
        assert answer.status == 413
        assert client.rest() == b""
        assert server.eventually(lambda: not server.server.sessions)


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


class Upstream:
    """Answers forwarded requests when told to."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.left = 0
        self.done: list[Callable[[bool], None]] = []

    def __call__(self, request: Request, client: asyncio.Transport, done: Callable[[bool], None]) -> Callable[[], None]:
        self.asked.append(request)
        self.client = client
        self.done.append(done)
        return self.leave

    def leave(self) -> None:
        self.left += 1
        self.done.pop(0)(False)  # noqa: FBT003 - the connection does not live on

    def answer(self, data: bytes, *, lives: bool) -> None:
        self.client.write(data)
        self.done.pop(0)(lives)


def forwarding() -> Engine:
    return engine(recording(stream()), settings=Settings(profile=INSTANT, forward=True, headers=False))


NEW = request("/new", method="GET")
GIVEN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfresh"


def test_missing_is_asked_for_once() -> None:
    """Of two clients that ask the same unknown thing one is forwarded; the other waits and gets what was recorded."""
    served, upstream = forwarding(), Upstream()
    headers = (("Content-Length", "5"),)
    new = exchange(method="GET", target="/new", body=b"", framing="content-length", headers=headers, chunks=[b"fresh"], gaps_us=0)  # fmt: skip  # noqa: E501
    with (
        serving(served, forward=upstream) as server,
        Client(server.port) as first,
        Client(server.port) as second,
        Client(server.port) as third,
    ):
        first.send(NEW + request())
        assert server.eventually(lambda: len(upstream.asked) == 1)
        second.send(NEW)
        assert server.eventually(lambda: any(one.waiting for one in server.server.sessions))
        server.call(lambda: served.add(Planner(recording(new))))
        server.call(lambda: upstream.answer(GIVEN, lives=True))
        assert first.answer().body == b"fresh"
        assert first.answer().chunks == list(HELLO)
        assert second.answer().body == b"fresh"
        assert third.ask(NEW).body == b"fresh"
        assert len(upstream.asked) == 1


def test_upstream_that_fails_is_asked_again() -> None:
    """When the upstream gave nothing, the next one who waits asks it."""
    upstream = Upstream()
    with serving(forwarding(), forward=upstream) as server, Client(server.port) as first, Client(server.port) as second:
        first.send(NEW)
        assert server.eventually(lambda: len(upstream.asked) == 1)
        second.send(NEW)
        assert server.eventually(lambda: any(one.waiting for one in server.server.sessions))
        server.call(lambda: upstream.answer(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", lives=False))
        assert first.answer().status == 502
        assert (first.rest(), first.ended) == (b"", "eof")
        assert server.eventually(lambda: len(upstream.asked) == 2)
        server.call(lambda: upstream.answer(GIVEN, lives=True))
        assert second.answer().body == b"fresh"


@pytest.mark.parametrize("how", ["close", "stop"])
def test_client_that_leaves_during_a_forwarded_request(how: str) -> None:
    """Who leaves while the upstream answers is passed on, at once; so is a server that stops."""
    upstream = Upstream()
    with serving(forwarding(), forward=upstream) as server, Client(server.port) as client:
        client.send(NEW)
        assert server.eventually(lambda: len(upstream.asked) == 1)
        if how == "close":
            client.sock.close()
            assert server.eventually(lambda: upstream.left == 1)
    assert upstream.left == 1


def test_forwarded_answer_to_a_client_that_closes() -> None:
    """A forwarded request to whom the connection may not live on is closed when all is delivered."""
    upstream = Upstream()
    with serving(forwarding(), forward=upstream) as server, Client(server.port) as client:
        client.send(NEW)
        assert server.eventually(lambda: len(upstream.asked) == 1)
        server.call(lambda: upstream.answer(GIVEN[:-2], lives=False))
        answer = client.answer()
    assert (answer.cut, answer.ended) == (b"fre", "eof")


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


def test_nothing_is_kept_of_clients_that_left() -> None:
    """After a thousand connections the agenda and the sessions hold none of them."""
    with serving(engine(recording(stream()))) as server:
        for _ in range(1000):
            with Client(server.port) as client:
                client.send(request(method="GET", body=b""))
        assert server.eventually(lambda: not server.server.sessions)
        assert server.call(lambda: len(server.server.agenda)) < 600
        gc.collect()
