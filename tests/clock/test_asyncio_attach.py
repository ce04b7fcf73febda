"""Attaching loops to a clock and detaching them, in whatever state they are."""

from __future__ import annotations

import asyncio
import contextlib
import gc

import pytest

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers.asyncio_loop import Attachment, attach, attached
from streamsim.errors import UsageError
from tests.clock.attached import run

SECOND = 10**9


def test_attaching_a_running_loop_and_detaching_it_keeps_distances() -> None:
    """Timers pending at either moment keep their distance; the loop's time does not go back when attached."""

    async def main() -> None:
        clock = VirtualClock(7 * SECOND + 5)
        loop = asyncio.get_running_loop()
        seen: list[int] = []
        loop.call_later(50, lambda: seen.append(clock.now_ns()))
        loop.call_later(1000, pytest.fail, "was cancelled").cancel()
        before = loop.time()
        attachment = attach(clock)
        assert 0 <= loop.time() - before < 1.1
        await asyncio.sleep(60)
        assert seen == [pytest.approx(57 * SECOND, abs=1_000_000)]
        late = loop.call_later(3600, seen.append, 1)
        attachment.detach()
        attachment.detach()
        assert attached(loop) is None
        assert late.when() - loop.time() == pytest.approx(3600, abs=1)
        again = attach(VirtualClock())
        assert again is not attachment
        await asyncio.sleep(3601)
        assert seen[1:] == [1]
        again.detach()
        for name in ("time", "call_later", "call_at", "run_in_executor", "shutdown_default_executor"):
            assert name not in vars(loop)

    asyncio.run(main())


def test_stopped_and_closed_loops_can_be_detached() -> None:
    """Detaching needs no running loop, not even an open one; attaching needs an open one."""
    clock = VirtualClock()
    loop = asyncio.SelectorEventLoop()
    attachment = attach(clock, loop)
    assert (attachment.owner, attach(clock, loop), attached(loop)) == (None, attachment, attachment)
    loop.run_until_complete(asyncio.sleep(90))
    attachment.detach()
    loop.run_until_complete(asyncio.sleep(0))
    attachment = attach(clock, loop)
    loop.run_until_complete(asyncio.sleep(10))
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        loop.call_later(1, print)
    attachment.detach()
    assert clock.now_ns() == 100 * SECOND
    with pytest.raises(UsageError, match="the event loop is closed"):
        attach(clock, loop)


def test_detaching_in_a_callback_of_the_clock() -> None:
    """Even while time moves the loop can be detached."""

    async def main(clock: VirtualClock, attachment: Attachment) -> int:
        clock.call_at_ns(5 * SECOND, attachment.detach)
        await asyncio.sleep(5.01)
        return clock.now_ns()

    assert run(main) == 5 * SECOND


def test_one_loop_has_one_clock() -> None:
    """Another clock on an attached loop is refused; the same clock again is the same attachment."""

    async def main(clock: VirtualClock, attachment: Attachment) -> None:
        assert attach(clock) is attachment
        with pytest.raises(UsageError, match="runs on another virtual clock already; detach that one first"):
            attach(VirtualClock())

    run(main)


def test_a_loop_that_cannot_be_attached_is_named() -> None:
    """A loop of another kind, as uvloop's, is refused by its name, with what to do."""

    class Strange(asyncio.AbstractEventLoop):
        pass

    loops: list[asyncio.AbstractEventLoop] = [Strange()]  # type: ignore[abstract]
    with contextlib.suppress(ImportError):
        import uvloop  # noqa: PLC0415 - where it is installed

        loops.append(uvloop.new_event_loop())
    for loop in loops:
        kind = f"{type(loop).__module__}.{type(loop).__qualname__}"
        with pytest.raises(UsageError, match=f"^{kind}: this event loop keeps its time .*; use asyncio's own"):
            attach(VirtualClock(), loop)
    for loop in loops[1:]:
        loop.close()


def test_timers_without_a_time_are_refused() -> None:
    """None is no time and no delay, as on any loop."""

    async def main(_: VirtualClock, attachment: Attachment) -> None:
        with pytest.raises(TypeError, match="delay must not be None"):
            attachment.loop.call_later(None, print)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="when cannot be None"):
            attachment.loop.call_at(None, print)  # type: ignore[arg-type]

    run(main)


def test_nothing_is_kept_of_a_loop_that_was_attached() -> None:
    """Once a loop is closed and forgotten, so is its attachment."""

    async def main(_: VirtualClock, attachment: Attachment) -> Attachment:
        attachment.detach()
        return attachment

    run(main)
    gc.collect()
    assert not [one for one in gc.get_objects() if isinstance(one, Attachment)]
