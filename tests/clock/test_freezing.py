from __future__ import annotations

import datetime
import json
import sys
import time
import uuid
from contextlib import suppress
from datetime import UTC, timedelta, timezone
from datetime import date as Date  # noqa: N812 - a class
from datetime import datetime as DateTime  # noqa: N812 - a class
from types import ModuleType
from typing import TYPE_CHECKING

import freezegun
import msgspec
import pydantic
import pytest
from freezegun import api
from hypothesis import given, settings
from hypothesis import strategies as st

from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers.freezing import frozen
from streamsim.clock.drivers.time_functions import FAKES, REAL, patched
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

S = 1_000_000_000


def state() -> list[dict[str, object]]:
    """Return all that a freeze may change, but for what is counted there."""
    kept: list[dict[str, object]] = [dict(vars(space)) for space in (time, datetime, uuid, api, sys.modules[__name__])]
    kept[2].pop("_last_timestamp")
    kept[2].pop("_node", None)
    return kept


def test_dates_tell_the_clock() -> None:
    """Now and today, by the module and by names imported before, move with the clock, without being told."""
    clock = VirtualClock()
    with frozen(clock):
        seen = [str(DateTime.now()), str(datetime.datetime.now(UTC)), str(Date.today())]
        time.sleep(86_400.25)
        seen += [str(datetime.datetime.utcnow()), str(DateTime.now(timezone(timedelta(hours=2)))), str(Date.today())]
    assert seen == [
        "2026-01-01 00:00:00",
        "2026-01-01 00:00:00+00:00",
        "2026-01-01",
        "2026-01-02 00:00:00.250000",
        "2026-01-02 02:00:00.250000+02:00",
        "2026-01-02",
    ]


def test_dates_have_microseconds() -> None:
    """What is less is cut off, and so they are never ahead of the clock."""
    with frozen(VirtualClock(1_999)):
        assert DateTime.now().microsecond == 1


def test_the_functions_of_time_are_those_without_a_freeze() -> None:
    """They count from zero, in nanoseconds, and sleeping moves the clock."""
    with frozen(VirtualClock(S + 1)):
        assert {name: getattr(time, name) for name in FAKES} == FAKES
        time.sleep(1)
        assert (time.monotonic_ns(), time.perf_counter()) == (2 * S + 1, 2.000000001)


def test_a_date_is_the_seconds_that_time_tells() -> None:
    """``timestamp`` and ``fromtimestamp`` agree with ``time.time``."""
    with frozen(VirtualClock(S)):
        assert DateTime.now().timestamp() == time.time() == DateTime.fromtimestamp(time.time()).timestamp()


def test_version_1_identifiers_tell_the_clock() -> None:
    """The time in a UUID of version 1 is virtual: intervals of 100 ns since 1582."""
    clock = VirtualClock()
    with frozen(clock):
        assert uuid.uuid1(node=1, clock_seq=1).time == (clock.wall_ns() // 100) + 0x01B21DD213814000


def test_everything_is_put_back() -> None:
    """Afterwards all is as it was, whatever happened."""
    with frozen(VirtualClock()):
        pass
    before = state()
    with suppress(ZeroDivisionError), frozen(VirtualClock()):
        assert api.call_stack_inspection_limit == 1
        raise ZeroDivisionError
    assert state() == before
    assert not hasattr(time, "clock")


def test_a_module_imported_meanwhile_gets_real_classes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it imported by name while frozen is real afterwards."""
    late = ModuleType("late_dates")
    with frozen(VirtualClock()):
        exec("from datetime import datetime\nfrom time import time", late.__dict__)  # noqa: S102 - an import
        monkeypatch.setitem(sys.modules, "late_dates", late)
        assert late.datetime.now().year == 2026
    assert (late.datetime, late.time) == (DateTime, REAL["time"])


def test_a_freeze_within_patched_time_leaves_it_patched() -> None:
    """The inner clock's dates and times end with it, and the outer clock counts again."""
    with patched(VirtualClock(S)):
        with frozen(VirtualClock(2 * S)) as inner:
            assert (time.monotonic(), DateTime.now().second) == (2, 2)
            with pytest.raises(UsageError, match="this patch is active already"):
                inner.start()
            assert DateTime.now().second == 2
        assert (time.monotonic(), datetime.datetime) == (1, api.real_datetime)
        inner.stop()
        assert time.monotonic() == 1


def test_a_tests_own_freeze_has_its_date() -> None:
    """One within keeps dates where it says, and gives them back."""
    with frozen(VirtualClock(S)):
        with freezegun.freeze_time("2000-01-01"):
            assert DateTime.now().year == 2000
        assert (DateTime.now().second, time.monotonic()) == (1, 1)


def test_moving_the_date_moves_the_clock() -> None:
    """What freezegun hands out to move the date moves the clock."""
    clock = VirtualClock()
    with frozen(clock):
        handle = api.freeze_factories[-1]
        handle.tick()
        handle.tick(timedelta(seconds=1))
        handle.tick(0.5)
        handle.move_to("2026-01-01 00:01:00")
        assert (str(handle.time_to_freeze), clock.now_ns()) == ("2026-01-01 00:01:00", 60 * S)


def test_a_pydantic_model_defined_meanwhile_works() -> None:
    """It reads, checks and writes dates, while frozen and afterwards."""
    with frozen(VirtualClock()):

        class Model(pydantic.BaseModel):
            at: DateTime
            on: Date | None = None

        made = Model(at=DateTime.now(), on=Date.today())
        assert made.model_dump_json() == '{"at":"2026-01-01T00:00:00","on":"2026-01-01"}'
    again = Model.model_validate_json(made.model_dump_json())
    assert (again.at, again.on) == (DateTime(2026, 1, 1), Date(2026, 1, 1))
    assert Model.model_json_schema()["properties"]["at"]["format"] == "date-time"
    with pytest.raises(pydantic.ValidationError):
        Model(at="never")  # type: ignore[arg-type]


def test_a_pydantic_model_that_is_built_late_works() -> None:
    """Declared before and built while frozen, or the other way round, as SDKs do with theirs."""

    class Before(pydantic.BaseModel):
        model_config = {"defer_build": True}
        at: DateTime

    with frozen(VirtualClock()):
        assert Before.model_validate({"at": "2026-01-01T00:00:00Z"}).at.year == 2026

        class Meanwhile(pydantic.BaseModel):
            model_config = {"defer_build": True}
            at: DateTime

    assert Meanwhile.model_validate({"at": "2026-01-01T00:00:00Z"}).at.year == 2026


def test_what_msgspec_cannot_do_with_frozen_dates() -> None:
    """It encodes none, and a Struct whose first use is while frozen decodes none ever; one used before does."""

    class Before(msgspec.Struct):
        at: DateTime

    class Meanwhile(msgspec.Struct):
        at: DateTime

    text = b'{"at":"2026-01-01T00:00:00"}'
    msgspec.json.decode(text, type=Before)
    with frozen(VirtualClock()):
        assert msgspec.json.decode(text, type=Before).at == DateTime.now()
        with pytest.raises(TypeError, match="FakeDatetime is unsupported"):
            msgspec.json.encode(DateTime.now())
        with pytest.raises(msgspec.ValidationError, match="Expected `FakeDatetime`"):
            msgspec.json.decode(text, type=Meanwhile)
    with pytest.raises(msgspec.ValidationError, match="Expected `FakeDatetime`"):
        msgspec.json.decode(text, type=Meanwhile)


def test_a_module_whose_name_begins_like_an_ignored_one_is_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """``github_client`` begins with ``gi``, which freezegun leaves alone, and ``queue_tools`` with ``queue``."""
    names = ("github_client", "queue_tools")
    for name in names:
        made = ModuleType(name)
        made.datetime = DateTime  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, made)
    with frozen(VirtualClock()):
        assert [sys.modules[name].datetime.now().year for name in names] == [2026, 2026]
        assert [type(sys.modules[name].datetime) for name in names] == [type(api.FakeDatetime)] * 2


def test_an_unknown_freezegun_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where something is missing that is relied on, the error names it, and nothing is patched."""
    monkeypatch.delattr(api, "freeze_factories")
    with pytest.raises(UsageError) as caught:
        frozen(VirtualClock()).start()
    assert caught.value.problem == f"freezegun {freezegun.__version__} has no freeze_factories"
    assert time.time is REAL["time"]


def test_a_freeze_that_fails_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is real again, and so is what freezegun sees."""
    monkeypatch.setattr(api._freeze_time, "start", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        frozen(VirtualClock()).start()
    assert (time.time, vars(api)["sys"]) == (REAL["time"], sys)


@given(st.integers(0, 3))
@settings(max_examples=5, deadline=50, database=None)
def test_deadlines_of_hypothesis_are_real(hours: int) -> None:
    """An example that takes virtual hours takes no time."""
    with frozen(VirtualClock()):
        time.sleep(3600 * hours)


def test_durations_that_pytest_reports_are_real(reported: Path) -> None:
    """A test of a virtual hour, frozen by a fixture, takes no hour in the report."""
    report = json.loads(reported.read_text(encoding="utf-8"))
    assert set(report) == {"setup", "call", "teardown"}
    assert all(0 <= seconds < 60 for seconds in report.values())


INNER = """
import json, time, pytest
from streamsim.clock.core import VirtualClock
from streamsim.clock.drivers.freezing import frozen

@pytest.fixture
def frost():
    with frozen(VirtualClock()):
        yield

def test_hour(frost):
    time.sleep(3600)
"""
PLUGIN = """
import json, pathlib
seen = {}
def pytest_runtest_logreport(report):
    seen[report.when] = report.duration
def pytest_unconfigure():
    pathlib.Path("report.json").write_text(json.dumps(seen))
"""


@pytest.fixture
def reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run a test in a process of its own and return what was reported of it."""
    import subprocess  # noqa: PLC0415 - only here

    (tmp_path / "test_inner.py").write_text(INNER, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(PLUGIN, encoding="utf-8")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_inner.py"], cwd=tmp_path, check=True
    )
    return tmp_path / "report.json"
