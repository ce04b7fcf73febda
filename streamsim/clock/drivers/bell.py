"""Waiting in a coroutine for something that happens on a virtual clock, under asyncio and under trio alike.

Law: a ring is never lost. Whoever waits is woken once for all rings since; what is waited for is then looked at anew.
"""

from __future__ import annotations

import asyncio
import sys
from threading import get_ident
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.clock.core import VirtualClock


def in_trio() -> bool:
    """Tell whether the caller is a task of trio; a suspended trio run in this thread does not count."""
    trio = sys.modules.get("trio")
    lowlevel = getattr(trio, "lowlevel", None)
    return lowlevel is not None and bool(lowlevel.in_trio_task())


async def checkpoint() -> None:
    """Let others run, and be cancelled here if that is due; takes no time."""
    if in_trio():
        import trio  # noqa: PLC0415 - only where it runs already

        await trio.lowlevel.checkpoint()
    else:
        await asyncio.sleep(0)


class Bell:
    """Rung by callbacks of a clock, waited for by coroutines; any thread may ring."""

    __slots__ = ("_rung", "_wakes")

    def __init__(self) -> None:
        self._rung = False
        self._wakes: list[Callable[[], object]] = []

    def ring(self) -> None:
        """Wake all who wait; with nobody there, the next one does not wait at all."""
        self._rung = True
        wakes, self._wakes = self._wakes, []
        for wake in wakes:
            wake()

    async def wait(self) -> None:
        """Return at the next ring, or at once when it has rung; it is silent again then."""
        if not self._rung:
            await (self._wait_in_trio() if in_trio() else self._wait_in_asyncio())
        self._rung = False

    async def until(self, clock: VirtualClock, ready: Callable[[], bool], until_ns: int | None) -> bool:
        """Return True as soon as ``ready``, or False once ``until_ns`` has come; at the same instant ready wins.

        What makes it ready rings this bell. Somebody else moves the clock: the event loop that waits.
        """
        if ready():
            await checkpoint()
            return True
        limit = None if until_ns is None else _Limit(clock, until_ns, self.ring)
        try:
            while not ready():
                if limit is not None and limit.over:
                    return False
                await self.wait()
            return True
        finally:
            if limit is not None:
                limit.cancel()

    async def _wait_in_asyncio(self) -> None:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        mine = get_ident()

        def wake() -> None:
            if get_ident() == mine:
                _finish(future)
            elif not loop.is_closed():
                loop.call_soon_threadsafe(_finish, future)

        self._wakes.append(wake)
        try:
            await future
        finally:
            self._forget(wake)

    async def _wait_in_trio(self) -> None:
        import trio  # noqa: PLC0415 - only where it runs already

        event = trio.Event()
        token = trio.lowlevel.current_trio_token()
        mine = get_ident()

        def wake() -> None:
            if get_ident() == mine:
                event.set()
            else:
                token.run_sync_soon(event.set)

        self._wakes.append(wake)
        try:
            await event.wait()
        finally:
            self._forget(wake)

    def _forget(self, wake: Callable[[], object]) -> None:
        if wake in self._wakes:
            self._wakes.remove(wake)


class _Limit:
    """A deadline that comes last: what else is due at its instant happens before it."""

    __slots__ = ("_clock", "_ring", "_timer", "over")

    def __init__(self, clock: VirtualClock, until_ns: int, ring: Callable[[], object]) -> None:
        self.over = False
        self._clock = clock
        self._ring = ring
        self._timer = clock.call_at_ns(until_ns, self._come)

    def cancel(self) -> None:
        self._timer.cancel()

    def _come(self) -> None:
        # Asked for now, so behind everything that had been asked for at this instant.
        self._timer = self._clock.call_at_ns(self._clock.now_ns(), self._pass)

    def _pass(self) -> None:
        self.over = True
        self._ring()


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
