"""The functions of the module ``time`` in virtual time: those that read a clock, and ``sleep``.

Law: what code under test asks gets virtual time, however it got hold of the function by name; what runs the test (an
event loop, pytest, hypothesis, ``threading``) gets real time; and afterwards everything is as it was. A replacement
that somebody kept is real again as soon as no clock is patched in.

Not covered are functions that were kept elsewhere than in a module (as a default argument, in a class or a list) before
the patch, and clocks that are read without ``time``: by C code and by ``datetime``, for which see ``freezing.py``.
"""

from __future__ import annotations

import sys
import threading
import time
from types import BuiltinFunctionType, ModuleType
from typing import TYPE_CHECKING, Any, cast

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers import blocking
from streamsim.errors import UsageError
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType
    from typing import Self

    Namespace = dict[str, Any]
    Function = Callable[..., Any]

# What runs tests, or waits for something: it sees real time, or has its own way to virtual time. Names of modules, and
# of the packages that they are in.
APART = frozenset(
    (
        *("_pytest", "pluggy", "pytest", "pytest_asyncio", "pytest_benchmark", "pytest_timeout", "xdist", "execnet"),
        *("unittest", "hypothesis", "coverage", "freezegun", "time_machine"),
        *("debugpy", "pydevd", "_pydevd_bundle", "_pydevd_frame_eval"),
        *("asyncio", "concurrent", "threading", "queue", "selectors", "subprocess", "multiprocessing", "socketserver"),
        *("importlib", "anyio", "trio", "uvloop", "streamsim"),
    )
)

# Documented, whatever its name, and the quick way to the caller.
FRAME: Callable[[int], FrameType] = getattr(sys, "_getframe")  # noqa: B009 - it is named like something private

# The real functions by name. (In a dictionary, not in names of this module: there other patches look.)
REAL: dict[str, Function] = {
    name: getattr(time, name)
    for name in (
        *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "sleep"),
        *("localtime", "gmtime", "ctime", "asctime", "strftime"),
    )
}


class State:
    """What is patched in now: the innermost of the patches that are active."""

    clock: VirtualClock | None = None
    thread = 0


STACK: list[Patch] = []


def patched(clock: VirtualClock) -> Patch:
    """Return a context manager, also with ``start()`` and ``stop()``, that makes ``time`` tell ``clock``.

    ``time`` and ``time_ns`` (and ``localtime``, ``gmtime``, ``ctime``, ``asctime``, ``strftime`` without a time) tell
    the clock's date, ``monotonic``, ``perf_counter`` and their ``_ns`` its time since zero, in every thread. ``sleep``
    moves the clock in the thread that started the patch; in others it sleeps.
    """
    return Patch(clock)


class Patch:
    """See :func:`patched`. Patches nest; one can be used again, but not within itself."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._thread = 0

    def start(self) -> None:
        """Make it so, for this thread's sleeps and everybody's reading.

        Raises:
            UsageError: It is active already; or the functions had been replaced before this module was imported, so
                that nobody knows the real ones.

        """
        if self in STACK:
            raise UsageError("time functions", "this patch is active already", "stop it first, or make another")
        for name, function in REAL.items():
            if not isinstance(function, BuiltinFunctionType):
                problem = "was replaced before streamsim first saw it"
                raise UsageError(f"time.{name}", problem, "import streamsim.clock.drivers.time_functions earlier")
        self._thread = threading.get_ident()
        STACK.append(self)
        _enter(self)
        _put(REAL, FAKES)

    def stop(self) -> None:
        """Put everything back; nothing happens if it is not active."""
        if self not in STACK:
            return
        STACK.remove(self)
        _enter(STACK[-1] if STACK else None)
        if not STACK:
            _put(FAKES, REAL)

    def again(self) -> None:
        """Take ``time`` back from freezegun, which replaces some of its functions, or puts the real ones back."""
        space = time.__dict__
        for name, fake in FAKES.items():
            if space[name] is REAL[name] or str(getattr(space[name], "__module__", None)).startswith("freezegun"):
                space[name] = fake

    def enter(self) -> None:
        """Become what is asked."""
        State.clock, State.thread = self._clock, self._thread

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _enter(patch: Patch | None) -> None:
    if patch is None:
        State.clock = None
    else:
        patch.enter()


class Fake:
    """Stands for a function of ``time``: virtual while a clock is patched in, else the real one.

    An object and not a function, so that it is no method where it is kept in a class; pickled and copied like the real
    one.
    """

    def __init__(self, name: str, virtual: Function) -> None:
        self.__name__ = self.__qualname__ = name
        self.__module__ = "time"
        self.__doc__ = REAL[name].__doc__
        self._real = REAL[name]
        self._virtual = virtual

    def __call__(self, *args: object) -> object:
        """Do what is asked in the time of the caller."""
        clock = State.clock
        if clock is None or apart(FRAME(1).f_globals.get("__name__")):
            return self._real(*args)
        return self._virtual(clock, *args)

    def __repr__(self) -> str:
        return f"<virtual function time.{self.__name__}>"

    def __reduce__(self) -> str:
        return self.__name__


KNOWN: dict[object, bool] = {}


def apart(module: object) -> bool:
    """Tell whether the module of this name is one of those that see real time."""
    known = KNOWN.get(module)
    if known is None:
        name = str(module)
        known = KNOWN[module] = any(part in APART for part in _packages(name))
    return known


def _packages(name: str) -> Iterator[str]:
    """Yield ``a``, ``a.b``, ``a.b.c``."""
    end = name.find(".")
    while end > 0:
        yield name[:end]
        end = name.find(".", end + 1)
    yield name


def _sleep(clock: VirtualClock, seconds: float, /) -> None:
    if threading.get_ident() == State.thread:
        blocking.sleep(clock, seconds)
    else:
        REAL["sleep"](seconds)


def _seconds(clock: VirtualClock) -> float:
    return clock.now_ns() / SECOND


def _date(clock: VirtualClock) -> float:
    return clock.wall_ns() / SECOND


def _broken_down(name: str) -> Function:
    """Return a function of a number of seconds, which is now if there is none."""

    def function(clock: VirtualClock, seconds: float | None = None, /) -> object:
        return REAL[name](_date(clock) if seconds is None else seconds)

    return function


def _asctime(clock: VirtualClock, *given: object) -> str:
    told: str = REAL["asctime"](*(given or (REAL["localtime"](_date(clock)),)))
    return told


def _strftime(clock: VirtualClock, form: str, *given: object) -> str:
    told: str = REAL["strftime"](form, *(given or (REAL["localtime"](_date(clock)),)))
    return told


def _virtual() -> dict[str, Function]:
    return {
        "time": _date,
        "time_ns": VirtualClock.wall_ns,
        "monotonic": _seconds,
        "monotonic_ns": VirtualClock.now_ns,
        "perf_counter": _seconds,
        "perf_counter_ns": VirtualClock.now_ns,
        "sleep": _sleep,
        "localtime": _broken_down("localtime"),
        "gmtime": _broken_down("gmtime"),
        "ctime": _broken_down("ctime"),
        "asctime": _asctime,
        "strftime": _strftime,
    }


FAKES: dict[str, Function] = {name: Fake(name, virtual) for name, virtual in _virtual().items()}


class Holders:
    """Where modules keep certain objects under names of their own (``from time import sleep``).

    Every module is looked through once.

    Args:
        objects: What to look for, each with the name it is given.
        homes: Modules where not to look, besides those that see real time.

    """

    def __init__(self, objects: list[tuple[str, object]], homes: frozenset[str]) -> None:
        self._objects = objects  # kept, so that no other object gets its id
        self._names = {id(value): name for name, value in objects}
        self._homes = homes
        self._last: list[ModuleType] = []
        self._seen: dict[str, ModuleType] = {}
        self._places: dict[str, tuple[Namespace, list[tuple[str, str]]]] = {}

    def places(self) -> Iterator[tuple[Namespace, str, str]]:
        """Yield namespace, name in it, and name of the object that is or was there."""
        self._look()
        for space, names in self._places.values():
            for key, name in names:
                yield space, key, name

    def modules(self) -> dict[str, ModuleType]:
        """Return the modules that keep any, by name."""
        self._look()
        return {name: self._seen[name] for name in self._places}

    def _look(self) -> None:
        modules = list(sys.modules.values())
        if modules == self._last:  # quick, for they are the same objects
            return
        self._last = modules
        items: list[tuple[str, object]] = list(sys.modules.items())  # some put there what is no module
        for name, module in items:
            if self._seen.get(name) is not module and issubclass(type(module), ModuleType):
                self._seen[name] = cast("ModuleType", module)  # by its type, for some claim another class
                self._note(name, object.__getattribute__(module, "__dict__"))  # a lazy module stays unloaded

    def _note(self, name: str, space: Namespace) -> None:
        self._places.pop(name, None)
        if name in self._homes or apart(name) or self._names.keys().isdisjoint(map(id, list(space.values()))):
            return
        kept = [(key, self._names[id(value)]) for key, value in list(space.items()) if id(value) in self._names]
        names = [(key, named) for key, named in kept if not key.lstrip("_").startswith("real_")]
        self._places[name] = (space, names)


HOLDERS = Holders([*REAL.items(), *FAKES.items()], frozenset(["time"]))


def _put(old: dict[str, Function], new: dict[str, Function]) -> None:
    """Put new functions wherever the old ones are; what somebody else has put there stays."""
    space = time.__dict__
    for name, function in old.items():
        if space[name] is function:
            space[name] = new[name]
    for space, key, name in HOLDERS.places():
        if space.get(key) is old[name]:
            space[key] = new[name]
