"""Waiting in coroutines, under asyncio and trio."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
import trio

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers import asyncio_loop
from streamsim.clock.drivers.bell import Bell, checkpoint, in_trio
from streamsim.clock.drivers.trio_run import TrioClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Main = Callable[[VirtualClock], Awaitable[None]]

both = pytest.mark.parametrize("runner", ["asyncio", "trio"])


def run(runner: str, main: Main) -> VirtualClock:
    """Run ``main`` on a new clock and return that."""
    clock = VirtualClock()
    if runner == "trio":
        trio.run(main, clock, clock=TrioClock(clock))
        return clock

    async def attached() -> None:
        attachment = asyncio_loop.attach(clock)
        try:
            await main(clock)
        finally:
            attachment.detach()

    asyncio.run(attached())
    return clock


def come(came: list[int], bell: Bell) -> None:
    """Note that something came, and ring."""
    came.append(1)
    bell.ring()


@both
def test_a_ring_is_remembered_once(runner: str) -> None:
    """However often it rang before, the next wait returns at once, and the one after waits."""

    async def main(clock: VirtualClock) -> None:
        bell = Bell()
        bell.ring()
        bell.ring()
        await bell.wait()
        assert clock.now_ns() == 0
        clock.call_at_ns(7, bell.ring)
        await bell.wait()
        assert clock.now_ns() == 7

    run(runner, main)


@both
def test_until_ends_at_the_nanosecond(runner: str) -> None:
    """It returns when what rings made it ready, or at the limit, to the nanosecond."""

    async def main(clock: VirtualClock) -> None:
        bell, came = Bell(), list[int]()
        clock.call_at_ns(5, bell.ring)
        clock.call_at_ns(11, partial(come, came, bell))
        assert await bell.until(clock, lambda: bool(came), 20)
        assert clock.now_ns() == 11
        assert not await bell.until(clock, lambda: len(came) > 1, 20)
        assert clock.now_ns() == 20
        assert await bell.until(clock, lambda: True, None)
        assert clock.now_ns() == 20

    assert run(runner, main).next_ns() is None


@both
def test_on_a_tie_ready_wins(runner: str) -> None:
    """What is due at the limit happens before it, even where it was asked for later."""

    async def main(clock: VirtualClock) -> None:
        bell, came = Bell(), list[int]()
        clock.call_at_ns(3, lambda: clock.call_at_ns(20, partial(come, came, bell)))
        assert await bell.until(clock, lambda: bool(came), 20)
        assert clock.now_ns() == 20

    run(runner, main)


@both
def test_a_limit_that_is_over_lets_others_first(runner: str) -> None:
    """With no time left it gives up at the present instant, after what is due at it."""

    async def main(clock: VirtualClock) -> None:
        bell, came = Bell(), list[int]()
        clock.call_at_ns(0, lambda: came.append(1))
        assert not await bell.until(clock, lambda: False, 0)
        assert (came, clock.now_ns()) == ([1], 0)

    run(runner, main)


@both
def test_another_thread_may_ring(runner: str) -> None:
    """A ring from another thread wakes who waits, and takes no virtual time."""

    async def main(clock: VirtualClock) -> None:
        bell = Bell()
        with clock.hold():
            clock.call_at_ns(5, bell.ring)
            thread = threading.Timer(0.01, bell.ring)
            thread.start()
            await bell.wait()
            thread.join()
        assert clock.now_ns() == 0

    run(runner, main)


def test_who_gave_up_is_forgotten_in_asyncio() -> None:
    """A cancelled wait leaves nothing behind that a ring could trip over."""

    async def main(clock: VirtualClock) -> None:
        bell = Bell()
        waiting = asyncio.ensure_future(bell.wait())
        await asyncio.sleep(1)
        waiting.cancel()
        await asyncio.sleep(1)
        bell.ring()
        await bell.wait()
        assert clock.now_ns() == 2_000_000_000

    run("asyncio", main)


def test_who_gave_up_is_forgotten_in_trio() -> None:
    """A cancelled wait leaves nothing behind that a ring could trip over."""

    async def main(clock: VirtualClock) -> None:
        bell = Bell()
        with trio.move_on_after(2):
            await bell.wait()
        bell.ring()
        await bell.wait()
        assert clock.now_ns() == 2_000_000_000

    run("trio", main)


@both
def test_a_checkpoint_lets_others_run(runner: str) -> None:
    """A checkpoint takes no time, under either library; which one it is, is told."""

    async def main(clock: VirtualClock) -> None:
        assert in_trio() == (runner == "trio")
        await checkpoint()
        assert clock.now_ns() == 0

    run(runner, main)
    assert not in_trio()
