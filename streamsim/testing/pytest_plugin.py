"""The pytest plugin: options, hooks and fixtures, and nothing else.

Law: a run that does not use it loads no other module of streamsim. (PYTEST_DONT_REWRITE)
"""

from __future__ import annotations

import inspect
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from streamsim.testing.act import Kind
    from streamsim.testing.kit import Stage, Streamsim
    from streamsim.testing.marks import Strike
    from streamsim.testing.options import AnyProfile
    from streamsim.testing.records import RecordMode
    from streamsim.testing.replay import Replay

_MARKER = (
    "streamsim(recording=None, *more, freeze=False, **options): what the test replays, as streamsim.replay(recording, "
    "*more, **options) does; faults='all' or a list runs it once with each"
)
_MODES: tuple[RecordMode, ...] = ("none", "once", "new", "all")

_STAGE = pytest.StashKey["Stage"]()
_RECORDED = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("streamsim", "replayed streams")
    group.addoption("--streamsim-seed", type=int, metavar="N", help="Replay all that is drawn; a report says its seed.")
    group.addoption(
        "--streamsim-record",
        choices=_MODES,
        help="Where upstream= is given: none: replay only; once: record what has no recording (the default); "
        "new: also record what a recording does not hold; all: record anew.",
    )
    parser.addini("streamsim_seed", "Seed of all that is drawn.", default="")
    parser.addini("streamsim_profile", "Profile of all replays: a name or a file.", default="")
    parser.addini("streamsim_recordings", "Folder of recordings; beside each test file unless given.", default="")
    parser.addini("streamsim_record", "As --streamsim-record.", default="once")
    parser.addini("streamsim_freeze", "Whether datetime is virtual too.", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and refuse settings that mean nothing.

    Raises:
        pytest.UsageError: One does.

    """
    _seed(config)
    _record(config)
    _leave_alone(config)
    config.addinivalue_line("markers", _MARKER)
    config.stash[_RECORDED] = []


def _leave_alone(config: pytest.Config) -> None:
    """Have pytest load the rest of streamsim as it is: there are no assertions to rewrite, in hundreds of modules.

    It marks all of a distribution that has a plugin; that it can be told otherwise is not documented, so if it cannot
    any more, only a second or so is lost where nothing compiled is kept.
    """
    hook = getattr(config.pluginmanager, "rewrite_hook", None)
    marked = getattr(hook, "_must_rewrite", None)
    if isinstance(marked, set):
        marked.discard("streamsim")


def pytest_report_header(config: pytest.Config) -> str:
    """Tell what a run depends on."""
    profile = config.getini("streamsim_profile") or "as recorded"
    return f"streamsim: seed {_seed(config)}, profile {profile}, record {_record(config)}"


def _seed(config: pytest.Config) -> int:
    flag: int | None = config.getoption("streamsim_seed")
    text = str(config.getini("streamsim_seed")).strip() or "0" if flag is None else str(flag)
    if not re.fullmatch(r"\d+", text):
        where = "streamsim_seed" if flag is None else "--streamsim-seed"
        raise pytest.UsageError(f"{where}: {text} is no seed; give a whole number from 0 on")
    return int(text)


def _record(config: pytest.Config) -> RecordMode:
    told = config.getoption("streamsim_record") or config.getini("streamsim_record")
    for mode in _MODES:
        if mode == told:
            return mode
    raise pytest.UsageError(f"streamsim_record: {told!r} is no mode; write one of {', '.join(_MODES)}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once with each fault that its marker lists."""
    if "streamsim_faults" not in metafunc.fixturenames or metafunc.definition.get_closest_marker("streamsim") is None:
        return
    from streamsim.testing.marks import strikes  # noqa: PLC0415 - only for those who use it

    runs = strikes(metafunc.definition.iter_markers("streamsim"))
    if runs is not None:
        metafunc.parametrize("streamsim_faults", list(runs.values()), ids=list(runs), indirect=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run the body in virtual time, if the test wants that: setup and teardown last as long as they last."""
    stage = item.stash.get(_STAGE, None)
    if stage is None or not hasattr(item, "obj"):
        return (yield)
    from streamsim.testing.bodies import wrapped  # noqa: PLC0415 - only for those who use it

    stage.passed = False
    with wrapped(item, stage):
        result = yield
    stage.passed = True
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with a failure how to see it again."""
    report = yield
    stage = item.stash.get(_STAGE, None)
    if stage is not None and report.failed and stage.passed is not None:
        from streamsim.testing.report import failure  # noqa: PLC0415 - only for those who use it

        report.sections.append(("streamsim", stage.told or failure(stage, item.nodeid)))
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand on what a worker of pytest-xdist has recorded."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["streamsim"] = session.config.stash[_RECORDED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker of pytest-xdist has recorded."""
    node.config.stash[_RECORDED] += getattr(node, "workeroutput", {}).get("streamsim", ())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell what was recorded."""
    recorded = config.stash[_RECORDED]
    if recorded:
        terminalreporter.section("streamsim")
        for line in recorded:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def streamsim_seed(pytestconfig: pytest.Config) -> int:
    """The seed of all that is drawn: override it to choose another; --streamsim-seed goes before."""
    return _seed(pytestconfig)


@pytest.fixture(scope="session")
def streamsim_profile(pytestconfig: pytest.Config) -> AnyProfile:
    """The profile of all replays that do not name one: a name, a file, a profile, or None."""
    return pytestconfig.getini("streamsim_profile") or None


@pytest.fixture(scope="module")
def streamsim_recordings(request: pytest.FixtureRequest) -> Path:
    """The folder where recordings are looked for, and recorded to: ``recordings`` beside the test file."""
    told = request.config.getini("streamsim_recordings")
    return request.config.rootpath / told if told else request.path.parent / "recordings"


@pytest.fixture
def streamsim_faults(request: pytest.FixtureRequest) -> Strike | None:
    """The faults that the marker gives this run of the test; None where it lists none."""
    return getattr(request, "param", None)


@pytest.fixture
def streamsim(
    request: pytest.FixtureRequest,
    streamsim_seed: int,
    streamsim_profile: AnyProfile,
    streamsim_recordings: Path,
    streamsim_faults: Strike | None,
) -> Iterator[Streamsim]:
    """Replays of recorded streams, and a virtual clock."""
    from streamsim.errors import StreamsimError  # noqa: PLC0415 - only for those who use it
    from streamsim.testing.kit import Setting, Stage, Streamsim  # noqa: PLC0415 - the same
    from streamsim.testing.marks import declared  # noqa: PLC0415 - the same

    item, config = request.node, request.config
    flag = config.getoption("streamsim_seed")
    try:
        told = declared(item.iter_markers("streamsim"), streamsim_faults)
        stage = Stage(
            Setting(
                seed=streamsim_seed if flag is None else _seed(config),
                profile=streamsim_profile,
                recordings=Path(streamsim_recordings),
                folder=request.path.parent,
                name=re.sub(r"[^\w.=,+-]+", "-", f"{request.path.stem}.{item.name}").strip("-"),
                record=_record(config),
                freeze=config.getini("streamsim_freeze") if told.freeze is None else told.freeze,
                kind=_kind(item),
                declared=told,
                skip=pytest.skip if streamsim_faults is not None and streamsim_faults.any else None,
            )
        )
        item.stash[_STAGE] = stage
        stage.declare()
    except StreamsimError as error:
        pytest.fail(str(error), pytrace=False)
    yield Streamsim(stage)
    _close(stage, item)


@pytest.fixture
def streamsim_replay(streamsim: Streamsim) -> Replay:
    """The replay that the marker declares."""
    return streamsim.replayed


def _kind(item: Any) -> Kind:
    """Return what the body of ``item`` runs in."""
    function = item.obj
    function = function.hypothesis.inner_test if hasattr(function, "hypothesis") else function
    if not inspect.iscoroutinefunction(getattr(function, "_anyio_original_func", function)):
        return "sync"
    backend = item.funcargs.get("anyio_backend")
    name = backend if isinstance(backend, str | None) else backend[0]
    return "trio" if name == "trio" or item.get_closest_marker("trio") else "asyncio"


def _close(stage: Stage, item: pytest.Item) -> None:
    """End a test: judge what it left behind, if it went well so far, and keep what it recorded."""
    from streamsim.errors import StreamsimError  # noqa: PLC0415 - only for those who use it
    from streamsim.testing.report import failure  # noqa: PLC0415 - the same

    problem, config = "", item.config
    try:
        if stage.passed:
            stage.check()
    except StreamsimError as error:
        problem = str(error)
        stage.told = failure(stage, item.nodeid)  # as it is now: closing ends what is open
    try:
        stage.close()
    except StreamsimError as error:
        problem = problem or str(error)
    for path, count in stage.recorded:
        shown = path
        with suppress(ValueError):
            shown = path.relative_to(config.rootpath)
        config.stash[_RECORDED].append(f"recorded {count} exchange{'s' if count > 1 else ''} to {shown}")
    if problem:
        pytest.fail(problem, pytrace=False)
