"""The function of a test, wrapped: what an event loop and a property test need between pytest and the test's own code.

Law: each run of a body that is run once has the test's act, each example of a property test has one of its own.
"""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from streamsim.testing.kit import Stage

    Function = Callable[..., Any]

# The fixtures that begin anew with every example, so that hypothesis need not warn of them.
FRESH = frozenset({"streamsim", "streamsim_replay"})


@contextmanager
def wrapped(item: Any, stage: Stage) -> Generator[None]:
    """Have pytest run the test ``item`` in ``stage`` while the block runs."""
    function = item.obj
    if hasattr(function, "hypothesis"):
        with _examples(item, stage):
            yield
        return
    if inspect.iscoroutinefunction(function):
        item.obj = _once(function, stage)
    stage.act.begin()
    try:
        yield
    finally:
        stage.act.end()
        item.obj = function


@contextmanager
def _examples(item: Any, stage: Stage) -> Generator[None]:
    given = item.obj.hypothesis
    function = given.inner_test
    given.inner_test = _example(function, stage)
    tested = getattr(item.obj, "__func__", item.obj)
    former = getattr(tested, "_hypothesis_internal_use_settings", None)
    if former is not None and not _others(item):
        from hypothesis import HealthCheck, settings  # noqa: PLC0415 - the test uses it

        checks = {*former.suppress_health_check, HealthCheck.function_scoped_fixture}
        tested._hypothesis_internal_use_settings = settings(former, suppress_health_check=checks)  # noqa: SLF001 - what hypothesis's own plugin does
    try:
        yield
    finally:
        given.inner_test = function
        if former is not None:
            tested._hypothesis_internal_use_settings = former  # noqa: SLF001 - as above


def _others(item: Any) -> bool:
    """Tell whether the test asks for fixtures of its own that are not made anew for every example."""
    asked = set(inspect.signature(item.obj).parameters) - FRESH
    known = item._fixtureinfo.name2fixturedefs  # noqa: SLF001 - what hypothesis's own plugin reads
    return any(known[name][-1].scope == "function" for name in asked & known.keys())


def _once(function: Function, stage: Stage) -> Function:
    @wraps(function)
    async def body(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        stage.act.go_on()
        try:
            return await function(*args, **kwargs)
        finally:
            await stage.act.leave()

    return body


def _example(function: Function, stage: Stage) -> Function:
    @wraps(function)
    def body(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        with stage.anew(again=True):
            return function(*args, **kwargs)

    @wraps(function)
    async def abody(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        with stage.anew(again=True) as act:
            try:
                return await function(*args, **kwargs)
            finally:
                await act.leave()

    return abody if inspect.iscoroutinefunction(function) else body
