"""Clients that read slowly, not at all, or stop talking: the server waits as long as is right, and no longer."""

from __future__ import annotations

import asyncio
import socket
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from streamsim.clock.core import VirtualClock
from streamsim.engine.core import Engine, Settings
from streamsim.engine.requests import Limits
from streamsim.plan.planner import Planner
from streamsim.shells.server import Server, session
from tests.builders import exchange, recording
from tests.shells.raw import Client, request
from tests.shells.serving import CLOSING, INSTANT, engine, serving, stream

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange


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
