"""What the other threads of this process do: work, or wait until somebody wakes them.

Law: when in doubt, a thread works. It is parked when its innermost Python frame is a known wait that nobody has ended
yet; or when it has stood at one instruction without using the processor for 50 real milliseconds, and Linux does not
say that it sleeps or waits for a child process: such a thread comes back by itself, however long it takes.
"""

from __future__ import annotations

import _thread
import concurrent.futures.thread
import os
import select
import selectors
import sys
import threading
import time
from typing import TYPE_CHECKING
from weakref import WeakSet

from streamsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sized
    from types import CodeType, FrameType, FunctionType

# How long a thread that waits in some C function must have done nothing at all, to be taken for parked.
PARKED_AFTER_NS = 50_000_000

# Numbers of the system calls nanosleep, clock_nanosleep, wait4 and waitid (syscalls(2)).
_COMES_BACK = {"x86_64": {"35", "230", "61", "247"}, "aarch64": {"101", "115", "260", "95"}}.get(
    os.uname().machine if hasattr(os, "uname") else "", set[str]()
)

# What the interpreter offers under private names, for purposes like this one; each is there since 3.2 at least.
others: Callable[[], int] = vars(_thread)["_count"]
_current_frames: Callable[[], dict[int, FrameType]] = vars(sys)["_current_frames"]
_worker: FunctionType = vars(concurrent.futures.thread)["_worker"]

_disregarded: WeakSet[threading.Thread] = WeakSet()
_stood: dict[int, tuple[tuple[int, int, int], int]] = {}


def busy() -> int:
    """Return how many other Python threads are not parked; next to nothing with one thread."""
    return sum(1 for _ in _working()) if others() else 0


def working() -> list[str]:
    """Return the name and place of each thread that :func:`busy` counts, for people."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    told: list[str] = []
    for ident, frame in _working():
        place = "just starting" if frame is None else f"at {frame.f_code.co_filename}:{frame.f_lineno}"
        told.append(f"{names.get(ident, 'a thread')} {place}")
    return told


def disregard(thread: threading.Thread) -> None:
    """Never count ``thread``: it works or sleeps for itself, and nobody waits for it."""
    _disregarded.add(thread)


def anyio_jobs(loop: object) -> int:
    """Return how many threads of anyio work for ``loop``; anyio does not use its executor.

    Raises:
        UsageError: This version of anyio counts them in another way.

    """
    backend, lowlevel = sys.modules.get("anyio._backends._asyncio"), sys.modules.get("anyio.lowlevel")
    if backend is None or lowlevel is None:
        return 0
    try:
        found: dict[object, Sized] = lowlevel._run_vars.get(loop) or {}  # noqa: SLF001 - tasks only have a public way
        busy, idle = backend._threadpool_workers, backend._threadpool_idle_workers  # noqa: SLF001 - as above
    except AttributeError as error:
        raise UsageError("anyio", f"its threads cannot be counted: {error}", "use anyio 4") from error
    return len(found.get(busy, ())) - len(found.get(idle, ()))


def only_idle_workers() -> bool:
    """Tell whether no other thread can come back but by being called: all wait for work, or to be notified."""
    if not others():
        return True
    me = threading.get_ident()
    frames = _current_frames()
    return all(_waits_for_work(frame) for ident, frame in frames.items() if ident != me)


def _waits_for_work(frame: FrameType) -> bool:
    if frame.f_code in _FOR_WORK:
        return frame.f_locals.get("timeout") is None
    known = _named(frame)
    return known is not None and known(frame)


def _working() -> Iterator[tuple[int, FrameType | None]]:
    me = threading.get_ident()
    frames = _current_frames()
    ignored = {thread.ident for thread in _disregarded}
    for _ in range(others() - len(frames) + 1):
        yield 0, None
    for ident, frame in frames.items():
        if ident != me and ident not in ignored and not _parked(ident, frame):
            yield ident, frame
    for ident in _stood.keys() - frames.keys():
        del _stood[ident]


def _parked(ident: int, frame: FrameType) -> bool:
    known = _WAITS.get(frame.f_code) or _named(frame)
    return known(frame) if known is not None else _stands(ident, frame)


def _named(frame: FrameType) -> Callable[[FrameType], bool] | None:
    return _NAMED.get((frame.f_globals.get("__name__"), frame.f_code.co_qualname))


def _stands(ident: int, frame: FrameType) -> bool:
    """Tell whether a thread in an unknown place has long stood still, and will not go on by itself."""
    try:
        used_ns = time.clock_gettime_ns(time.pthread_getcpuclockid(ident))
    except (AttributeError, OSError):
        used_ns = 0
    mark = (id(frame), frame.f_lasti, used_ns)
    now_ns = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    before = _stood.get(ident)
    if before is None or before[0] != mark:
        _stood[ident] = (mark, now_ns)
        return False
    return now_ns - before[1] >= PARKED_AFTER_NS and not _comes_back(ident)


def _comes_back(ident: int) -> bool:
    """Tell whether the thread runs, sleeps or waits for a child, as far as the system tells: Linux does (proc(5))."""
    native = next((thread.native_id for thread in threading.enumerate() if thread.ident == ident), None)
    try:
        with open(f"/proc/self/task/{native}/syscall", encoding="ascii") as told:  # noqa: PTH123 - read every millisecond
            call = told.read().split(" ", 1)[0].strip()
    except OSError:
        return False
    return call == "running" or call in _COMES_BACK


def _is_waiting(frame: FrameType) -> bool:
    """``Condition.wait``: parked until its lock is let go by ``notify``, though it may take a while to notice.

    Not parked is who waits for a thread to start, which nobody sees before it has.
    """
    caller = frame.f_back.f_back if frame.f_back is not None else None
    if caller is not None and caller.f_code is threading.Thread.start.__code__:
        return False
    seen = frame.f_locals
    waiter = seen.get("waiter")
    return waiter is not None and waiter.locked() and waiter in seen["self"]._waiters  # noqa: SLF001 - there since 2.0


def _has_no_job(frame: FrameType) -> bool:
    """The loop of an executor's thread: parked while nothing is in the queue and nothing has just been taken."""
    return frame.f_locals.get("work_item") is None and frame.f_locals["work_queue"].empty()


def _hears_nothing(frame: FrameType) -> bool:
    """A selector's ``select``: parked while nothing that it watches is ready; epoll and kqueue are files themselves."""
    fileno = getattr(frame.f_locals.get("self"), "fileno", None)
    if fileno is None:
        return True
    poll = select.poll()
    try:
        poll.register(fileno(), select.POLLIN)
    except ValueError:  # closed meanwhile
        return False
    return not poll.poll(0)


def _always(_: FrameType) -> bool:
    return True


def _trio_has_no_job(frame: FrameType) -> bool:
    return getattr(frame.f_locals.get("self"), "_job", None) is None


def _waits() -> Iterator[tuple[CodeType, Callable[[FrameType], bool]]]:
    yield threading.Condition.wait.__code__, _is_waiting
    yield _worker.__code__, _has_no_job
    yield threading.Thread.join.__code__, _always
    for owner, name in ((threading.Thread, "_wait_for_tstate_lock"), (threading, "_shutdown")):
        code: CodeType | None = getattr(getattr(owner, name, None), "__code__", None)
        if code is not None:  # how 3.11 and 3.12 join
            yield code, _always
    for kind in vars(selectors).values():
        method = vars(kind).get("select") if isinstance(kind, type) else None
        if method is not None:
            yield method.__code__, _hears_nothing


_WAITS = dict(_waits())
_FOR_WORK = {threading.Condition.wait.__code__, _worker.__code__}
# The same in modules that this one does not import: threads of trio without a job, pytest-xdist's reader of commands.
_NAMED: dict[tuple[object, str], Callable[[FrameType], bool]] = {
    ("trio._core._thread_cache", "WorkerThread._work"): _trio_has_no_job,
    ("execnet.gateway_base", "Popen2IO.read"): _always,
}
