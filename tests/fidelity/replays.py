"""The ways an exchange is replayed: from a socket, from memory, and from a socket through the recording proxy."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from streamsim.clock.drivers.realtime import RealClock
from streamsim.dialects import read
from streamsim.engine.core import Engine, Settings
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from streamsim.recording.assemble import Assembler
from streamsim.shells.memory import MemoryClient
from streamsim.shells.recorder import Proxy, Relay, Session, Upstream
from streamsim.shells.server import Server
from tests.fidelity.wire import PATIENCE_S, Answer, ask, parse, request_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.recording.model import Exchange, Line, Recording

SETTINGS = Settings(profile=Profile(pacing=Pacing(mode="instant")), headers=False)


def engine_of(recording: Recording) -> Engine:
    """Return an engine that answers at once, and adds nothing to the recorded heads."""
    return Engine([Planner(recording)], SETTINGS)


def from_socket(recording: Recording) -> list[Answer]:
    """Ask a server every recorded request, in order, each on a connection of its own."""

    async def main() -> list[Answer]:
        async with Server(engine_of(recording)) as server:
            return [await ask(server.port, exchange) for exchange in recording.exchanges]

    return asyncio.run(main())


def from_memory(recording: Recording) -> list[Answer]:
    """Ask the same of the server without sockets."""
    engine = engine_of(recording)
    answers: list[Answer] = []
    for exchange in recording.exchanges:
        client = MemoryClient(engine)
        client.send(request_bytes(exchange.request))
        client.run()
        client.leave()
        answers.append(parse(client.received))
    return answers


class Kept:
    """Lines, kept in memory."""

    def __init__(self) -> None:
        self.next_exchange = 1
        self.next_connection = 1
        self.lines: list[Line] = []

    def write(self, lines: Iterable[Line]) -> None:
        self.lines.extend(lines)


def recorded_again(recording: Recording) -> list[Exchange]:
    """Record the replay through the proxy, and return what it recorded."""
    kept = Kept()
    session = Session(kept, RealClock())

    async def main() -> None:
        ended: asyncio.Queue[None] = asyncio.Queue()
        session.on_exchange = lambda _: ended.put_nowait(None)
        async with Server(engine_of(recording)) as server:
            upstream = Upstream(server.url)
            async with Proxy(lambda: Relay(session, upstream, silence_s=PATIENCE_S)) as proxy:
                for exchange in recording.exchanges:
                    await ask(_port(proxy.url), exchange)
                    await asyncio.wait_for(ended.get(), PATIENCE_S)

    asyncio.run(main())
    assembler = Assembler("recorded again")
    assembler.add(list(kept.lines), 1)
    return list(assembler.exchanges.values())


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


def told(exchange: Exchange) -> dict[str, object]:
    """Return all that ``exchange`` tells but times, numbers, and the reads of a body that has no chunks."""
    request, response, end = exchange.request, exchange.response, exchange.end
    assert response is not None
    assert end is not None
    chunked = response.framing == "chunked"
    return {
        "request": (request.method, request.target, request.headers, request.data),
        "infos": [(info.status, info.reason, info.headers) for info in exchange.infos],
        "response": (response.http, response.status, response.reason, response.framing, response.headers),
        "chunks": [(chunk.data, chunk.cut, chunk.of) for chunk in exchange.chunks] if chunked else exchange.body,
        "end": (replayed(exchange), end.trailers, end.data),
    }


def replayed(exchange: Exchange) -> str:
    """Return how a replay ends: as recorded, but complete where a client left once it had the terminal event."""
    assert exchange.end is not None
    cause = exchange.end.cause
    return "complete" if cause == "cancelled" and read(exchange).terminal else cause
