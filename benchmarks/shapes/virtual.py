"""Virtual: streams in virtual time, where waiting costs nothing. How many events a second of CPU?

- In memory: 1,000 streams of 100 events from the first request to the last byte. Requests are parsed and matched, plans
  are played, every write is kept with its time. The bare heap beside it does the least that any discrete-event player
  must: take the earliest deadline, keep (time, bytes), put the next one in.
- On an event loop: 1,000 tasks wait 20 times for 20 ms. Beside an asyncio loop attached to our clock, looptime and
  trio's MockClock do the same; "no waiting" is asyncio with a wait of nothing, in real time.
- Through the openai SDK: 50 streams of 100 events at once, in its ``AsyncOpenAI``, on an attached loop. Beside it the
  same SDK gets its bytes whole from ``MockTransport`` of its HTTP library: what it takes by itself.

Virtual seconds are those that the streams took by the virtual clock, all together.
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from heapq import heappop, heapreplace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks import installing
from benchmarks.bench import AbsentError
from benchmarks.goals import Goal
from benchmarks.inputs import REQUEST, chat_events, recording
from benchmarks.measure import OURS, cpu_seconds, interleaved, rows
from benchmarks.rows import Metric, Row
from streamsim import Engine, Planner, VirtualClock
from streamsim.clock.drivers.asyncio_loop import attach
from streamsim.shells.inprocess.clients import client as http_client
from streamsim.shells.memory import MemoryClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.bench import Bench
    from benchmarks.measure import Contestant, Sample

STREAMS, SDK_STREAMS = 1000, 50
EVENTS, WAITS = 100, 20
GAP_NS = 20_000_000
# Streams begin apart, so that deadlines do not fall together.
APART_NS = 17_000

IN_MEMORY = f"in memory, {STREAMS:,} streams of {EVENTS} events"
ON_A_LOOP = f"on an event loop, {STREAMS:,} tasks that wait {WAITS} times"
IN_THE_SDK = f"through the openai SDK, {SDK_STREAMS} streams of {EVENTS} events"

RATE = "events a second"
METRICS = (
    Metric(name=RATE, better="higher"),
    Metric(name="CPU an event", unit="µs"),
    Metric(name="virtual seconds a second", better="higher"),
)

GOALS = (
    Goal(
        says="virtual events a second",
        cases=(IN_MEMORY,),
        metric=RATE,
        of="ours",
        least=500_000,
        limit=(
            "each event is a callback of the clock, a look at the plan and a note of the write. That a timer which has "
            "run leaves its place in the heap to the next one, that a playback knows its step, and that the clock "
            "itself goes from one to the next, brought most."
        ),
    ),
    Goal(
        says="virtual events a second on an asyncio loop",
        cases=(ON_A_LOOP,),
        metric=RATE,
        of="ours",
        least=100_000,
        limit=(
            "an event is a turn of the loop and a look at the sockets, because time may move only when nothing is "
            "ready; and asyncio.sleep makes a handle and a future, and cancels the handle. Timers kept as tuples "
            "outside the loop's own heap, timers run where time moves and not in a turn of their own, and asking epoll "
            "itself brought a third."
        ),
    ),
)


def run(bench: Bench) -> Iterator[Row]:
    """Measure in memory, on an event loop, and through an SDK."""
    yield from _in_memory(bench)
    yield from _on_a_loop(bench)
    yield from _in_the_sdk(bench)


def _sample(events: int, virtual_s: float, work: Callable[[], object]) -> Sample:
    spent_s = cpu_seconds(work, least=0)
    told = {RATE: events / spent_s, "CPU an event": spent_s * 1e6 / events}
    return {**told, "virtual seconds a second": virtual_s / spent_s} if virtual_s else told


# In memory.


def _in_memory(bench: Bench) -> Iterator[Row]:
    frames = chat_events(EVENTS)
    planner = Planner(recording(frames, gap_us=GAP_NS // 1000))
    virtual_s = STREAMS * EVENTS * GAP_NS / 1e9
    contestants = {
        OURS: partial(_sample, STREAMS * EVENTS, virtual_s, partial(played, planner)),
        "bare heap": partial(_sample, STREAMS * EVENTS, virtual_s, partial(_bare, frames)),
    }
    yield from rows(IN_MEMORY, METRICS, interleaved(bench.rounds, contestants))


def played(planner: Planner, streams: int = STREAMS) -> list[MemoryClient]:
    """Return clients, each of which has got its whole stream."""
    engine = Engine([planner])
    clock = VirtualClock()
    clients: list[MemoryClient] = []

    def begin() -> None:
        client = MemoryClient(engine, clock, number=len(clients) + 1)
        clients.append(client)
        client.send(REQUEST)

    for nth in range(streams):
        clock.call_at_ns(nth * APART_NS, begin)
    clock.run()
    return clients


def _bare(frames: list[bytes]) -> list[list[tuple[int, bytes]]]:
    got: list[list[tuple[int, bytes]]] = [[] for _ in range(STREAMS)]
    heap = [(nth * APART_NS, nth) for nth in range(STREAMS)]
    while heap:
        due_ns, nth = heap[0]
        stream = got[nth]
        stream.append((due_ns, frames[len(stream)]))
        if len(stream) < len(frames):
            heapreplace(heap, (due_ns + GAP_NS, nth))
        else:
            heappop(heap)
    return got


# On an event loop.


def _on_a_loop(bench: Bench) -> Iterator[Row]:
    virtual_s = STREAMS * WAITS * GAP_NS / 1e9
    sample = partial(_sample, STREAMS * WAITS)
    contestants: dict[str, Contestant] = {
        OURS: partial(sample, virtual_s, waited),
        "asyncio, no waiting": partial(sample, 0.0, lambda: asyncio.run(_wait_all(gap_s=0))),
    }
    for name, runner in (("looptime", _looptime), ("trio MockClock", _trio)):
        try:
            contestants[name] = partial(sample, virtual_s, runner(bench))
        except AbsentError as error:
            yield Row(case=ON_A_LOOP, peer=name, skipped=str(error))
    yield from rows(ON_A_LOOP, METRICS, interleaved(bench.rounds, contestants))


def waited(tasks: int = STREAMS) -> int:
    """Let ``tasks`` wait on a loop that is attached to our clock; return its time at the end."""
    clock = VirtualClock()

    async def main() -> None:
        attach(clock)
        await _wait_all(tasks=tasks)

    asyncio.run(main())
    return clock.now_ns()


async def _wait_all(*, tasks: int = STREAMS, gap_s: float = GAP_NS / 1e9) -> None:
    async def stream(begin_s: float) -> None:
        await asyncio.sleep(begin_s if gap_s else 0)
        for _ in range(WAITS):
            await asyncio.sleep(gap_s)

    await asyncio.gather(*(stream(nth * APART_NS / 1e9) for nth in range(tasks)))


def _looptime(bench: Bench) -> Callable[[], object]:
    found = installing.python_module("looptime")
    if str(found.path) not in sys.path:
        sys.path.append(str(found.path))
    bench.versions["looptime"] = found.version
    looptime: Any = import_module("looptime")

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: looptime.patch_event_loop(asyncio.new_event_loop())) as runner:
            runner.run(_wait_all())

    return work


def _trio(bench: Bench) -> Callable[[], object]:
    try:
        trio: Any = import_module("trio")
        testing: Any = import_module("trio.testing")
    except ImportError:
        raise AbsentError("trio is not installed") from None
    bench.versions["trio"] = trio.__version__

    async def stream(begin_s: float) -> None:
        await trio.sleep(begin_s)
        for _ in range(WAITS):
            await trio.sleep(GAP_NS / 1e9)

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            for nth in range(STREAMS):
                nursery.start_soon(stream, nth * APART_NS / 1e9)

    return lambda: trio.run(main, clock=testing.MockClock(autojump_threshold=0))


# Through an SDK.


def _in_the_sdk(bench: Bench) -> Iterator[Row]:
    try:
        openai: Any = import_module("openai")
    except ImportError:
        yield Row(case=IN_THE_SDK, skipped="openai is not installed")
        return
    bench.versions["openai"] = openai.__version__
    sample = partial(_sample, SDK_STREAMS * EVENTS)
    contestants: dict[str, Contestant] = {
        OURS: partial(sample, SDK_STREAMS * EVENTS * GAP_NS / 1e9, partial(through_sdk, openai)),
        "openai, MockTransport, whole": partial(sample, 0.0, partial(_whole, openai)),
    }
    yield from rows(IN_THE_SDK, METRICS, interleaved(bench.rounds, contestants))


def through_sdk(openai: Any, streams: int = SDK_STREAMS) -> tuple[int, int]:
    """Read ``streams`` with the SDK in virtual time; return how many events came, and the time at the end."""
    clock = VirtualClock()
    engine = Engine([Planner(recording(chat_events(EVENTS), gap_us=GAP_NS // 1000))])

    async def main() -> int:
        attach(clock)
        return await _read(openai, http_client(engine, clock, asynchronous=True), streams)

    return asyncio.run(main()), clock.now_ns()


def _whole(openai: Any, streams: int = SDK_STREAMS) -> int:
    """Read as many with nobody in between: all bytes are there at once."""
    library: Any = import_module(openai.DefaultAsyncHttpxClient.__mro__[1].__module__.partition(".")[0])
    body = b"".join(chat_events(EVENTS))

    def answer(_: object) -> Any:
        return library.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    async def main() -> int:
        return await _read(openai, library.AsyncClient(transport=library.MockTransport(answer)), streams)

    return asyncio.run(main())


async def _read(openai: Any, http: Any, streams: int) -> int:
    """Return how many events of all streams the SDK gave; ``[DONE]`` is none for it."""

    async def one(client: Any) -> int:
        messages = [{"role": "user", "content": "hi"}]
        async with await client.chat.completions.create(model="gpt-4o", messages=messages, stream=True) as stream:
            return sum([1 async for _ in stream])

    async with openai.AsyncOpenAI(api_key="any", base_url="http://any.test/v1", http_client=http) as client:
        return sum(await asyncio.gather(*(one(client) for _ in range(streams))))
