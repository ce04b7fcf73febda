"""httpx and httpx2 over a network in memory: one truth for sync, asyncio and trio."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import httpcore
import httpx
import pytest
import trio

from streamsim.clock.core import VirtualClock
from streamsim.shells.inprocess.clients import client
from streamsim.shells.inprocess.network import AsyncNetwork, Network
from tests.builders import HELLO, exchange
from tests.shells.inprocess.asking import ASK, MS, RUNNERS, STREAM, URL, Runner, S, engine, run, see

if TYPE_CHECKING:
    from streamsim.engine.core import Engine

Family = Literal["httpx", "httpx2"]

all_runners = pytest.mark.parametrize("runner", RUNNERS)
both_libraries = pytest.mark.parametrize("family", ["httpx", "httpx2"])
in_tasks = pytest.mark.parametrize("runner", RUNNERS[1:])

ONE, TWO, THREE = ((at * MS, data) for at, data in zip((120, 140, 160), HELLO, strict=True))
RESET = ("ReadError", "[Errno 104] Connection reset by peer")
INCOMPLETE = "peer closed connection without sending complete message body (incomplete chunked read)"
SILENT = ("RemoteProtocolError", "Server disconnected without sending a response.")

# What a client with its library's default limits, 5 s each, sees: status, what came when, its error, the time then.
FAULTS: dict[str, tuple[object, ...]] = {
    "": (200, [ONE, TWO, THREE], None, 160 * MS),
    "reset_peer": (200, [ONE], RESET, 120 * MS),
    "reset_peer:at=headers,after=20ms": (200, [], RESET, 120 * MS),
    "bad_chunk_header": (200, [ONE], ("RemoteProtocolError", "illegal chunk header: bytearray(b'ZZ\\r\\n')"), 120 * MS),
    "close_mid_chunked": (200, [ONE], ("RemoteProtocolError", INCOMPLETE), 120 * MS),
    "clean_truncation": (200, [ONE, TWO], None, 140 * MS),
    "empty_reply:after=5ms": (0, [], SILENT, 5 * MS),
    "stall": (200, [ONE], ("ReadTimeout", "timed out"), 5120 * MS),
    "stall_headers": (0, [], ("ReadTimeout", "timed out"), 5 * S),
    "refuse": (0, [], ("ConnectError", "[Errno 111] Connection refused"), 0),
    "ignore": (0, [], ("ConnectTimeout", "timed out"), 5 * S),
}


@both_libraries
@all_runners
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_the_same_for_every_client(fault: str, runner: Runner, family: Family) -> None:
    """Bytes, their nanoseconds, errors and their texts are the same under sync, asyncio and trio, in both libraries."""
    assert see(runner, family, engine(*([fault] if fault else []))).told() == FAULTS[fault]


@all_runners
def test_read_limit_of_ten_minutes_takes_no_time(runner: Runner) -> None:
    """A stalled stream ends with a ReadTimeout ten virtual minutes after its last byte."""
    seen = see(runner, "httpx", engine("stall"), timeout=600)
    assert seen.told() == (200, [ONE], ("ReadTimeout", "timed out"), 120 * MS + 600 * S)


@all_runners
def test_data_wins_a_tie(runner: Runner) -> None:
    """What comes at the very nanosecond of the read limit is read; one nanosecond later is too late."""
    served = exchange(headers=STREAM, gaps_us=[100_000, 100_000, 100_000], response_us=100_000)
    assert see(runner, "httpx", engine(of=served), timeout=0.1).parts[-1] == (400 * MS, HELLO[2])
    late = see(runner, "httpx", engine(of=served), timeout=0.099_999_999)
    assert (late.error, late.over_ns) == (("ReadTimeout", "timed out"), 100 * MS - 1)


@all_runners
def test_without_a_connect_limit_the_system_gives_up(runner: Runner) -> None:
    """An attempt to connect that nobody answers fails after 127 s, as it does under Linux."""
    seen = see(runner, "httpx", engine("ignore"), timeout=None)
    assert (seen.error, seen.over_ns) == (("ConnectTimeout", "timed out"), 127 * S)


def test_refusal_tells_its_cause() -> None:
    """The error under the error is the system's."""
    with (
        client(engine("refuse"), VirtualClock(), family="httpx", asynchronous=False) as asked,
        pytest.raises(httpx.ConnectError) as caught,
    ):
        asked.post(URL, **ASK)
    told = caught.value.__cause__
    assert isinstance(told, httpcore.ConnectError)
    assert isinstance(told.args[0], ConnectionRefusedError)


@all_runners
def test_connection_is_kept_alive_and_then_timed_out(runner: Runner) -> None:
    """Requests share a connection until the server's idle limit, and then the pool notices and takes another."""
    served, clock = engine(), VirtualClock()
    limits = httpx.Limits(keepalive_expiry=None)
    idle_ns = served.settings.limits.idle_ns

    def waits() -> tuple[float, float]:
        return (idle_ns - 1) / S, idle_ns / S

    def sync() -> None:
        with client(served, clock, family="httpx", asynchronous=False, limits=limits) as asked:
            asked.post(URL, **ASK)
            for seconds in waits():
                clock.advance(seconds)
                asked.post(URL, **ASK)

    async def in_tasks() -> None:
        async with client(served, clock, family="httpx", asynchronous=True, limits=limits) as asked:
            await asked.post(URL, **ASK)
            for seconds in waits():
                clock.advance(seconds)
                await asked.post(URL, **ASK)

    sync() if runner == "sync" else run(in_tasks, runner)
    assert [trace.connection for trace in served.journal] == [1, 1, 2]
    assert [trace.outcome for trace in served.journal] == ["complete"] * 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # httpx's own generators, under trio
@all_runners
def test_who_leaves_early_is_traced_to_the_nanosecond(runner: Runner) -> None:
    """A client that closes the response after one event has left at that instant, with that event delivered."""
    served, clock = engine(), VirtualClock()

    def sync() -> None:
        with (
            client(served, clock, family="httpx", asynchronous=False) as asked,
            asked.stream("POST", URL, **ASK) as response,
        ):
            next(response.iter_raw())

    async def in_tasks() -> None:
        async with (
            client(served, clock, family="httpx", asynchronous=True) as asked,
            asked.stream("POST", URL, **ASK) as response,
            aclosing(response.aiter_raw()) as parts,
        ):
            await anext(parts)

    sync() if runner == "sync" else run(in_tasks, runner)
    (trace,) = served.journal
    assert (trace.outcome, trace.left_ns) == ("client left", 120 * MS)
    assert (trace.events_written, trace.events_delivered) == (1, 1)


async def _read(asked: Any) -> None:
    async with asked.stream("POST", URL, **ASK) as response:
        async for _ in response.aiter_raw():
            pass


@in_tasks
def test_who_is_cancelled_has_left(runner: Runner) -> None:
    """A task cancelled while it reads leaves at the instant of its cancellation."""
    served, clock = engine(), VirtualClock()

    async def main() -> None:
        async with client(served, clock, family="httpx2", asynchronous=True) as asked:
            await asked.post(URL, **ASK)  # puts the loop on the clock
            if runner == "trio":
                with trio.move_on_after(0.13):
                    await _read(asked)
            else:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(_read(asked), 0.13)

    run(main, runner)
    assert [trace.outcome for trace in served.journal] == ["complete", "client left"]
    assert served.journal[1].left_ns == 130 * MS


@in_tasks
def test_streams_of_one_clock_are_interleaved(runner: Runner) -> None:
    """Each of several streams has its events at its own nanoseconds, and all together take as long as the last."""
    served, clock = engine(), VirtualClock()
    seen: list[tuple[int, int]] = []

    async def one(asked: Any, number: int) -> None:
        await (trio.sleep if runner == "trio" else asyncio.sleep)(number / 100)
        async with asked.stream("POST", URL, **ASK) as response:
            async for _ in response.aiter_raw():
                seen.append((clock.now_ns() // MS, number))  # noqa: PERF401 - together, not one stream after the other

    async def main() -> None:
        async with client(served, clock, family="httpx", asynchronous=True) as asked:
            await asked.post(URL, **ASK)
            if runner == "trio":
                async with trio.open_nursery() as nursery:
                    for number in range(4):
                        nursery.start_soon(one, asked, number)
            else:
                await asyncio.gather(*(one(asked, number) for number in range(4)))

    run(main, runner)
    planned = {(160 + 10 * number + at, number) for number in range(4) for at in (120, 140, 160)}
    assert set(seen) == planned
    assert [at for at, _ in seen] == sorted(at for at, _ in planned)


def test_one_thread_may_read_streams_in_turns() -> None:
    """While a sync client waits for one stream the others go on: what it reads late came on time."""
    served, clock = engine(), VirtualClock()
    with (
        client(served, clock, family="httpx", asynchronous=False) as asked,
        asked.stream("POST", URL, **ASK) as first,
        asked.stream("POST", URL, **ASK) as second,
    ):
        parts = zip(first.iter_raw(), second.iter_raw(), strict=False)
        seen = [(clock.now_ns() // MS, left, right) for left, right in parts]
    # The second was asked when the head of the first was there, and the first had sent everything meanwhile.
    assert seen == [(220 + 20 * number, data, data) for number, data in enumerate(HELLO)]
    assert [trace.started_ns // MS for trace in served.journal] == [0, 100]


@all_runners
def test_pool_without_a_place_gives_up_in_virtual_time(runner: Runner) -> None:
    """A request that finds all connections taken fails with PoolTimeout at its limit."""
    served, clock = engine(), VirtualClock()
    limits = httpx.Limits(max_connections=1)
    timeout = httpx.Timeout(5, pool=7)

    def sync() -> None:
        with (
            client(served, clock, family="httpx", asynchronous=False, limits=limits, timeout=timeout) as asked,
            asked.stream("POST", URL, **ASK),
            pytest.raises(httpx.PoolTimeout),
        ):
            asked.post(URL, **ASK)

    async def in_tasks() -> None:
        async with (
            client(served, clock, family="httpx", asynchronous=True, limits=limits, timeout=timeout) as asked,
            asked.stream("POST", URL, **ASK),
        ):
            with pytest.raises(httpx.PoolTimeout):
                await asked.post(URL, **ASK)

    sync() if runner == "sync" else run(in_tasks, runner)
    assert clock.now_ns() == 7100 * MS


@all_runners
def test_pool_gives_places_back(runner: Runner) -> None:
    """With one connection at a time requests still follow each other, after answers, faults and leaving alike."""
    served, clock = engine("reset_peer"), VirtualClock()
    limits = httpx.Limits(max_connections=1)

    def sync() -> None:
        with client(served, clock, family="httpx", asynchronous=False, limits=limits) as asked:
            for _ in range(3):
                with pytest.raises(httpx.ReadError):
                    asked.post(URL, **ASK)

    async def in_tasks() -> None:
        async with client(served, clock, family="httpx", asynchronous=True, limits=limits) as asked:
            for _ in range(3):
                with pytest.raises(httpx.ReadError):
                    await asked.post(URL, **ASK)

    sync() if runner == "sync" else run(in_tasks, runner)
    assert clock.now_ns() == 3 * 120 * MS


def test_network_is_one_of_httpcore() -> None:
    """A pool of httpcore itself, retries and all, can be given the network."""
    clock = VirtualClock()
    network: Any = Network(engine(), clock, httpcore)
    with httpcore.ConnectionPool(network_backend=network, retries=1, uds="/nowhere") as pool:
        answer = pool.request("POST", URL, content=b'{"stream":true}')
    assert (answer.status, answer.content, clock.now_ns()) == (200, b"".join(HELLO), 160 * MS)
    network.sleep(2.5)
    assert clock.now_ns() == 2660 * MS


@in_tasks
def test_network_for_tasks_is_one_of_httpcore(runner: Runner) -> None:
    """The same for coroutines."""
    clock = VirtualClock()
    network: Any = AsyncNetwork(engine(), clock, httpcore)

    async def main() -> None:
        async with httpcore.AsyncConnectionPool(network_backend=network, uds="/nowhere") as pool:
            answer = await pool.request("POST", URL, content=b'{"stream":true}')
        assert (answer.status, answer.content, clock.now_ns()) == (200, b"".join(HELLO), 160 * MS)
        await network.sleep(2.5)
        assert clock.now_ns() == 2660 * MS

    run(main, runner)


def _twice(served: Engine, runner: Runner) -> list[tuple[object, ...]]:
    return [see(runner, "httpx2", served).told() for _ in range(2)]


@all_runners
def test_a_fault_may_be_over_with_the_first_attempt(runner: Runner) -> None:
    """A fault for one attempt leaves the next one alone."""
    served = partial(engine, "http_error:status=503,attempt=1")
    first, second = _twice(served(), runner)
    assert (first[0], second) == (503, (200, [ONE, TWO, THREE], None, 160 * MS))
