"""What the kernel tells of delivery, on a real connection."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from streamsim.shells import delivery
from streamsim.shells.delivery import reset, unacknowledged, when_delivered

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

BIG = b"x" * 20_000_000


def connected(play: Callable[[asyncio.Transport, socket.socket], Coroutine[object, object, None]]) -> None:
    """Run ``play`` with the server's transport and the client's plain socket of one connection."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        complaints: list[object] = []
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        made: asyncio.Future[asyncio.Transport] = loop.create_future()

        class Protocol(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                assert isinstance(transport, asyncio.Transport)
                made.set_result(transport)

            def eof_received(self) -> bool:
                return True

        async with await loop.create_server(Protocol, "127.0.0.1", 0) as server:
            with socket.socket() as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
                client.settimeout(10)
                client.connect(server.sockets[0].getsockname())
                transport = await made
                await play(transport, client)
                transport.abort()
                await asyncio.sleep(0)
        assert not complaints

    asyncio.run(main())


async def until(condition: Callable[[], bool]) -> bool:
    for _ in range(5000):
        if condition():
            return True
        await asyncio.sleep(0.001)
    return False


def read_all(client: socket.socket) -> tuple[int, str]:
    """Return how many bytes came, and what ended them."""
    size = 0
    try:
        while data := client.recv(1 << 20):
            size += len(data)
    except ConnectionResetError:
        return size, "reset"
    return size, "eof"


def test_delivered_at_once() -> None:
    """What little was written is soon acknowledged, and then it is time."""

    async def play(transport: asyncio.Transport, client: socket.socket) -> None:
        transport.write(b"hello")
        done: list[bool] = []
        when_delivered(asyncio.get_running_loop(), transport, lambda: done.append(True))
        assert await until(lambda: bool(done))
        assert unacknowledged(transport.get_extra_info("socket")) == 0
        assert client.recv(10) == b"hello"

    connected(play)


def test_much_is_waited_for() -> None:
    """While the peer has not got everything it is not time; when it has, it is."""

    async def play(transport: asyncio.Transport, client: socket.socket) -> None:
        transport.write(BIG)
        when_delivered(asyncio.get_running_loop(), transport, lambda: reset(transport))
        queued = unacknowledged(transport.get_extra_info("socket"))
        assert queued is not None
        assert queued > 0
        assert await asyncio.to_thread(read_all, client) == (len(BIG), "reset")

    connected(play)


def test_peer_that_reads_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that reads nothing for too long is dropped, without what was to come then."""
    monkeypatch.setattr(delivery, "PATIENCE_S", 0.05)

    async def play(transport: asyncio.Transport, _client: socket.socket) -> None:
        transport.write(BIG)
        when_delivered(asyncio.get_running_loop(), transport, lambda: pytest.fail("nothing was delivered"))
        assert await until(transport.is_closing)

    connected(play)


def test_peer_that_resets_after_its_fin_is_dropped() -> None:
    """An RST after a FIN, which no reading can see, ends the wait."""

    async def play(transport: asyncio.Transport, client: socket.socket) -> None:
        transport.write(b"x" * 1_000_000)
        client.shutdown(socket.SHUT_WR)
        await asyncio.sleep(0.01)
        when_delivered(asyncio.get_running_loop(), transport, lambda: pytest.fail("nothing was delivered"))
        client.close()
        assert await until(transport.is_closing)

    connected(play)


def test_closed_connection_is_not_waited_for() -> None:
    """Once the connection is closed by somebody else there is nothing to wait for."""

    async def play(transport: asyncio.Transport, _client: socket.socket) -> None:
        transport.write(BIG)
        when_delivered(asyncio.get_running_loop(), transport, lambda: pytest.fail("nothing was delivered"))
        transport.abort()
        await asyncio.sleep(0.01)

    connected(play)


def test_closed_socket_tells_nothing() -> None:
    """Of a socket that is closed, or is none of TCP, nothing is known."""
    sock = socket.socket()
    sock.close()
    assert unacknowledged(sock) is None
