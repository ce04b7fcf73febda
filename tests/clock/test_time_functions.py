from __future__ import annotations

import copy
import pickle
import sys
import threading
import time
from contextlib import suppress
from time import monotonic, sleep, strftime
from time import perf_counter as real_counter
from types import ModuleType
from typing import Any

import pytest

from streamsim.clock.core import EPOCH_NS, VirtualClock
from streamsim.clock.drivers import time_functions
from streamsim.clock.drivers.time_functions import FAKES, HOLDERS, REAL, apart, patched
from streamsim.errors import UsageError

S = 1_000_000_000
READING = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")


def module(name: str, source: str) -> ModuleType:
    """Return a new module that is not imported, having run ``source``."""
    made = ModuleType(name)
    exec(source, made.__dict__)  # noqa: S102 - what an import does
    return made


def test_reading_functions_tell_the_clock() -> None:
    """Dates begin with the clock's epoch, the others with zero; whole nanoseconds are exact."""
    clock = VirtualClock(1_500_000_001)
    with patched(clock):
        told = {name: getattr(time, name)() for name in READING}
    assert told == {
        "time": (EPOCH_NS + clock.now_ns()) / S,
        "time_ns": EPOCH_NS + clock.now_ns(),
        "monotonic": 1.500000001,
        "monotonic_ns": 1_500_000_001,
        "perf_counter": 1.500000001,
        "perf_counter_ns": 1_500_000_001,
    }


def test_broken_down_times_tell_the_clock() -> None:
    """Without an argument, or with None, they take the virtual date; with one they do as always."""
    with patched(VirtualClock(90 * S)):
        assert time.gmtime()[:6] == time.gmtime(None)[:6] == (2026, 1, 1, 0, 1, 30)
        now = EPOCH_NS / S + 90
        assert time.localtime() == time.localtime(now)
        assert time.ctime() == time.ctime(now) == time.asctime()
        assert time.strftime("%c") == time.strftime("%c", time.localtime(now))
        assert time.gmtime(0)[:3] == (1970, 1, 1)
        assert time.asctime(time.gmtime(0)) == "Thu Jan  1 00:00:00 1970"
        assert time.strftime("%Y", time.gmtime(0)) == "1970"


def test_sleeping_moves_the_clock() -> None:
    """By the name in the module and by a name that was imported before, in no time."""
    clock = VirtualClock()
    with patched(clock):
        time.sleep(3600)
        sleep(0.5)
        assert (monotonic(), strftime("%M:%S", time.gmtime())) == (3600.5, "00:00")
    assert clock.now_ns() == 3600 * S + S // 2


def test_a_polling_loop_ends() -> None:
    """The loop that everybody writes takes the time it says."""
    clock = VirtualClock()
    with patched(clock):
        end = time.monotonic() + 2
        while time.monotonic() < end:
            time.sleep(0.3)
    assert clock.now_ns() == 2_100_000_000


def test_everything_is_put_back() -> None:
    """Afterwards the module has the functions it had, and so has every module that holds some."""
    before = dict(vars(time))
    here = {name: globals()[name] for name in ("monotonic", "sleep", "strftime")}
    with patched(VirtualClock()):
        assert globals()["sleep"] is not here["sleep"]
    with suppress(ZeroDivisionError), patched(VirtualClock()):
        raise ZeroDivisionError
    assert dict(vars(time)) == before
    assert {name: globals()[name] for name in here} == here


def test_a_module_imported_meanwhile_gets_real_functions_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it imported by name while the clock was patched in is real afterwards, and virtual the next time."""
    with patched(VirtualClock()):
        late = module("late_comer", "from time import monotonic as tick")
        monkeypatch.setitem(sys.modules, "late_comer", late)
        assert late.tick() == 0
    assert late.tick is REAL["monotonic"]
    with patched(VirtualClock(7 * S)):
        assert late.tick() == 7
    assert late.tick is REAL["monotonic"]


def test_a_module_that_is_replaced_is_looked_through_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new module of a known name is a new module."""
    for number in range(2):
        made = module("comes_again", "from time import monotonic")
        monkeypatch.setitem(sys.modules, "comes_again", made)
        with patched(VirtualClock(number * S)):
            assert made.monotonic() == number


def test_what_was_kept_elsewhere_is_real_again() -> None:
    """A replacement kept in a class or as a default argument reads real time when no clock is patched in."""
    with patched(VirtualClock()):

        class Keeps:
            clock: Any = time.monotonic

            def read(self, clock: object = time.monotonic_ns) -> object:
                return clock

        assert Keeps().clock() == 0
    assert Keeps().clock() == pytest.approx(time.monotonic(), abs=3600)
    assert Keeps().clock() > 0
    assert callable(Keeps().read())


def test_a_name_that_says_real_stays_real() -> None:
    """Whoever imports a function as ``real_…`` wants the real one."""
    with patched(VirtualClock()):
        assert real_counter is REAL["perf_counter"]


def test_a_lazy_module_stays_unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking for functions does not load what nobody has asked for."""

    class Lazy(ModuleType):
        def __getattribute__(self, name: str) -> object:
            pytest.fail(f"asked for {name}")

    monkeypatch.setitem(sys.modules, "lazy_module", Lazy("lazy_module"))
    with patched(VirtualClock()):
        pass


def test_who_runs_tests_sees_real_time() -> None:
    """Pytest, event loops and threading read the real clock, and their sleeps are real."""
    before = time.monotonic_ns()
    with patched(VirtualClock()):
        for name in ("_pytest.runner", "asyncio.base_events", "threading", "hypothesis.core"):
            told = module(name, "import time\nnow = time.monotonic_ns()\ntime.sleep(0)").now
            assert told >= before


@pytest.mark.parametrize(
    ("name", "real"),
    [
        *[("asyncio", True), ("asyncio.events", True), ("_pytest", True), ("_pytest.timing", True), ("queue", True)],
        *[("asynciox", False), ("queue_tools", False), ("pytest_mine", False), ("tests.clock", False), (None, False)],
    ],
)
def test_real_time_goes_by_whole_names(name: str | None, *, real: bool) -> None:
    """A package counts with what is in it, and a name that only begins alike does not."""
    assert apart(name) is real


def test_another_thread_reads_virtual_time_and_sleeps_in_real_time() -> None:
    """Only the thread that started the patch moves the clock."""
    clock = VirtualClock(S)
    read: list[float] = []

    def work() -> None:
        time.sleep(0.001)
        read.append(time.monotonic())

    with patched(clock):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert (read, clock.now_ns()) == ([1.0], S)


def test_patches_nest() -> None:
    """The innermost clock counts, and when it is done the outer one does again."""
    with patched(VirtualClock(S)):
        with patched(VirtualClock(2 * S)) as inner:
            assert (time.monotonic(), monotonic()) == (2, 2)
            with pytest.raises(UsageError, match="this patch is active already"):
                inner.start()
        assert (time.monotonic(), monotonic()) == (1, 1)
        inner.stop()
        assert time.monotonic() == 1


def test_somebody_elses_replacement_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that a test has replaced itself is left alone, before and after."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    with patched(VirtualClock()) as patch:
        time.sleep(5)
        patch.again()
        assert (slept, time.monotonic()) == ([5], 0)
    assert time.sleep == slept.append


def test_a_replacement_that_is_undone_late_is_harmless() -> None:
    """When a test's own patch puts the virtual function back after the end, it is as good as the real one."""
    with patched(VirtualClock()), pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: 42)
        kept = patch
        assert time.monotonic() == 42
    del kept
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", FAKES["monotonic"])
        assert time.monotonic() > 0
        with patched(VirtualClock()):
            assert time.monotonic() == 0
        assert time.monotonic is REAL["monotonic"]


def test_functions_that_nobody_knows_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another patch was first, the error says so and nothing is changed."""
    monkeypatch.setitem(time_functions.REAL, "sleep", lambda _: None)
    before = dict(vars(time))
    with pytest.raises(UsageError) as caught:
        patched(VirtualClock()).start()
    told = (
        "time.sleep: was replaced before streamsim first saw it; import streamsim.clock.drivers.time_functions earlier"
    )
    assert str(caught.value) == told
    assert dict(vars(time)) == before


def test_a_virtual_function_is_pickled_and_copied_by_name() -> None:
    """As the real one is."""
    with patched(VirtualClock()):
        assert pickle.loads(pickle.dumps(time.sleep)) is time.sleep  # noqa: S301 - our own
        assert copy.deepcopy(time.sleep) is time.sleep
        assert repr(time.sleep) == "<virtual function time.sleep>"
        assert (time.sleep.__name__, time.sleep.__doc__) == ("sleep", REAL["sleep"].__doc__)


def test_nothing_is_looked_through_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no module came or went, a second patch looks into none."""
    with patched(VirtualClock()):
        pass
    monkeypatch.setattr(HOLDERS, "_note", lambda *_: pytest.fail("looked again"))
    with patched(VirtualClock()):
        assert monotonic() == 0
