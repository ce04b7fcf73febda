"""How a server ends that lets those who are being answered go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from streamsim.engine.core import Engine
from streamsim.plan.planner import Planner
from streamsim.shells.server import Server
from tests.builders import HELLO, recording
from tests.shells.raw import request
from tests.shells.serving import LONG_S, stream

if TYPE_CHECKING:
    from streamsim.engine.trace import Trace


class Ending:
    """A server that is told to end while clients are there; it has long to do so."""

    def __init__(self, *gaps_us: int) -> None:
        self.traces: list[Trace] = []
        self.engine = Engine([Planner(recording(stream(response_us=0, gaps_us=gaps_us)))])
        self.engine.on_trace = self.traces.append
        self.server = Server(self.engine)
        self.server.grace_s = LONG_S
        self.clients: list[asyncio.StreamWriter] = []

    async def client(self, data: bytes) -> asyncio.StreamReader:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.write(data)
        self.clients.append(writer)
        return reader

    async def serve(self, up: asyncio.Event, end: asyncio.Event) -> None:
        async with self.server:
            up.set()
            await end.wait()
        for client in self.clients:
            client.close()


async def started(ending: Ending) -> tuple[asyncio.Task[None], asyncio.Event]:
    up, end = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(ending.serve(up, end))
    await up.wait()
    return task, end


def test_answers_go_on_and_then_it_is_over() -> None:
    """A stream is heard out, with what was asked behind it; who is idle is let go of, and nobody new comes in."""
    ending = Ending(0, 100_000, 100_000)

    async def main() -> None:
        task, end = await started(ending)
        idle = await ending.client(b"")
        busy = await ending.client(request() + request("/__streamsim__/ready", method="GET"))
        assert HELLO[0] in await busy.readuntil(HELLO[0])
        port = ending.server.port
        end.set()
        assert await idle.read() == b""
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection("127.0.0.1", port)
        rest = await busy.read()
        assert rest.index(HELLO[2]) < rest.index(b"503 Service Unavailable") < rest.index(b"draining")
        await task

    asyncio.run(main())
    assert [trace.outcome for trace in ending.traces] == ["complete"]


def test_it_lasts_no_longer_than_was_given() -> None:
    """What is not over when the time is, is dropped."""
    ending = Ending(0, LONG_S * 1_000_000, 0)
    ending.server.grace_s = 0.05

    async def main() -> None:
        task, end = await started(ending)
        busy = await ending.client(request())
        await busy.readuntil(HELLO[0])
        end.set()
        await task

    asyncio.run(main())
    assert [trace.outcome for trace in ending.traces] == ["server stopped"]


def test_to_cancel_is_to_end_at_once() -> None:
    """Who cannot wait cancels what still goes on."""
    ending = Ending(0, LONG_S * 1_000_000, 0)

    async def main() -> None:
        task, end = await started(ending)
        busy = await ending.client(request())
        await busy.readuntil(HELLO[0])
        end.set()
        await asyncio.sleep(0)
        assert ending.engine.draining
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        ending.clients[0].close()

    asyncio.run(main())
    assert [trace.outcome for trace in ending.traces] == ["server stopped"]


def test_without_clients_it_is_over_at_once() -> None:
    """There is nobody to wait for."""
    ending = Ending(0, 0, 0)

    async def main() -> None:
        task, end = await started(ending)
        end.set()
        await task

    asyncio.run(main())
    assert not ending.server.sessions
