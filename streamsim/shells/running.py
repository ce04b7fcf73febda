"""Running a server until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from streamsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine, Generator


ENDING = (signal.SIGINT, signal.SIGTERM)

# Objects that may come into being before the collector looks for garbage among them.
NEW = 10_000


def run_until_signalled(main: Coroutine[object, object, None], *, again: Collection[signal.Signals] = ENDING) -> None:
    """Run ``main`` until it ends, or until SIGINT or SIGTERM cancels it; both are a clean end.

    Once it is ending, each signal of ``again`` cancels what it still does to end well; others change nothing.
    """
    if sys.platform == "win32":
        remedy = "run it in the Linux subsystem (WSL)"
        raise UsageError("Windows", "its event loop can neither reset a connection nor be stopped by SIGTERM", remedy)
    allow_many_sockets()

    async def supervised() -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(main)
        ending = False

        def signalled(number: signal.Signals) -> None:
            nonlocal ending
            if not ending or number in again:
                ending = True
                task.cancel()

        for number in {*ENDING, *again}:
            loop.add_signal_handler(number, signalled, number)
        with suppress(asyncio.CancelledError):
            await task

    with _few_collections():
        asyncio.run(supervised())


@contextmanager
def _few_collections() -> Generator[None, None, None]:
    """Spare what is loaded by now, which lives on, and let the collector come seldom: an answer leaves no cycles."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(NEW, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def allow_many_sockets() -> None:
    """Raise the soft limit of open files to the hard one: a stream is a file."""
    import resource  # noqa: PLC0415 - there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
