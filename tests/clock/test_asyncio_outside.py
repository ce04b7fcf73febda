"""A loop in virtual time while something else works in real time: the clock stands still, within limits."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import pytest

from streamsim.errors import VirtualDeadlock
from tests.clock.attached import run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from streamsim.clock.core import VirtualClock
    from streamsim.clock.drivers.asyncio_loop import Attachment

wait_s = time.sleep  # noqa: TID251 - for threads whose time is real


class Ticking:
    """Something that would see it if time went on: it ticks every second."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._began = clock.now_ns()
        self._task = asyncio.ensure_future(self._tick())

    async def _tick(self) -> None:
        while True:  # noqa: ASYNC110 - it ticks
            await asyncio.sleep(1)

    def stop(self) -> int:
        """Return how much time has gone by."""
        self._task.cancel()
        return self._clock.now_ns() - self._began


@pytest.mark.parametrize("work", ["executor", "to_thread", "anyio", "raw", "hold", "process", "pipe"])
def test_work_outside_takes_no_virtual_time(work: str) -> None:
    """While somebody works whose time is real, virtual time stands still."""

    async def raw() -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def job() -> None:
            wait_s(0.08)
            loop.call_soon_threadsafe(done.set)

        threading.Thread(target=job).start()
        await done.wait()

    async def hold(clock: VirtualClock) -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        disregarded = threading.Timer(0.05, lambda: loop.call_soon_threadsafe(done.set))
        with clock.hold():
            disregarded.start()
            await done.wait()

    async def process(*, output: bool) -> None:
        out = asyncio.subprocess.PIPE if output else None
        child = await asyncio.create_subprocess_exec("sh", "-c", "sleep 0.05; echo hi >&2", stderr=out or -3)
        await (child.communicate() if output else child.wait())

    async def main(clock: VirtualClock, attachment: Attachment) -> int:
        ways: dict[str, Callable[[], Awaitable[object]]] = {
            "executor": lambda: attachment.loop.run_in_executor(None, wait_s, 0.05),
            "to_thread": lambda: asyncio.to_thread(wait_s, 0.05),
            "anyio": lambda: anyio.to_thread.run_sync(wait_s, 0.05),
            "raw": raw,
            "hold": lambda: hold(clock),
            "process": lambda: process(output=False),
            "pipe": lambda: process(output=True),
        }
        ticking = Ticking(clock)
        await ways[work]()
        return ticking.stop()

    assert run(main) == 0


def test_work_outside_has_a_real_limit() -> None:
    """Who waits outside for ever is told about after a while, with what was waited for."""

    async def main(clock: VirtualClock, attachment: Attachment) -> None:
        attachment.hang_limit_s = 0.02
        over = threading.Event()
        job = attachment.loop.run_in_executor(None, over.wait)
        with clock.hold(), pytest.raises(VirtualDeadlock) as caught:
            await asyncio.sleep(1)
        assert "from 1 jobs in executors, whoever holds the clock" in caught.value.problem
        over.set()
        await job

    run(main)


def test_threads_in_strange_waits_get_a_last_chance() -> None:
    """Before a loop is called dead, threads that wait in some way of their own may wake it."""

    async def main(_: VirtualClock, attachment: Attachment) -> None:
        loop, done = attachment.loop, asyncio.Event()
        over = threading.Event()

        def job() -> None:
            over.wait(0.2)
            loop.call_soon_threadsafe(done.set)

        inner = threading.Thread(target=job)

        def start_and_join() -> None:
            inner.start()
            inner.join()

        waiter = threading.Thread(target=start_and_join)
        waiter.start()
        await done.wait()
        waiter.join()

    run(main)
