"""Real clients and the real server over loopback on one loop in virtual time: exact, and the same every time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import TYPE_CHECKING

import aiohttp
import httpx
import pytest

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers.asyncio_loop import attach
from streamsim.errors import VirtualDeadlock
from streamsim.shells import delivery
from streamsim.shells.server import Server
from tests.builders import exchange
from tests.shells.raw import request
from tests.shells.serving import serving
from tests.shells.virtual import CLIENTS, STREAM, engine, expected, listening, play, timeline

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange

MS = 1_000_000
SECOND = 1000 * MS


@pytest.mark.parametrize("client", CLIENTS)
def test_every_event_is_seen_at_its_nanosecond(client: str) -> None:
    """Five streams of each client at once, twice: every event at its planned instant, in one and the same order."""
    first = timeline(client)
    assert sorted(first) == expected()
    assert timeline(client) == first


class Reader:
    """A client on bare streams that writes down what came when.

    Attributes:
        seen: How many bytes had come at which time, whenever more came.
        ended: What ended it, and when.

    """

    def __init__(self, clock: VirtualClock) -> None:
        self.seen: list[tuple[int, int]] = []
        self.ended = ("", 0)
        self._clock = clock
        self._total = 0

    async def read(self, port: int, *, pause_s: float = 0, limit: int = 1 << 20) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)
        writer.write(request())
        try:
            while data := await reader.read(limit):
                self._total += len(data)
                self.seen.append((self._clock.now_ns(), self._total))
                if pause_s:
                    await asyncio.sleep(pause_s)
            self.ended = ("eof", self._clock.now_ns())
        except ConnectionResetError:
            self.ended = ("reset", self._clock.now_ns())
        finally:
            writer.close()
            with contextlib.suppress(ConnectionResetError):
                await writer.wait_closed()


def read(served: Exchange, **how: float) -> Reader:
    """Return what a reader saw of ``served``."""
    readers: list[Reader] = []

    async def main(clock: VirtualClock, server: Server) -> None:
        readers.append(Reader(clock))
        await readers[0].read(server.port, **how)  # type: ignore[arg-type]

    play(main, engine(served))
    return readers[0]


@pytest.mark.parametrize("size", [10, 5_000_000])
@pytest.mark.parametrize(("cause", "ended"), [("fin", "eof"), ("reset", "reset")])
def test_the_end_is_exact(size: int, cause: str, ended: str) -> None:
    """A FIN or RST is seen at its planned nanosecond, after all the bytes before it, however many."""
    reader = read(exchange(headers=STREAM, chunks=[b"x" * size], gaps_us=[7], end=cause, end_us=3))
    assert reader.ended == (ended, 100_010_000)
    assert {at for at, _ in reader.seen} == {100 * MS, 100_007_000}
    assert reader.seen[-1][1] > size


@pytest.mark.parametrize("cause", ["fin", "reset"])
def test_an_end_together_with_much_is_exact(cause: str) -> None:
    """Megabytes and the end of the connection at one instant all come at that instant."""
    reader = read(exchange(headers=STREAM, chunks=[b"x" * 5_000_000], gaps_us=[7], end=cause, end_us=0))
    assert reader.ended[1] == 100_007_000
    assert reader.seen[-1] == (100_007_000, reader.seen[-1][1])


def test_megabytes_come_at_one_instant() -> None:
    """Chunks that are larger than every window take no virtual time, with many clients at once."""
    served = exchange(headers=STREAM, chunks=[b"x" * 5_000_000] * 2, gaps_us=[10, 20])
    readers: list[Reader] = []

    async def main(clock: VirtualClock, server: Server) -> None:
        async def one() -> None:
            reader = Reader(clock)
            readers.append(reader)
            async with asyncio.timeout(6):
                await reader.read(server.port)

        with contextlib.suppress(TimeoutError):
            await asyncio.gather(*(one() for _ in range(5)), return_exceptions=True)

    play(main, engine(served))
    for reader in readers:
        assert {at for at, _ in reader.seen} == {100 * MS, 100_010_000, 100_030_000}
        assert reader.seen[-1][1] > 10_000_000


def test_a_slow_reader_delays_only_itself() -> None:
    """Who reads a little every second gets the end when it has read all, at an exact second."""
    served = exchange(headers=STREAM, chunks=[b"x" * 10_000_000], gaps_us=[0], end="reset")
    ends = {read(served, pause_s=1).ended for _ in range(2)}
    assert len(ends) == 1
    ((how, at),) = ends
    assert how == "reset"
    assert at % SECOND == 100 * MS
    assert at > SECOND


def test_a_reader_that_reads_nothing_is_given_up_in_virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The patience with a peer that reads nothing is virtual time, too."""
    monkeypatch.setattr(delivery, "PATIENCE_S", 600.0)
    served = engine(exchange(headers=STREAM, chunks=[b"x" * 10_000_000], gaps_us=[0], end="fin"))

    async def main(clock: VirtualClock, server: Server) -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.send(request())
            while not server.sessions:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
            while server.sessions:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(1)
            assert clock.now_ns() >= 60 * SECOND

    play(main, served)


@pytest.mark.parametrize("client", ["aiohttp", "httpx"])
def test_a_clients_time_out_is_exact(client: str) -> None:
    """A read time-out fires at the last byte and the time-out, to the nanosecond, every time."""
    served = exchange(headers=STREAM, chunks=[b"data: 1\n\n", b"data: 2\n\n"], gaps_us=[10_000, 600_000_000])
    ends: list[int] = []

    async def main(clock: VirtualClock, server: Server) -> None:
        await asyncio.sleep(0.123)
        if client == "aiohttp":
            timeout = aiohttp.ClientTimeout(total=None, sock_read=60)
            async with aiohttp.ClientSession(timeout=timeout) as session:
                with pytest.raises(aiohttp.SocketTimeoutError):
                    await (await session.post(f"{server.url}/v1/chat/completions", data=b'{"stream":true}')).read()
        else:
            async with httpx.AsyncClient(timeout=60, trust_env=False) as session:
                with pytest.raises(httpx.ReadTimeout):
                    await session.post(f"{server.url}/v1/chat/completions", content=b'{"stream":true}')
        ends.append(clock.now_ns())

    for _ in range(2):
        play(main, engine(served))
    assert ends == [60 * SECOND + 233 * MS] * 2


def test_data_wins_against_a_time_out() -> None:
    """What arrives at the very instant of a time-out has arrived in time."""
    served = exchange(headers=STREAM, chunks=[b"data: 1\n\n"], gaps_us=[0], response_us=10_000_000)

    async def main(_: VirtualClock, server: Server) -> None:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as session:
            answer = await session.post(f"{server.url}/v1/chat/completions", content=b'{"stream":true}')
            assert answer.content == b"data: 1\n\n"

    play(main, engine(served))


def test_a_server_elsewhere_keeps_its_own_time() -> None:
    """While the loop is connected to a server in another thread, or process, virtual time stands still."""
    slow = exchange(headers=STREAM, chunks=[b"data: 1\n\n"], gaps_us=[0], response_us=150_000)

    async def main(port: int) -> int:
        clock = VirtualClock()
        attach(clock)
        async with httpx.AsyncClient(timeout=2, trust_env=False) as session:
            answer = await session.post(f"http://127.0.0.1:{port}/v1/chat/completions", content=b'{"stream":true}')
            assert answer.content == b"data: 1\n\n"
        return clock.now_ns()

    with serving(engine(slow)) as server:
        assert asyncio.run(main(server.port)) == 0


def test_a_connection_elsewhere_that_stays_is_named() -> None:
    """A connection to somebody else that is never closed stops time; after a while an error says to whom."""

    async def main(address: tuple[str, int]) -> str:
        attachment = attach(VirtualClock())
        attachment.hang_limit_s = 0.05
        _, writer = await asyncio.open_connection(*address)
        with pytest.raises(VirtualDeadlock) as caught:
            await asyncio.sleep(1)
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(1)
        return caught.value.problem

    def serve() -> None:
        with elsewhere.accept()[0] as client:
            client.recv(1)

    with listening() as elsewhere:
        thread = threading.Thread(target=serve)
        thread.start()
        host, port = elsewhere.getsockname()
        inside = asyncio.run(main((host, port)))
        thread.join()
    assert f"from the peer {host}:{port}" in inside


def test_a_plain_socket_of_the_same_thread_is_no_stranger() -> None:
    """A client without the loop, in the same thread, does not stop time: nobody else can be at its other end."""
    served = engine(exchange(headers=STREAM, response_us=90_000_000))

    async def main(clock: VirtualClock, server: Server) -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.send(request())
            await asyncio.sleep(100)
            assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
        assert clock.now_ns() == 100 * SECOND

    play(main, served)


def test_a_paused_reader_is_no_stranger() -> None:
    """A client of the loop that has stopped reading is still the loop's own, though its socket is not watched."""
    served = engine(exchange(headers=STREAM, chunks=[b"x" * 3_000_000], gaps_us=[0]))

    async def main(clock: VirtualClock, server: Server) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1000)
        writer.write(request())
        await asyncio.sleep(100)
        assert len(await reader.read(1 << 20)) > 0
        writer.close()
        await writer.wait_closed()
        assert clock.now_ns() == 100 * SECOND

    play(main, served)


def test_a_server_takes_a_socket_that_listens() -> None:
    """Given a socket the server is where that is, from before it has begun; afterwards the socket is closed."""
    sock = listening()
    port = sock.getsockname()[1]

    async def main() -> None:
        async with Server(engine(exchange()), sock=sock) as server:
            assert (server.port, server.url) == (port, f"http://127.0.0.1:{port}")

    asyncio.run(main())
    assert sock.fileno() == -1


def test_nothing_is_left_on_the_clock() -> None:
    """When a server has stopped, the clock has nothing more to do for it."""

    async def main(_: VirtualClock, server: Server) -> None:
        async with httpx.AsyncClient(trust_env=False) as session:
            await session.post(f"{server.url}/v1/chat/completions", content=b'{"stream":true}')

    assert play(main, engine(exchange(headers=STREAM))).next_ns() is None
