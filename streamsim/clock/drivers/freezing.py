"""Dates in virtual time: freezegun, asking the clock instead of being told.

Law: ``datetime.now``, ``date.today`` and ``uuid1`` tell the virtual clock's date, to the microsecond; the functions of
``time`` are those of :mod:`streamsim.clock.drivers.time_functions`, as without this; and afterwards everything is as it
was.

What freezegun does to modules it does here only to those that keep a date class, which makes it quick, and to none of
those that run tests. A pydantic model defined meanwhile works, also afterwards. What cannot be had: msgspec does not
encode freezegun's dates, and a Struct whose first use is meanwhile never decodes any.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import freezegun
from freezegun import api

from streamsim.clock.drivers import time_functions
from streamsim.clock.drivers.time_functions import APART, Holders
from streamsim.errors import UsageError
from streamsim.units import SECOND

if TYPE_CHECKING:
    from types import ModuleType, TracebackType
    from typing import Self

    from streamsim.clock.core import VirtualClock

EPOCH = api.real_datetime(1970, 1, 1)
MICROSECOND = SECOND // 10**6

# They have tables of types, and would look for the real ones in vain.
TYPED = frozenset(["pydantic", "pydantic_core", "msgspec"])
HOMES = frozenset(["datetime", "_datetime", "_pydatetime", "freezegun.api"])
HOLDERS = Holders([("datetime", api.real_datetime), ("date", api.real_date)], HOMES)

# What of freezegun is used that it does not document.
NEEDED = ("sys", "freeze_factories", "call_stack_inspection_limit", "FakeDate", "FakeDatetime", "FrozenDateTimeFactory")


def frozen(clock: VirtualClock) -> Frozen:
    """Return a context manager, also with ``start()`` and ``stop()``, that makes dates and ``time`` tell ``clock``."""
    return Frozen(clock)


class Frozen:
    """See :func:`frozen`."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._functions = time_functions.patched(clock)
        self._freezer: Any = None
        self._limit = 0
        self._before: frozenset[str] = frozenset()

    def start(self) -> None:
        """Make it so.

        Raises:
            UsageError: It is active already; or this freezegun is not one that streamsim knows.

        """
        for name in NEEDED:
            if not hasattr(api, name):
                problem = f"freezegun {freezegun.__version__} has no {name}"
                raise UsageError("freeze", problem, "install another version of freezegun, or do without")
        _teach_pydantic()
        self._functions.start()
        try:
            self._freeze()
        except BaseException:
            self._freezer = None
            self._functions.stop()
            raise

    def _freeze(self) -> None:
        self._freezer = freezegun.freeze_time(EPOCH)
        self._freezer.ignore = tuple(f"{name}." for name in APART)
        self._before = frozenset(sys.modules)
        with _Seeing(HOLDERS.modules()):
            self._freezer.start()
        api.freeze_factories[-1] = Factory(self._clock)
        self._limit, api.call_stack_inspection_limit = api.call_stack_inspection_limit, 1
        self._functions.again()

    def stop(self) -> None:
        """Put everything back; nothing happens if it is not active."""
        freezer, self._freezer = self._freezer, None
        if freezer is None:
            return
        api.call_stack_inspection_limit = self._limit
        with _Seeing({name: module for name, module in sys.modules.items() if name not in self._before}):
            freezer.stop()
        if getattr(time, "clock", self) is None:  # that is how freezegun restores what Python no longer has
            del time.clock  # type: ignore[attr-defined]
        self._functions.again()
        self._functions.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Factory(api.FrozenDateTimeFactory):
    """What freezegun asks for the date."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def __call__(self) -> dt.datetime:
        """Return the virtual date in UTC, without a zone."""
        return EPOCH + dt.timedelta(microseconds=self._clock.wall_ns() // MICROSECOND)

    @property
    def time_to_freeze(self) -> dt.datetime:  # type: ignore[override]
        """The same."""
        return self()

    def tick(self, delta: dt.timedelta | float = dt.timedelta(seconds=1)) -> dt.datetime:
        """Move the clock."""
        self._clock.advance(delta.total_seconds() if isinstance(delta, dt.timedelta) else float(delta))
        return self()


class _Seeing:
    """Lets freezegun see these modules only: it would look through thousands, each time."""

    def __init__(self, modules: dict[str, ModuleType]) -> None:
        self.modules = {name: module for name, module in modules.items() if name.partition(".")[0] not in TYPED}

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)

    def __enter__(self) -> None:
        setattr(api, "sys", self)  # noqa: B010 - no type knows of it

    def __exit__(self, *_: object) -> None:
        setattr(api, "sys", sys)  # noqa: B010 - as above


@cache
def _teach_pydantic() -> None:
    """Let pydantic learn what dates are while they are real, and then that freezegun's are dates, too.

    Once, and for good: models that were declared meanwhile may be built or rebuilt at any time.
    """
    if find_spec("pydantic") is not None:
        adapter = getattr(import_module("pydantic"), "TypeAdapter", None)  # version 1 has none, nor any need
        if adapter is not None:
            adapter(api.real_datetime)  # makes its table of types, which it would keep
    for kind, schema in ((api.FakeDate, "date"), (api.FakeDatetime, "datetime")):
        setattr(kind, "__get_pydantic_core_schema__", staticmethod(partial(_schema, schema)))  # noqa: B010 - as above


def _schema(kind: str, *_: object) -> dict[str, str]:
    return {"type": kind}
