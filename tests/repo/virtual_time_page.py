"""The generated table of docs/reference/virtual-time.md: each function is really asked, or waited for.

The page itself is written by hand; what stands between its marks comes from here. After a change write it anew:

    python -m tests.repo.virtual_time_page
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import datetime
import email.utils
import logging
import os
import queue
import re
import sched
import select
import selectors
import socket
import subprocess
import tempfile
import threading
import time
import uuid
import warnings
from contextlib import suppress
from datetime import date as imported_date
from datetime import datetime as imported_datetime
from functools import partial
from time import monotonic as imported_monotonic
from time import sleep as imported_sleep
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
import trio

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers.asyncio_loop import attach
from streamsim.clock.drivers.freezing import frozen
from streamsim.clock.drivers.time_functions import patched
from streamsim.clock.drivers.trio_run import adopt
from tests.repo.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

PAGE = ROOT / "docs" / "reference" / "virtual-time.md"

# How long to wait where it may turn out to be real, and how far to move the clock between two readings; in seconds.
SHORT = 0.02
FAR = 1000.0

Probe: TypeAlias = "Callable[[VirtualClock], bool]"

_PART = re.compile(r"(<!-- generated: table -->\n).*?(<!-- end -->\n)", re.DOTALL)


def kept_as_default(clock: Callable[[], float] = time.monotonic) -> float:
    return clock()


class Keeps:
    clock = time.monotonic


KEPT = [time.monotonic]


def generated(page: str) -> str:
    """Return ``page`` with the table as it comes out now."""
    return _PART.sub(lambda found: "\n".join((found[1], *table(), "", found[2])), page)


def table() -> Iterator[str]:
    """Yield its lines."""
    yield "| what | by default | with `freeze` |"
    yield "|---|---|---|"
    for what, probe in ROWS:
        seen = [_said(probe, mode) for mode in (patched, frozen)]
        yield f"| {what} | {seen[0]} | {seen[1]} |"


def _said(probe: Probe, mode: Callable[[VirtualClock], Any]) -> str:
    clock = VirtualClock()
    with mode(clock), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return "virtual" if probe(clock) else "real"


def reads(function: Callable[[], float]) -> Probe:
    """Return a probe of what tells seconds: virtual if it moves with the clock."""

    def probe(clock: VirtualClock) -> bool:
        before = function()
        clock.advance(FAR)
        return function() - before >= FAR - 1

    return probe


def waits(function: Callable[[], object]) -> Probe:
    """Return a probe of what waits for SHORT: virtual if the clock has moved by that."""

    def probe(clock: VirtualClock) -> bool:
        with suppress(TimeoutError, queue.Empty, concurrent.futures.TimeoutError):
            function()
        return clock.now() >= SHORT

    return probe


def in_asyncio(function: Callable[[], Awaitable[object]]) -> Probe:
    """Return a probe of what waits for SHORT in an event loop."""

    async def main(clock: VirtualClock) -> bool:
        attachment = attach(clock)
        with suppress(TimeoutError):
            await function()
        seen = clock.now() >= SHORT
        attachment.detach()
        return seen

    return lambda clock: asyncio.run(main(clock))


def in_trio(function: Callable[[], Awaitable[object]]) -> Probe:
    """Return a probe of what waits for SHORT under trio."""

    async def main(clock: VirtualClock) -> bool:
        adoption = adopt(clock)
        with suppress(trio.TooSlowError, TimeoutError):
            await function()
        seen = clock.now() >= SHORT
        adoption.detach()
        return seen

    return lambda clock: trio.run(main, clock)


def _today(kind: type[datetime.date]) -> float:
    return kind.today().toordinal() * 1.0


def _days(kind: Callable[[], type[datetime.date]]) -> Probe:
    """Return a probe of days: it moves the clock by that many."""

    def probe(clock: VirtualClock) -> bool:
        before = _today(kind())
        clock.advance(FAR * 86_400)
        return _today(kind()) - before >= FAR - 1

    return probe


def _formatted() -> float:
    parsed = email.utils.parsedate_tz(email.utils.formatdate())
    assert parsed is not None
    return email.utils.mktime_tz(parsed)


def _logged() -> float:
    return logging.LogRecord("a", logging.INFO, "a.py", 1, "", (), None).created


def _file_time() -> float:
    with tempfile.NamedTemporaryFile() as file:
        return os.stat(file.name).st_mtime  # noqa: PTH116 - as short as it gets


def _polled() -> None:
    end = time.monotonic() + SHORT
    while time.monotonic() < end:
        time.sleep(SHORT / 4)


def _scheduled() -> None:
    agenda = sched.scheduler()
    agenda.enter(SHORT, 1, int)
    agenda.run()


def _in_thread(function: Callable[[], object]) -> None:
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def _lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire(timeout=SHORT)


def _condition() -> None:
    condition = threading.Condition()
    with condition:
        condition.wait(SHORT)


def _socket() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.settimeout(SHORT)
        one.recv(1)


def _selector() -> None:
    with selectors.DefaultSelector() as selector:
        selector.select(SHORT)


async def _loop_time() -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + SHORT
    while loop.time() < end:
        await asyncio.sleep(SHORT / 4)


async def _call_later() -> None:
    over = asyncio.Event()
    asyncio.get_running_loop().call_later(SHORT, over.set)
    await over.wait()


async def _timeout() -> None:
    async with asyncio.timeout(SHORT):
        await asyncio.Event().wait()


async def _wait() -> None:
    task = asyncio.ensure_future(asyncio.Event().wait())
    await asyncio.wait([task], timeout=SHORT)
    task.cancel()


async def _asyncio_process() -> None:
    process = await asyncio.create_subprocess_exec("sleep", str(SHORT))
    await process.wait()


async def _move_on(scope: Callable[[float], Any], wait: Callable[[], Awaitable[object]]) -> None:
    with scope(SHORT):
        await wait()


async def _sleep_in_coroutine() -> None:
    time.sleep(SHORT)


ROWS: list[tuple[str, Probe]] = [
    ("`time.time`", reads(lambda: time.time())),
    ("`time.time_ns`", reads(lambda: time.time_ns() / 1e9)),
    ("`time.monotonic`", reads(lambda: time.monotonic())),
    ("`time.monotonic_ns`", reads(lambda: time.monotonic_ns() / 1e9)),
    ("`time.perf_counter`", reads(lambda: time.perf_counter())),
    ("`time.perf_counter_ns`", reads(lambda: time.perf_counter_ns() / 1e9)),
    ("`time.gmtime`, `localtime` without a time", reads(lambda: time.mktime(time.localtime()))),
    ("`time.strftime` without a time", reads(lambda: float(time.strftime("%s")))),
    ("`time.ctime`, `asctime` without a time", reads(lambda: time.mktime(time.strptime(time.ctime())))),
    ("`from time import monotonic`, before the test", reads(lambda: imported_monotonic())),
    ("… kept as a default argument, before", reads(lambda: kept_as_default())),
    ("… kept in a class or a list, before", reads(lambda: max(Keeps.clock(), KEPT[0]()))),
    ("`time.monotonic` in another thread", reads(lambda: _threaded(time.monotonic))),
    ("`time.process_time`, `thread_time`", reads(lambda: time.process_time())),
    ("`time.clock_gettime(CLOCK_MONOTONIC)`", reads(lambda: time.clock_gettime(time.CLOCK_MONOTONIC))),
    ("`time.clock_gettime(CLOCK_REALTIME)`", reads(lambda: time.clock_gettime(time.CLOCK_REALTIME))),
    ("`datetime.now`", reads(lambda: datetime.datetime.now().timestamp())),
    ("`datetime.now(UTC)`", reads(lambda: datetime.datetime.now(datetime.UTC).timestamp())),
    ("`datetime.utcnow`", reads(lambda: datetime.datetime.utcnow().timestamp())),
    ("`from datetime import datetime`, before the test", reads(lambda: imported_datetime.now().timestamp())),
    ("`date.today`", _days(lambda: datetime.date)),
    ("`from datetime import date`, before the test", _days(lambda: imported_date)),
    ("`uuid.uuid1`", reads(lambda: uuid.uuid1().time / 1e7)),
    ("`email.utils.formatdate`", reads(_formatted)),
    ("`logging.LogRecord.created`", reads(_logged)),
    ("the times of files", reads(_file_time)),
    ("`time.sleep` in the test's thread", waits(lambda: time.sleep(SHORT))),
    ("`from time import sleep`, before the test", waits(lambda: imported_sleep(SHORT))),
    ("`while monotonic() < end: sleep(…)`", waits(_polled)),
    ("`time.sleep` in a coroutine", in_asyncio(_sleep_in_coroutine)),
    ("`time.sleep` in another thread", waits(lambda: _in_thread(lambda: time.sleep(SHORT)))),
    ("`time.sleep` in `asyncio.to_thread`", in_asyncio(lambda: asyncio.to_thread(time.sleep, SHORT))),
    ("`sched.scheduler()`", waits(_scheduled)),
    ("`asyncio.sleep`", in_asyncio(lambda: asyncio.sleep(SHORT))),
    ("`asyncio.wait_for`", in_asyncio(lambda: asyncio.wait_for(asyncio.Event().wait(), SHORT))),
    ("`asyncio.timeout`", in_asyncio(_timeout)),
    ("`asyncio.wait(timeout=…)`", in_asyncio(_wait)),
    ("`loop.time`", in_asyncio(_loop_time)),
    ("`loop.call_later`, `call_at`", in_asyncio(_call_later)),
    ("`anyio.sleep` on asyncio", in_asyncio(lambda: anyio.sleep(SHORT))),
    (
        "`anyio.move_on_after`, `fail_after` on asyncio",
        in_asyncio(lambda: _move_on(anyio.move_on_after, anyio.sleep_forever)),
    ),
    ("`anyio.sleep` on trio", in_trio(lambda: anyio.sleep(SHORT))),
    ("`trio.sleep`", in_trio(lambda: trio.sleep(SHORT))),
    ("`trio.move_on_after`, `fail_after`", in_trio(lambda: _move_on(trio.move_on_after, trio.sleep_forever))),
    ("an asyncio subprocess", in_asyncio(_asyncio_process)),
    ("`threading.Event.wait(timeout)`", waits(lambda: threading.Event().wait(SHORT))),
    ("`threading.Condition.wait(timeout)`", waits(_condition)),
    ("`threading.Lock.acquire(timeout=…)`", waits(_lock)),
    ("`queue.Queue.get(timeout=…)`", waits(lambda: queue.Queue[int]().get(timeout=SHORT))),
    (
        "`concurrent.futures.Future.result(timeout)`",
        waits(lambda: concurrent.futures.Future[int]().result(SHORT)),
    ),
    ("`select.select`", waits(lambda: select.select([], [], [], SHORT))),
    ("`selectors`", waits(_selector)),
    ("`socket.settimeout`, on real sockets", waits(_socket)),
    ("`subprocess.run`", waits(partial(subprocess.run, ["sleep", str(SHORT)], check=True))),
]


def _threaded(function: Callable[[], float]) -> float:
    told: list[float] = []
    _in_thread(lambda: told.append(function()))
    return told[0]


if __name__ == "__main__":
    PAGE.write_text(generated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
