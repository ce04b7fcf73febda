"""Every kind of client, each asking for the same twenty events in five streams, and when it saw each event.

Blocking clients ask five times in turn; the others have five streams at once, which begin a little apart.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import aiohttp
import anthropic
import httpx
import httpx2
import openai
import requests
import trio
import urllib3

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers.asyncio_loop import attach
from streamsim.clock.drivers.time_functions import patched
from streamsim.engine.core import Engine, Settings
from streamsim.plan.planner import Planner
from streamsim.shells.inprocess.clients import client
from streamsim.shells.inprocess.sockets import Pump
from streamsim.shells.server import Server
from tests.builders import chat, exchange, recording, sse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

EVENTS = 20
STREAMS = 5
APART_NS = 7_000_001
HEAD_US = 412_000
GAPS_US = [0, *(1_000 + (number * 7_919) % 90_001 for number in range(1, EVENTS))]
HEADERS = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
ADDRESS = ("192.0.2.7", 80)
PUMPED = "http://192.0.2.7"
CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
ASKED: Any = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
STREAMED = {**ASKED, "stream": True}

# Nanoseconds since the stream was asked for, and which stream.
Seen: TypeAlias = list[tuple[int, int]]
Saw: TypeAlias = "Callable[[], None]"
Runner: TypeAlias = Literal["asyncio", "trio"]


def due() -> list[int]:
    """Return when each event of a stream is due, in nanoseconds since it was asked for."""
    at_us, told = HEAD_US, []
    for gap_us in GAPS_US:
        at_us += gap_us
        told.append(at_us * 1000)
    return told


def served() -> Engine:
    """Return what answers: twenty events in the form of OpenAI and in that of Anthropic."""
    gaps = [*GAPS_US, 5]
    messages = exchange(chunks=_messages(), gaps_us=GAPS_US, headers=HEADERS, response_us=HEAD_US, target=MESSAGES)
    words = chat(*(f"w{number}" for number in range(EVENTS - 2)))
    said = exchange(chunks=words, gaps_us=gaps, headers=HEADERS, response_us=HEAD_US, target=CHAT)
    return Engine([Planner(recording(said, messages))], Settings())


def _messages() -> list[bytes]:
    delta = '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"w"}}'
    usage = '{"input_tokens":1,"output_tokens":1}'
    message = f'{{"id":"m1","type":"message","role":"assistant","model":"m","content":[],"usage":{usage}}}'
    block = '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'
    stop = '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}'
    return [
        *sse(f'{{"type":"message_start","message":{message}}}', event="message_start"),
        *sse(block, event="content_block_start"),
        *sse(*[delta] * (EVENTS - 5), event="content_block_delta"),
        *sse('{"type":"content_block_stop","index":0}', event="content_block_stop"),
        *sse(stop, event="message_delta"),
        *sse('{"type":"message_stop"}', event="message_stop"),
    ]


class Watch:
    """Writes down when each stream's events were seen."""

    def __init__(self, clock: VirtualClock) -> None:
        self.seen: Seen = []
        self.clock = clock

    def asked(self, stream: int) -> Callable[[], None]:
        """Return what to call at each event of a stream that is asked for now."""
        began_ns = self.clock.now_ns()
        return lambda: self.seen.append((self.clock.now_ns() - began_ns, stream))


def _lines(lines: Iterator[str], saw: Saw) -> None:
    for line in lines:
        if line.startswith("data: {"):
            saw()


def _blocking(library: Any, sdk: str, clock: VirtualClock, watch: Watch) -> None:
    with client(served(), clock, family=library, asynchronous=False) as http:
        for stream in range(STREAMS):
            _ask(http, sdk, watch.asked(stream))


def _ask(http: Any, sdk: str, saw: Saw) -> None:
    if sdk == "openai":
        for _ in openai.OpenAI(api_key="k", http_client=http).chat.completions.create(stream=True, **ASKED):
            saw()
    elif sdk == "anthropic":
        for _ in anthropic.Anthropic(api_key="k", http_client=http).messages.create(stream=True, max_tokens=9, **ASKED):
            saw()
    else:
        with http.stream("POST", f"https://api.example{CHAT}", json=STREAMED) as response:
            _lines(response.iter_lines(), saw)


async def _ask_async(http: Any, sdk: str, url: str, saw: Saw) -> None:
    if sdk == "openai":
        async for _ in await openai.AsyncOpenAI(
            api_key="k", base_url=f"{url}/v1", http_client=http
        ).chat.completions.create(stream=True, **ASKED):
            saw()
    elif sdk == "anthropic":
        async for _ in await anthropic.AsyncAnthropic(api_key="k", base_url=url, http_client=http).messages.create(
            stream=True, max_tokens=9, **ASKED
        ):
            saw()
    else:
        async with http.stream("POST", url + CHAT, json=STREAMED) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    saw()


async def _tasks(library: Any, sdk: str, runner: Runner, clock: VirtualClock, watch: Watch) -> None:
    async with client(served(), clock, family=library, asynchronous=True) as http:
        await _at_once(partial(_one, http, sdk, watch), runner)


async def _one(http: Any, sdk: str, watch: Watch, stream: int) -> None:
    await _ask_async(http, sdk, "https://api.example", watch.asked(stream))


async def _at_once(one: Callable[[int], Awaitable[None]], runner: Runner) -> None:
    if runner == "trio":
        async with trio.open_nursery() as nursery:
            for stream in range(STREAMS):
                nursery.start_soon(_later, one, runner, stream)
    else:
        await asyncio.gather(*(_later(one, runner, stream) for stream in range(STREAMS)))


async def _later(one: Callable[[int], Awaitable[None]], runner: Runner, stream: int) -> None:
    await (trio.sleep if runner == "trio" else asyncio.sleep)(stream * APART_NS / 1e9)
    await one(stream)


def _in_tasks(library: Any, sdk: str, runner: Runner, clock: VirtualClock, watch: Watch) -> None:
    if runner == "trio":
        from streamsim.clock.drivers.trio_run import TrioClock  # noqa: PLC0415 - only where trio runs

        trio.run(_tasks, library, sdk, runner, clock, watch, clock=TrioClock(clock))
    else:
        asyncio.run(_attached(clock, partial(_tasks, library, sdk, runner, clock, watch)))


async def _attached(clock: VirtualClock, main: Callable[[], Awaitable[None]]) -> None:
    attachment = attach(clock)
    try:
        await main()
    finally:
        attachment.detach()


def _loopback(kind: str, clock: VirtualClock, watch: Watch) -> None:
    async def main() -> None:
        async with Server(served(), clock=clock) as server, _session(kind) as http:
            await _at_once(lambda stream: _over(kind, http, server.url, watch.asked(stream)), "asyncio")

    asyncio.run(_attached(clock, main))


def _session(kind: str) -> Any:
    if kind == "aiohttp":
        return aiohttp.ClientSession()
    return (httpx2 if kind == "openai" else httpx).AsyncClient(trust_env=False)


async def _over(kind: str, http: Any, url: str, saw: Saw) -> None:
    if kind != "aiohttp":
        await _ask_async(http, kind, url, saw)
        return
    async with http.post(url + CHAT, json=STREAMED) as response:
        async for line in response.content:
            if line.startswith(b"data: {"):
                saw()


@contextmanager
def _pump(clock: VirtualClock) -> Iterator[None]:
    with patched(clock), Pump(served(), clock, ADDRESS):
        yield


def _requests(clock: VirtualClock, watch: Watch) -> None:
    with _pump(clock), requests.Session() as session:
        session.trust_env = False
        for stream in range(STREAMS):
            saw = watch.asked(stream)
            with session.post(PUMPED + CHAT, json=STREAMED, stream=True) as response:
                _lines((line.decode() for line in response.iter_lines(chunk_size=None)), saw)


def _urllib3(clock: VirtualClock, watch: Watch) -> None:
    with _pump(clock), urllib3.PoolManager() as pool:
        for stream in range(STREAMS):
            saw = watch.asked(stream)
            response = pool.request("POST", PUMPED + CHAT, json=STREAMED, preload_content=False)
            _lines((chunk.decode() for chunk in response.stream()), saw)


def _rows() -> Iterator[tuple[str, Callable[[VirtualClock, Watch], None]]]:
    for sdk, library in (("httpx", httpx), ("httpx2", httpx2), ("openai", httpx2), ("anthropic", httpx2)):
        yield f"{sdk}, blocking", partial(_blocking, library, sdk)
        yield f"{sdk}, asyncio", partial(_in_tasks, library, sdk, "asyncio")
        yield f"{sdk}, trio", partial(_in_tasks, library, sdk, "trio")
    for kind in ("aiohttp", "httpx", "openai"):
        yield f"{kind}, asyncio, over loopback", partial(_loopback, kind)
    yield "requests, blocking, pumped socket", _requests
    yield "urllib3, blocking, pumped socket", _urllib3


ROWS: Mapping[str, Callable[[VirtualClock, Watch], None]] = dict(_rows())


def look(row: str) -> Seen:
    """Return what the clients of ``row`` saw, in the order they saw it."""
    clock = VirtualClock()
    watch = Watch(clock)
    ROWS[row](clock, watch)
    return watch.seen


def exact(seen: Seen) -> int:
    """Return how many events were seen at their instant."""
    planned = {(at_ns, stream) for stream in range(STREAMS) for at_ns in due()}
    return len(planned & set(seen))
