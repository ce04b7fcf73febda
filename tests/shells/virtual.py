"""Real clients and the real server on one event loop in virtual time, and when each saw what."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import aiohttp
import httpx
import openai

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers.asyncio_loop import attach
from streamsim.engine.core import Engine, Settings
from streamsim.plan.planner import Planner
from streamsim.shells.server import Server
from tests.builders import chat, exchange, recording

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from streamsim.recording.model import Exchange

EVENTS = 20
STREAMS = 5
FIRST_NS = 412_000_000
APART_NS = 7_000_001
GAPS_US = [0, *(1_000 + (number * 7_919) % 90_001 for number in range(1, EVENTS))]
ASKED = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
STREAM = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))

Seen = list[tuple[int, int]]


def answer() -> Exchange:
    """Return an OpenAI answer of twenty events at twenty odd times, and its end."""
    frames = chat(*(f"w{number}" for number in range(EVENTS - 2)))
    gaps = [*GAPS_US, 5]
    return exchange(headers=STREAM, chunks=frames, gaps_us=gaps, response_us=412_000)


def planned_ns() -> list[int]:
    """Return when each event is due, from the request on."""
    at, due = FIRST_NS, []
    for gap in GAPS_US:
        at += gap * 1000
        due.append(at)
    return due


async def by_httpx(url: str, saw: Callable[[], None]) -> None:
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("POST", f"{url}/v1/chat/completions", json=ASKED) as response,
    ):
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                saw()


async def by_aiohttp(url: str, saw: Callable[[], None]) -> None:
    async with aiohttp.ClientSession() as client, client.post(f"{url}/v1/chat/completions", json=ASKED) as response:
        async for line in response.content:
            if line.startswith(b"data: {"):
                saw()


async def by_openai(url: str, saw: Callable[[], None]) -> None:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k") as client:
        stream = await client.chat.completions.create(
            model="m", stream=True, messages=[{"role": "user", "content": "hi"}]
        )
        async for _ in stream:
            saw()


CLIENTS = {"httpx": by_httpx, "aiohttp": by_aiohttp, "openai": by_openai}


def listening() -> socket.socket:
    """Return a socket that listens on loopback."""
    return socket.create_server(("127.0.0.1", 0))


def engine(*exchanges: Exchange) -> Engine:
    """Return an engine that serves ``exchanges`` with the times they were recorded with."""
    return Engine([Planner(recording(*exchanges))], Settings())


def play(main: Callable[[VirtualClock, Server], Awaitable[None]], served: Engine, *, start_ns: int = 0) -> VirtualClock:
    """Run ``main`` with a server of ``served``, both on one loop attached to a clock, and return that clock."""
    clock = VirtualClock(start_ns)

    async def whole() -> None:
        attachment = attach(clock)
        complaints: list[object] = []
        attachment.loop.set_exception_handler(lambda _, context: complaints.append(context))
        async with Server(served, clock=clock, sock=listening()) as server:
            await main(clock, server)
        attachment.detach()
        assert not complaints

    asyncio.run(whole())
    return clock


def timeline(name: str, *, streams: int = STREAMS) -> Seen:
    """Return when which stream saw an event, in order, with ``streams`` of one client at once."""
    seen: Seen = []

    async def main(clock: VirtualClock, server: Server) -> None:
        async def one(number: int) -> None:
            await asyncio.sleep(number * APART_NS / 1e9)
            await CLIENTS[name](server.url, lambda: seen.append((clock.now_ns(), number)))

        await asyncio.gather(*(one(number) for number in range(streams)))

    play(main, engine(answer()))
    return seen


def expected(*, streams: int = STREAMS) -> Seen:
    """Return what :func:`timeline` must return, sorted."""
    return sorted((number * APART_NS + due, number) for number in range(streams) for due in planned_ns())
