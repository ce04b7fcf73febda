"""A trio run on a virtual clock: when nothing can happen any more, the next thing due does.

Law: the clock moves only when no task can run, a fresh look at the sockets woke nobody, no thread works and nobody
holds it; then to the earliest of the clock's own deadlines and trio's, the clock's first on a tie.

trio asks its clock how long to sleep only when no task can run; all that is used is public but for five names, each
guarded: the run's clock (to adopt a run under way), its dice (they shuffle tasks), who waits for everybody else to be
blocked, the main task, and the abort of one blocked task (to tell it of a deadlock).
"""

from __future__ import annotations

import math
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, Protocol, cast
from weakref import WeakKeyDictionary

import trio
import trio.testing

from streamsim.clock.drivers import threads
from streamsim.errors import UsageError, VirtualDeadlock
from streamsim.units import SECOND, format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableSequence

    from streamsim.clock.core import VirtualClock

# While a thread works: how often to look, in real seconds, and how many looks it has: 30 s.
LOOK_S = 0.0005
LOOKS = 60_000
# The same while nothing but a socket is waited for.
SOCKET_LOOK_S = 0.05
SOCKET_LOOKS = 600
# trio's own task that waits to be woken by threads waits on a socket, too.
OWN_SOCKETS = 1
# What a waiting task's file and line are not looked for in.
LIBRARIES = frozenset({"anyio", "h11", "httpcore", "httpcore2", "httpx", "httpx2", "outcome", "streamsim", "trio"})


# The insides of trio, by name: a module, two of its globals, and two attributes of a task.
INSIDE = import_module("trio._core._run")
DICE, SORTED = "_r", "_ALLOW_DETERMINISTIC_SCHEDULING"
ABORT_FUNCTION, ABORT = "_abort_func", "_attempt_abort"


class _Run(Protocol):
    clock: trio.abc.Clock
    main_task: trio.lowlevel.Task | None
    waiting_for_idle: object


class TrioClock(trio.abc.Clock, trio.abc.Instrument):
    """``trio.run(main, clock=TrioClock(clock))``; for one run. Tasks run in the order in which they were started.

    Attributes:
        clock: Moves when the run has nothing else to do. By hand it may be moved, too.
        owner: The task that is told of a deadlock; None: the main task.

    """

    def __init__(self, clock: VirtualClock, *, now: float = 0.0) -> None:
        """Let trio's time be ``now`` seconds at the clock's present."""
        self.clock = clock
        self.owner: trio.lowlevel.Task | None = None
        self._base = now - clock.now_ns() / SECOND
        # Of trio's time at one instant: at least, at most.
        self._at_ns = -1
        self._floor = self._ceiling = 0.0
        self._quiet = False
        self._told = False
        self._looks = 0
        self._in_order = False

    # As trio's clock.

    def start_clock(self) -> None:
        """Begin; called by trio in the run."""
        self.keep_order()
        trio.lowlevel.add_instrument(self)

    def current_time(self) -> float:
        """Return trio's time: while a deadline expires not 1 ulp less than that, and before it on a tie not as much."""
        now_ns = self.clock.now_ns()
        now = self._base + now_ns / SECOND
        return max(min(now, self._ceiling), self._floor) if now_ns == self._at_ns else now

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Move the clock if nothing else can happen; return how many real seconds to watch the sockets."""
        if deadline <= self.current_time():
            return 0
        if not self._quiet:
            return self._look()
        self._quiet = False
        if _runner().waiting_for_idle:
            return math.inf  # wait_all_tasks_blocked() comes before any deadline
        try:
            return self._move(deadline)
        except Exception as error:  # noqa: BLE001 - a callback's error belongs to the test, not to the run loop
            self._tell(error)
            return 0

    # As an instrument of the run.

    def task_scheduled(self, task: trio.lowlevel.Task) -> None:  # noqa: ARG002 - any task
        """Note that somebody can run."""
        self._quiet = self._told = False
        self._looks = 0
        self._floor = -math.inf  # what is due has expired; no error of rounding is carried on to the next deadline

    def after_run(self) -> None:
        """End with the run."""
        self.release_order()

    def keep_order(self) -> None:
        """Make this run's tasks take turns in the order they were started."""
        if not self._in_order:
            self._in_order = True
            _Dice.put_away()

    def release_order(self) -> None:
        """Let trio shuffle again."""
        if self._in_order:
            self._in_order = False
            _Dice.bring_back()

    def _look(self) -> float:
        """Look at threads, then have trio look at its sockets once more: what a thread did before is seen then."""
        if self.clock.held or trio.testing.active_thread_count() or threads.busy():
            return self._wait_real(LOOK_S, LOOKS, "holds of the clock, or threads at work")
        self._quiet = True
        return 0

    def _wait_real(self, seconds: float, limit: int, what: str) -> float:
        self._looks += 1
        if self._looks > limit:
            self._looks = 0
            self._tell(self._deadlock(f"{limit * seconds:.0f} real seconds went by waiting for {what}"))
            return 0
        return seconds

    def _move(self, deadline: float) -> float:
        due_ns = self.clock.next_ns()
        target_ns = None if deadline == math.inf else self._as_ns(deadline)
        if due_ns is not None and (target_ns is None or due_ns <= target_ns):
            before = math.nextafter(deadline, -math.inf) if due_ns == target_ns else math.inf
            self._at_ns, self._floor, self._ceiling = due_ns, -math.inf, before
            self.clock.run_next()
        elif target_ns is not None:
            self.clock.advance_to_ns(target_ns)
            self._at_ns, self._floor, self._ceiling = self.clock.now_ns(), deadline, math.inf
        else:
            return self._stuck()
        return 0

    def _as_ns(self, deadline: float) -> int:
        """Return the nanosecond that ``deadline`` means; nearly, where trio's time is too big for a float to say."""
        coarse = 2 * math.ulp(deadline) * SECOND
        digits = math.ceil(math.log10(coarse)) if coarse > 1 else 0
        return round(round((deadline - self._base) * SECOND), -digits)

    def _stuck(self) -> float:
        told = trio.lowlevel.current_statistics().io_statistics
        sockets = sum(
            value for name in dir(told) if name.startswith("tasks_waiting") for value in [getattr(told, name)]
        )
        if sockets > OWN_SOCKETS:
            return self._wait_real(SOCKET_LOOK_S, SOCKET_LOOKS, "a socket")
        self._tell(self._deadlock("nothing is scheduled that could wake any task"))
        return 0

    def _deadlock(self, problem: str) -> VirtualDeadlock:
        waiting = "\n".join(f"  {line}" for line in _waiting(self._owner()))
        at = format_duration(self.clock.now_ns())
        remedy = f"let something happen, or set a time limit; waiting are:\n{waiting}"
        return VirtualDeadlock(f"virtual time {at}", problem, remedy)

    def _owner(self) -> trio.lowlevel.Task | None:
        owner = self.owner
        if owner is None or owner.coro.cr_frame is None:
            owner = getattr(_runner(), "main_task", None)
        return owner

    def _tell(self, error: Exception) -> None:
        """Raise ``error`` where the owner waits; in the run loop if that cannot be, which ends the run."""
        owner = self._owner()
        if self._told or getattr(owner, ABORT_FUNCTION, None) is None:
            raise error
        self._told = True

        def throw() -> NoReturn:
            raise error

        getattr(owner, ABORT)(throw)  # what trio does itself for a KeyboardInterrupt


class Adoption:
    """A run that was under way when it got its virtual clock; until :meth:`detach`, or its end."""

    def __init__(self, run: _Run, clock: TrioClock) -> None:
        self.clock = clock
        self._run = run
        self._former = run.clock

    def detach(self) -> None:
        """Give the run real time again, from the virtual present on; does nothing a second time, or after the run."""
        if self._run.clock is not self.clock:
            return
        self._run.clock = _Continued(self._former, self.clock.current_time())
        self.clock.release_order()
        if getattr(INSIDE.GLOBAL_RUN_CONTEXT, "runner", None) is self._run:
            trio.lowlevel.remove_instrument(self.clock)


def adopt(clock: VirtualClock) -> Adoption:
    """Let the trio run that the caller is in use ``clock`` from now on; its deadlines stay as far away as they are.

    The calling task is the one that is told of a deadlock. Of a run that uses ``clock`` already the same adoption is
    returned.

    Raises:
        UsageError: The run has a clock that is neither the system's nor this one.

    """
    run = _runner()
    former = run.clock
    if isinstance(former, TrioClock) and former.clock is clock:
        return _adoptions.setdefault(former, Adoption(run, former))
    if isinstance(former, TrioClock):
        raise UsageError("trio", "this run is on another virtual clock", "detach that first")
    if not isinstance(former, INSIDE.SystemClock | _Continued):
        name = type(former).__name__
        raise UsageError("trio", f"this run has a clock of its own, {name}", "let it have the system's: no clock=")
    mine = TrioClock(clock, now=former.current_time())
    mine.owner = trio.lowlevel.current_task()
    adoption = Adoption(run, mine)
    _adoptions[mine] = adoption
    mine.start_clock()
    run.clock = mine
    return adoption


_adoptions: WeakKeyDictionary[TrioClock, Adoption] = WeakKeyDictionary()


class _Continued(trio.abc.Clock):
    """Real time from a given present on."""

    def __init__(self, real: trio.abc.Clock, now: float) -> None:
        self._real = real
        self._ahead = now - real.current_time()

    def start_clock(self) -> None:
        """Do nothing: the run began long ago."""

    def current_time(self) -> float:
        return self._real.current_time() + self._ahead

    def deadline_to_sleep_time(self, deadline: float) -> float:
        return self._real.deadline_to_sleep_time(deadline - self._ahead)


class _Dice:
    """What trio shuffles runnable tasks with; while it is put away, they run in the order they were started."""

    _away = 0
    _former: tuple[object, object] = (None, None)

    @classmethod
    def put_away(cls) -> None:
        if not cls._away:
            cls._former = (_private(DICE), _private(SORTED))
            cls._set(_InOrder(cls._former[0]), True)  # noqa: FBT003 - a value to set
        cls._away += 1

    @classmethod
    def bring_back(cls) -> None:
        cls._away -= 1
        if not cls._away:
            cls._set(*cls._former)

    @staticmethod
    def _set(dice: object, sorts: object) -> None:
        setattr(INSIDE, DICE, dice)
        setattr(INSIDE, SORTED, sorts)


class _InOrder:
    """Stands in for trio's random numbers: its run loop sorts tasks by age, "shuffles", and takes them from the end."""

    def __init__(self, real: object) -> None:
        self._real = real

    def shuffle(self, batch: MutableSequence[object]) -> None:
        batch.reverse()

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


def _private(name: str) -> object:
    try:
        return getattr(INSIDE, name)
    except AttributeError:
        raise _unknown_trio(name) from None


def _runner() -> _Run:
    runner = getattr(INSIDE.GLOBAL_RUN_CONTEXT, "runner", None)
    if runner is None:
        raise UsageError("trio", "no trio run is under way in this thread", "call this from one of its tasks")
    for name in ("clock", "waiting_for_idle"):
        if not hasattr(runner, name):
            raise _unknown_trio(name)
    return cast("_Run", runner)


def _unknown_trio(name: str) -> UsageError:
    return UsageError("trio", f"version {trio.__version__} has no {name} any more", "use one from 0.30 to 0.35")


def _waiting(task: trio.lowlevel.Task | None) -> Iterator[str]:
    """Yield where ``task`` and all it started wait."""
    if task is None:
        return
    yield f"{task.name} at {_place(task)}"
    for nursery in task.child_nurseries:
        for child in sorted(nursery.child_tasks, key=lambda child: child.name):
            yield from _waiting(child)


def _place(task: trio.lowlevel.Task) -> str:
    """Return the file and line of the innermost await that is in no library; of the innermost one if all are."""
    places = [
        (frame.f_globals.get("__name__", "").partition(".")[0], f"{frame.f_code.co_filename}:{line}")
        for frame, line in task.iter_await_frames()
    ]
    own = [place for package, place in places if package not in LIBRARIES]
    return (own or [place for _, place in places] or ["nowhere"])[-1]
