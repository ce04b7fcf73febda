"""A loop in virtual time on which nothing ever comes: who is told, and what."""

from __future__ import annotations

import asyncio
import contextlib
import math
from typing import TYPE_CHECKING

import pytest

from streamsim.errors import VirtualDeadlock
from tests.clock.attached import run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from streamsim.clock.core import VirtualClock
    from streamsim.clock.drivers.asyncio_loop import Attachment

SECOND = 10**9


def test_deadlock_is_raised_where_the_test_waits() -> None:
    """When nothing can ever come, the owner gets an error that names every waiting task and its place."""

    async def helper() -> None:
        await asyncio.Event().wait()

    async def main(clock: VirtualClock, attachment: Attachment) -> str:
        asyncio.current_task().set_name("the test")  # type: ignore[union-attr]
        other = asyncio.create_task(helper(), name="helper")
        await asyncio.sleep(5)
        with pytest.raises(VirtualDeadlock) as caught:
            await asyncio.Queue[int]().get()
        assert attachment.deadlock is caught.value
        assert clock.now_ns() == 5 * SECOND
        other.cancel()
        return str(caught.value)

    told = run(main)
    begin = "virtual time 5 s: everybody waits and nothing is due, ever (the test at "
    assert told.startswith(begin)
    assert told.endswith("in helper); await something that comes, or give it a time-out")
    assert told.count(__file__) == 2


@pytest.mark.parametrize("how", ["task", "gather", "group", "shield", "wait"])
def test_deadlock_reaches_through_what_the_owner_waits_for(how: str) -> None:
    """Whatever the owner waits by, it is the deadlock that comes out."""

    async def helper() -> None:
        await asyncio.Event().wait()

    async def wait(how: str) -> None:
        if how == "group":
            async with asyncio.TaskGroup() as group:
                group.create_task(helper())
            return
        task = asyncio.ensure_future(helper())
        ways: dict[str, Callable[[], Awaitable[object]]] = {
            "task": lambda: task,
            "gather": lambda: asyncio.gather(task, helper()),
            "shield": lambda: asyncio.shield(task),
            "wait": lambda: asyncio.wait([task]),
        }
        await ways[how]()

    async def main(_: VirtualClock, __: Attachment) -> None:
        with pytest.raises((VirtualDeadlock, BaseExceptionGroup)) as caught:
            await wait(how)
        error = caught.value
        assert isinstance(error, (VirtualDeadlock, BaseExceptionGroup))

    run(main)


def test_who_will_not_listen_ends_the_loop() -> None:
    """An owner that goes on after every deadlock is stopped by force; so is a loop whose owner is over, or has none."""

    async def stubborn(_: VirtualClock, __: Attachment) -> None:
        while True:
            with contextlib.suppress(VirtualDeadlock):
                await asyncio.Event().wait()

    async def nobody(_: VirtualClock, attachment: Attachment) -> None:
        attachment.owner = None
        await asyncio.Event().wait()

    for main in (stubborn, nobody):
        with pytest.raises(VirtualDeadlock, match="everybody waits"):
            run(main)


def test_many_tasks_are_not_all_told() -> None:
    """An error stays readable when hundreds of tasks wait."""

    async def main(_: VirtualClock, __: Attachment) -> None:
        tasks = [asyncio.create_task(asyncio.Event().wait()) for _ in range(30)]
        with pytest.raises(VirtualDeadlock, match="; 11 more\\)"):
            await asyncio.Event().wait()
        for task in tasks:
            task.cancel()

    run(main)


def test_polling_the_time_is_found_out() -> None:
    """Who turns at one instant until time passes would do so for ever: that is a deadlock as well."""

    async def main(_: VirtualClock, attachment: Attachment) -> None:
        attachment.hang_limit_s = 0.05
        while attachment.loop.time() < math.inf:  # noqa: ASYNC110 - what is tested
            await asyncio.sleep(0)

    with pytest.raises(VirtualDeadlock, match="at one instant"):
        run(main)


def test_a_clock_that_calls_itself_at_one_instant_is_found_out() -> None:
    """A callback of the clock that always asks for another at once would stop the world."""

    async def main(clock: VirtualClock, attachment: Attachment) -> None:
        attachment.hang_limit_s = 0.05

        def again() -> None:
            clock.call_at_ns(0, again)

        again()
        await asyncio.sleep(1)

    with pytest.raises(VirtualDeadlock, match="at one instant"):
        run(main)
