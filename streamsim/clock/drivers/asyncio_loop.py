"""asyncio in virtual time: any running loop with a selector is attached to a clock, and detached again.

The law is when the clock may move. Only when the loop has nothing to do, a look at its files just now found none
ready, and nobody outside works for it: no executor, no thread that is not parked, no other process, nobody who holds
the clock. Then it moves to what is due next and lands on it exactly. At one instant the clock's callbacks come first
and all that follows from them, the loop's timers last: data wins against a time-out.
"""

from __future__ import annotations

import asyncio
import math
import time
from heapq import heapify
from typing import TYPE_CHECKING, Literal, TypedDict, cast

from streamsim.clock.drivers import asyncio_tasks, threads
from streamsim.clock.drivers.asyncio_files import WatchingSelector
from streamsim.clock.drivers.asyncio_timers import NEVER_NS, LoopTimes
from streamsim.errors import UsageError, VirtualDeadlock
from streamsim.units import SECOND

if TYPE_CHECKING:
    import selectors
    from collections import deque
    from collections.abc import Callable
    from concurrent.futures import Executor

    from streamsim.clock.core import VirtualClock
    from streamsim.clock.drivers.asyncio_files import Ready

HANG_LIMIT_S = 30.0
# How long threads that wait in ways of their own get to wake the loop before it is called dead.
LAST_CHANCE_S = 1.0
# Turns of the loop at one instant without any input: before timers stop giving way, and between looks at real time.
PATIENT_TURNS = 200
TURNS_BETWEEN_LOOKS = 1 << 14
# Deadlocks at one instant that are reported in a task that goes on regardless.
REPORTS = 5


class _Needed(TypedDict):
    """Attributes of asyncio's own loops, private since 3.4 and the same up to 3.13."""

    _selector: selectors.BaseSelector | None
    _scheduled: list[asyncio.TimerHandle]
    _ready: deque[asyncio.Handle]
    _timer_cancelled_count: int


class _Insides(_Needed, total=False):
    """The same, and what is put over a loop's methods."""

    time: Callable[[], float]
    call_later: Callable[..., asyncio.TimerHandle]
    call_at: Callable[..., asyncio.TimerHandle]
    run_in_executor: Callable[..., asyncio.Future[object]]
    shutdown_default_executor: Callable[..., object]


_REPLACED = ("time", "call_later", "call_at", "run_in_executor", "shutdown_default_executor")


def attach(clock: VirtualClock, loop: asyncio.AbstractEventLoop | None = None) -> Attachment:
    """Have ``clock`` be the time of ``loop``, by default of the running one; from now on, if it runs already.

    Timers that are pending keep their distance. The loop's own ``time()`` goes on from where it is, or up to a second
    later, so that its whole seconds are the clock's. Attached already, it stays attached.

    Raises:
        UsageError: The loop cannot live in virtual time, as those of uvloop; or is attached to another clock.

    """
    loop = loop or asyncio.get_running_loop()
    kind = f"{type(loop).__module__}.{type(loop).__qualname__}"
    known = attached(loop)
    if known is not None:
        if known.clock is not clock:
            raise UsageError(kind, "the event loop runs on another virtual clock already", "detach that one first")
        return known
    if not isinstance(loop, asyncio.SelectorEventLoop) or any(
        name not in vars(loop) for name in _Needed.__annotations__
    ):
        problem = "this event loop keeps its time where no virtual clock can reach it"
        remedy = "use asyncio's own (asyncio.SelectorEventLoop; no uvloop policy or loop factory) in this test"
        raise UsageError(kind, problem, f"{remedy}, or a server in real time")
    if loop.is_closed():
        raise UsageError(kind, "the event loop is closed", "attach one that is open")
    return Attachment(loop, clock)


def attached(loop: asyncio.AbstractEventLoop) -> Attachment | None:
    """Return what attaches ``loop`` to a clock, if anything does."""
    selector = getattr(loop, "_selector", None)
    return selector.attachment if isinstance(selector, _Selector) else None


class Attachment:
    """A loop on a virtual clock.

    Attributes:
        loop: The loop.
        clock: The clock.
        owner: The task in which a deadlock is raised: at first the one that attached the loop, if any.
        hang_limit_s: For how many real seconds to wait for work outside the loop before that is a deadlock, too.
        deadlock: The last deadlock, also where whoever it was raised in has caught it.

    """

    def __init__(self, loop: asyncio.SelectorEventLoop, clock: VirtualClock) -> None:
        self.loop = loop
        self.clock = clock
        self.owner: asyncio.Task[object] | None = _current_task(loop)
        self.hang_limit_s = HANG_LIMIT_S
        self.deadlock: VirtualDeadlock | None = None
        self.jobs = 0
        self._inside = cast("_Insides", vars(loop))
        now_s = type(loop).time(loop)
        base = math.ceil(now_s - clock.now_ns() / SECOND)
        self._times = LoopTimes(loop, clock, base, self._inside["_ready"])
        self._shift(base + clock.now_ns() / SECOND - now_s)
        inner = self._inside["_selector"]
        assert inner is not None  # noqa: S101 - the loop is open
        self._selector = _Selector(self, inner, self._inside, self._times)
        self._install()

    def _install(self) -> None:
        inside, times, loop = self._inside, self._times, self.loop
        times.adopt(inside["_scheduled"])
        inside["_selector"] = self._selector
        inside["time"] = times.time
        inside["call_later"] = times.call_later
        inside["call_at"] = times.call_at
        run_in_executor, shut_down = loop.run_in_executor, loop.shutdown_default_executor

        def counted(executor: Executor | None, func: Callable[..., object], *args: object) -> asyncio.Future[object]:
            future = run_in_executor(executor, func, *args)
            self.jobs += 1
            future.add_done_callback(self._job_done)
            return future

        async def waited_for(*args: float) -> None:
            self.jobs += 1
            try:
                await shut_down(*args)
            finally:
                self.jobs -= 1

        inside["run_in_executor"] = counted
        inside["shutdown_default_executor"] = waited_for

    def _job_done(self, _: object) -> None:
        self.jobs -= 1

    def detach(self) -> None:
        """Give the loop its real time back; timers that are pending keep their distance. Harmless when done before."""
        inside = self._inside
        if self._selector.over:
            return
        self._selector.over = True
        now_s = self.loop.time()
        if inside.get("_selector") is self._selector:
            inside["_selector"] = self._selector.inner
        for name in _REPLACED:
            cast("dict[str, object]", inside).pop(name, None)
        inside["_scheduled"] += self._times.give_back()
        inside["_timer_cancelled_count"] = 0
        self._shift(self.loop.time() - now_s)
        heapify(inside["_scheduled"])

    def _shift(self, seconds: float) -> None:
        for handle in self._inside["_scheduled"]:
            handle._when += seconds  # type: ignore[attr-defined]  # noqa: SLF001 - in its slots since 3.4

    def on_idle(self, look: Callable[[], bool]) -> None:
        """Call ``look`` whenever the loop has nothing left to do at one instant, until it returns True."""
        self._selector.looks.append(look)


def _current_task(loop: asyncio.AbstractEventLoop) -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task(loop)
    except RuntimeError:  # no loop runs
        return None


class _Selector(WatchingSelector):
    """Stands before the loop's real selector: its ``select`` is where an idle loop waits, so here time moves."""

    def __init__(
        self, attachment: Attachment, inner: selectors.BaseSelector, inside: _Insides, times: LoopTimes
    ) -> None:
        super().__init__(inner)
        self.attachment = self.idling = attachment
        self.looks: list[Callable[[], bool]] = []
        self.over = False
        self._clock = attachment.clock
        self._inside = inside
        self._ready = inside["_ready"]
        self._times = times
        self._give_way = False  # timers that are due, to all else at this instant
        self._turns = 0
        self._turning_ns = 0
        self._dead_ns: tuple[int, int] = (-1, 0)

    def select(self, timeout: float | None = None) -> Ready:
        """Return what is ready; where nothing is, and the loop would wait, let time go on."""
        ready = self.look()
        if self._inside["_scheduled"]:  # by a way around the loop's own methods
            self._times.adopt(self._inside["_scheduled"])
        if ready:
            self._turns = 0
        elif self._ready or (timeout is not None and timeout <= 0) or self._times.due():
            self._turn()
        else:
            return self._idle()
        if not self._give_way and self._times.due():
            self._release(ready)
        return ready

    def _release(self, ready: Ready) -> None:
        """Have due timers run, behind the callbacks of the files that are ready."""
        if ready:
            self.attachment.loop.call_soon(self._times.release)
        else:
            self._times.release()

    def _turn(self) -> None:
        """The loop has callbacks to run, or timers that are due now: these give way as long as there are callbacks."""
        self._count_turn()
        if self._turns > PATIENT_TURNS or not (self._ready or self._looked() or self._run_due()):
            self._give_way = False

    def _run_due(self) -> bool:
        """Run what comes next by the clock at this very instant; return whether anything does."""
        due_ns = self._clock.next_ns()
        if due_ns is None or due_ns > self._clock.now_ns():
            return False
        self._run_next(due_ns)
        return True

    def _idle(self) -> Ready:
        while not self.over:
            if self.looks and self._looked():
                return self.look()
            if self._outside():
                ready = self._wait()
                if ready is not None:
                    return ready
            # What a thread sent before it was seen parked is visible by now: look again before time moves.
            ready = self.look() if threads.others() else []
            if ready or self._ready:
                return ready
            stepped = self._step()
            if stepped == "woke":
                return []
            ready = self.look()
            if ready or stepped or self._ready:
                return ready
        return []

    def _step(self) -> Literal["", "ran", "woke"]:
        """Go to what is due next and run it; tell whether these were timers of the loop, or even only ends of sleeps.

        These write to no file, so there is nothing new to look for.
        """
        clock = self._clock
        due_ns, timer_ns = clock.next_ns(), self._times.next_ns()
        if due_ns is not None and due_ns <= timer_ns:
            self._run_next(due_ns)
        elif timer_ns < NEVER_NS:
            clock.advance_to_ns(timer_ns)
            self._give_way = False
            self._turns = 0
            return "ran" if self._times.run_due() else "woke"  # here, and not in a turn that does nothing else
        else:
            self._nothing_due()
        return ""

    def _run_next(self, due_ns: int) -> None:
        if due_ns > self._clock.now_ns():
            self._turns = 0
        else:
            self._count_turn()
        self._give_way = True
        try:
            self._clock.run_next()
        except Exception as error:  # noqa: BLE001 - as for any callback of the loop
            context = {"message": "Exception in a callback of the virtual clock", "exception": error}
            self.attachment.loop.call_exception_handler(context)

    def _looked(self) -> bool:
        """Let those look who wait for the loop to be idle; return whether that gave it something to do."""
        if not self.looks:
            return False
        looks, self.looks = self.looks, []
        again = [look for look in looks if not look()]
        self.looks += again
        return len(again) < len(looks) or bool(self._ready)

    def _outside(self) -> bool:
        """Tell whether somebody works whose time is real."""
        return bool(
            self.attachment.jobs
            or self._clock.held
            or self.peers.outside()
            or (threads.others() and (threads.anyio_jobs(self.attachment.loop) or threads.busy()))
        )

    def _wait(self) -> Ready | None:
        """Wait for those outside in real time; None when they are done without the loop having anything to do."""
        began_ns = _real_ns()
        pause_s = 0.0005
        while self._outside():
            ready = self.inner.select(pause_s)
            if ready or self._ready:
                return ready
            if _real_ns() - began_ns > self.attachment.hang_limit_s * SECOND:
                self._dead(f"nothing came in {self.attachment.hang_limit_s:g} real seconds from {self._who()}", _END_IT)
                return []
            pause_s = min(2 * pause_s, 0.005)
        return None

    def _who(self) -> str:
        told = [f"{self.attachment.jobs} jobs in executors"] if self.attachment.jobs else []
        told += ["whoever holds the clock"] if self._clock.held else []
        told += [f"the peer {one}" for one in self.peers.outsiders()]
        told += [f"thread {one}" for one in threads.working()]
        return ", ".join(told) or "outside"

    def _nothing_due(self) -> None:
        if not threads.only_idle_workers():
            began_ns = _real_ns()
            while _real_ns() - began_ns < min(LAST_CHANCE_S, self.attachment.hang_limit_s) * SECOND:
                if self.inner.select(0.01):
                    return
        self._dead("everybody waits and nothing is due, ever", "await something that comes, or give it a time-out")

    def _count_turn(self) -> None:
        """Guard against turning for ever at one instant, as one does who waits for time to pass without sleeping."""
        self._turns += 1
        if self._turns % TURNS_BETWEEN_LOOKS:
            return
        now_ns = _real_ns()
        if self._turns == TURNS_BETWEEN_LOOKS:
            self._turning_ns = now_ns
        elif now_ns - self._turning_ns > self.attachment.hang_limit_s * SECOND:
            self._turns = 0
            self._dead(f"callbacks went on for {self.attachment.hang_limit_s:g} real seconds at one instant", _SLEEP)

    def _dead(self, problem: str, remedy: str) -> None:
        """Raise the deadlock in the owner; where there is none any more, or it will not listen, out of the loop.

        Raises:
            VirtualDeadlock: There is no other way to tell.

        """
        now_ns, owner = self._clock.now_ns(), self.attachment.owner
        tasks = "; ".join(asyncio_tasks.waiting(self.attachment.loop, owner))
        error = VirtualDeadlock(f"virtual time {now_ns / SECOND:.9g} s", f"{problem} ({tasks or 'no task'})", remedy)
        self.attachment.deadlock = error
        reports = self._dead_ns[1] + 1 if self._dead_ns[0] == now_ns else 1
        self._dead_ns = now_ns, reports
        if owner is None or owner.done() or reports > REPORTS or not asyncio_tasks.interrupt(owner, error):
            raise error


_END_IT = "end that work or close that connection, or wait for it before time matters"
_SLEEP = "sleep instead of looking at the time again and again"


def _real_ns() -> int:
    """Return real time, whatever is patched: nobody patches this way to ask for it."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)
