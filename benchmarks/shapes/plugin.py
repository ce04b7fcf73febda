"""Plugin: what the pytest plugin costs a run that does not use it, the first test that does, and each one after.

CPU of whole runs of pytest, each in a process of its own, with no other plugins; every number is the difference of two
kinds of run in the same round, and of each kind the least of a few counts. Unused: a run of one empty test with the
plugin, less one with an empty plugin: what pytest takes to find a plugin by its name is not ours, nor is compiling,
which happens once. First: a run of one test that reads a stream of 100 events with the openai SDK from a replay, less
one of one empty test that imports the SDK. Nth: a run of 21 such tests, less the first, for each of the 20. Beside the
nth test, the same with ``MockTransport`` of the SDK's HTTP library, which gives the stream whole.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from benchmarks.bench import ROOT, AbsentError
from benchmarks.goals import Goal
from benchmarks.inputs import chat_events, recording_file
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.rows import Metric

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.measure import Sample
    from benchmarks.rows import Row

EVENTS = 100
NTH = 20
# A run is short, and other work on the machine only ever adds to its CPU time: the least of so many counts. What is
# small is looked at more often.
SMALL, LARGE = 6, 2

UNUSED, FIRST, LATER = "not used", "the first test", "each test after"
METRICS = (Metric(name="CPU", unit="ms"),)
_CPU = METRICS[0].name

GOALS = (Goal(says="a plugin that is not used", cases=(UNUSED,), metric=_CPU, of="ours", most=5, unit="ms"),)

_EMPTY = "import openai\n\ndef test_nothing():\n    pass\n"
_NO_PLUGIN = "no_plugin"
_READ = """
    with openai.OpenAI(api_key="any", http_client=http_client) as client:
        messages = [{"role": "user", "content": "hi"}]
        stream = client.chat.completions.create(model="gpt-4o", messages=messages, stream=True)
        assert len(list(stream)) == EVENTS - 1  # [DONE] is none for the SDK
"""
_OURS = f"""
import openai
import pytest

EVENTS = {EVENTS}


@pytest.mark.parametrize("nth", range(TESTS))
def test_stream(streamsim, nth):
    http_client = streamsim.replay("chat.jsonl").http_client()
{_READ}"""
_WHOLE = f"""
from importlib import import_module
from pathlib import Path

import openai
import pytest

EVENTS = {EVENTS}
httpx = import_module(openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])


@pytest.mark.parametrize("nth", range(TESTS))
def test_stream(nth):
    body = Path("chat.txt").read_bytes()
    answer = httpx.Response(200, headers={{"content-type": "text/event-stream"}}, content=body)
    http_client = httpx.Client(transport=httpx.MockTransport(lambda _: answer))
{_READ}"""


def run(bench: Bench) -> Iterator[Row]:
    """Measure a run that does not use it, the first test, and those after."""
    if find_spec("openai") is None:
        raise AbsentError("openai is not installed")
    folder = suite(bench.folder)
    pytest_cpu_s(folder, "bare", plugin=True)  # compiles what is not yet
    cases = {
        UNUSED: {OURS: partial(_difference, folder, ("bare", True), ("bare", False), runs=SMALL)},
        FIRST: {OURS: partial(_difference, folder, ("ours_1", True), ("empty", True))},
        LATER: {
            OURS: partial(_difference, folder, (f"ours_{NTH + 1}", True), ("ours_1", True), each=NTH),
            "MockTransport, whole": partial(
                _difference, folder, (f"whole_{NTH + 1}", False), ("whole_1", False), each=NTH
            ),
        },
    }
    for case, contestants in cases.items():
        yield from rows(case, METRICS, interleaved(bench.rounds, contestants))


def suite(parent: Path) -> Path:
    """Write the tests that are run, and return their folder."""
    folder = parent / "plugin"
    folder.mkdir()
    frames = chat_events(EVENTS)
    recording_file(folder / "chat.jsonl", frames)
    (folder / "chat.txt").write_bytes(b"".join(frames))
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / f"{_NO_PLUGIN}.py").write_text('"""PYTEST_DONT_REWRITE"""\n', encoding="utf-8")
    texts = {"bare": "def test_nothing():\n    pass\n", "empty": _EMPTY}
    for tests in (1, NTH + 1):
        texts[f"ours_{tests}"] = _OURS.replace("TESTS", str(tests))
        texts[f"whole_{tests}"] = _WHOLE.replace("TESTS", str(tests))
    for name, text in texts.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    return folder


def _difference(
    folder: Path, more: tuple[str, bool], less: tuple[str, bool], *, each: int = 1, runs: int = LARGE
) -> Sample:
    pairs = [(pytest_cpu_s(folder, *more), pytest_cpu_s(folder, *less)) for _ in range(runs)]
    high, low = map(min, zip(*pairs, strict=True))
    return {_CPU: (high - low) * 1000 / each}


def pytest_cpu_s(folder: Path, name: str, plugin: bool) -> float:  # noqa: FBT001 - one fact
    """Run one of the files in ``folder``, with ours or an empty plugin, and return the CPU time that took.

    Raises:
        RuntimeError: A test failed.

    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"test_{name}.py"]
    command += ["-p", "streamsim.testing.pytest_plugin" if plugin else _NO_PLUGIN]
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(folder))),
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"test_{name}.py failed: {done.stdout[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
