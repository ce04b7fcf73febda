"""Plans as the command line prints them, and the pacing options that play and serve share."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from streamsim.cli import cli, main
from streamsim.cli.options import pacing_options
from streamsim.errors import PlanError, RecordingError, StreamsimError, UsageError
from streamsim.plan.distribution import Distribution, fixed
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.shells.files import load
from tests.builders import as_file, chat, exchange, recording

if TYPE_CHECKING:
    from pathlib import Path

    from streamsim.plan.profile import Profile

MS = 1_000_000

PLAN = r"""
recording session.jsonl, exchange 1 (generic, events: 3)
seed 0, attempt 1, plan {plan}
digest {digest}
step      at ms     gap ms  do     chunk   bytes  what
   0    100.000   +100.000  head                  HTTP/1.1 200 OK (chunked), content-type: text/eve…
   1    120.000    +20.000  send       0      11  data: one\n\n
   2    140.000    +20.000  send       1      11  data: two\n\n
   3    160.000    +20.000  send       2      13  data: three\n\n
   4    160.000     +0.000  end                   the body is complete
"""


@pytest.fixture(autouse=True)
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with one recording of two exchanges, ``two.jsonl``, and one of one, ``session.jsonl``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "session.jsonl").write_bytes(as_file(recording()))
    (tmp_path / "two.jsonl").write_bytes(as_file(recording(exchange(), exchange(chunks=chat("a"), end="reset"))))


def run(*args: str) -> str:
    """Return what ``streamsim plan`` prints on stdout; errors are raised."""
    result = CliRunner().invoke(cli, ["plan", *args], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def ats_ms(*args: str) -> list[float]:
    """Return the times of the first exchange's steps in ms."""
    timeline = json.loads(run("session.jsonl", "--json", *args))["plans"][0]["timeline"]
    return [step["at_ns"] / MS for step in timeline]


def test_a_plan_is_its_name_and_its_timeline() -> None:
    """Recording, exchange, seed, attempt, plan id and digest, then a line a step."""
    plan = Planner(load("session.jsonl")).plan(1)
    assert run("session.jsonl") == PLAN.lstrip("\n").format(plan=plan.plan_id, digest=plan.digest)


def test_the_same_arguments_print_the_same_text() -> None:
    """Nothing but the arguments counts, and a seed changes what is drawn."""
    args = ("session.jsonl", "--itl", "lognormal(30ms,0.4)")
    assert run(*args) == run(*args)
    assert run(*args) != run(*args, "--seed", "1")


def test_without_exchange_all_are_planned() -> None:
    """Every exchange has its own head, in the order of the recording."""
    blocks = run("two.jsonl").split("\n\n")
    assert [block.split("\n")[0] for block in blocks] == [
        "recording two.jsonl, exchange 1 (generic, events: 3)",
        "recording two.jsonl, exchange 2 (openai-chat, events: 4)",
    ]
    assert run("two.jsonl", "--exchange", "2").rstrip("\n") == blocks[1].rstrip("\n")


def test_attempt_and_seed_are_part_of_the_plan() -> None:
    """They are named in the head and change the plan id."""
    shown = run("session.jsonl", "--attempt", "2", "--seed", "7").split("\n")[1]
    assert shown.startswith("seed 7, attempt 2, plan ")
    assert shown != run("session.jsonl", "--attempt", "3", "--seed", "7").split("\n")[1]


def test_json_is_one_document() -> None:
    """All that the text says, and the bytes whole."""
    plan = Planner(load("session.jsonl")).plan(1)
    document = json.loads(run("session.jsonl", "--json"))
    assert document["recording"] == "session.jsonl"
    (told,) = document["plans"]
    timeline = told.pop("timeline")
    assert told == {
        "exchange": 1,
        "dialect": "generic",
        "events": 3,
        "seed": 0,
        "attempt": 1,
        "plan": plan.plan_id,
        "digest": plan.digest,
        "faults": [],
    }
    assert timeline[1] == {"step": 1, "at_ns": 120 * MS, "do": "send", "chunk": 0, "text": "data: one\n\n"}


@pytest.mark.parametrize(
    ("args", "times"),
    [
        ((), [100, 120, 140, 160, 160]),
        (("--pacing", "instant"), [0, 0, 0, 0, 0]),
        (("--ttfb", "50ms"), [50, 70, 90, 110, 110]),
        (("--ttft", "240ms"), [200, 240, 260, 280, 280]),
        (("--itl", "30ms"), [100, 120, 150, 180, 180]),
        (("--ttfb", "recorded", "--ttft", "recorded", "--itl", " recorded "), [100, 120, 140, 160, 160]),
        (("--jitter", "0"), [100, 120, 140, 160, 160]),
        (("--speed", "2"), [50, 60, 70, 80, 80]),
        (("--speed", "2x"), [50, 60, 70, 80, 80]),
        (("--speed", "0.5"), [200, 240, 280, 320, 320]),
        (("--speed", "1/4"), [400, 480, 560, 640, 640]),
    ],
)
def test_pacing_options_move_times(args: tuple[str, ...], times: list[float]) -> None:
    """Each option does what its name says, and ``recorded`` keeps what was recorded."""
    assert ats_ms(*args) == times


def test_options_become_one_profile() -> None:
    """A command gets its pacing as a profile, exactly as it was written."""
    seen: list[Profile] = []

    @click.command()
    @pacing_options
    def command(profile: Profile) -> None:
        seen.append(profile)

    args = ["--pacing", "instant", "--ttfb", "1ms", "--ttft", "2ms", "--itl", "uniform(3ms,4ms)", "--jitter", "5us"]
    CliRunner().invoke(command, [*args, "--speed", "1/3"], catch_exceptions=False)
    CliRunner().invoke(command, [], catch_exceptions=False)
    assert [profile.pacing for profile in seen] == [
        Pacing(
            mode="instant",
            ttfb=fixed(1 * MS),
            ttft=fixed(2 * MS),
            itl=Distribution("uniform", 3 * MS, str(4 * MS)),
            jitter=fixed(5000),
            speed=(1, 3),
        ),
        Pacing(),
    ]


@pytest.mark.parametrize("option", ["--ttfb", "--ttft", "--itl", "--jitter", "--speed"])
def test_a_wrong_value_is_named_by_its_option(option: str) -> None:
    """The first words of the error are the option."""
    with pytest.raises(UsageError, match=f"^{option}: 'soon' is not a "):
        run("session.jsonl", option, "soon")


def test_jitter_has_no_recorded_value() -> None:
    """There is no recorded jitter to keep."""
    with pytest.raises(UsageError, match=r"^--jitter: 'recorded' is not a duration"):
        run("session.jsonl", "--jitter", "recorded")


@pytest.mark.parametrize(
    ("args", "kind", "message"),
    [
        (("session.jsonl", "--exchange", "9"), RecordingError, "session.jsonl: there is no exchange 9; it has 1"),
        (("nowhere.jsonl",), RecordingError, "nowhere.jsonl: there is no such file"),
        (("session.jsonl", "--ttfb", "1s", "--ttft", "1ms"), PlanError, "ttft: the first content at 1ms would precede"),
    ],
)
def test_what_cannot_be_planned_is_said(args: tuple[str, ...], kind: type[StreamsimError], message: str) -> None:
    """A wrong number, a missing file, an impossible pacing."""
    with pytest.raises(kind) as caught:
        run(*args)
    assert str(caught.value).startswith(message)


def test_a_recording_without_exchanges_cannot_be_planned(tmp_path: Path) -> None:
    """Printing nothing would look like success."""
    (tmp_path / "empty.jsonl").write_bytes(b'{"streamsim":1}\n')
    with pytest.raises(RecordingError, match=r"^empty\.jsonl: it holds no exchange; record one"):
        run("empty.jsonl")


def test_salvage_plans_what_stands_before_a_bad_line(tmp_path: Path) -> None:
    """A bad line is an error that names it, or the end of what is read."""
    (tmp_path / "bad.jsonl").write_bytes(as_file(recording()) + b"bad\n")
    with pytest.raises(RecordingError, match=r"^bad\.jsonl:8: .*--salvage"):
        run("bad.jsonl")
    assert run("bad.jsonl", "--salvage").startswith("recording bad.jsonl, exchange 1 ")


def test_a_terminal_gives_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal lines are as wide as it is."""
    monkeypatch.setattr(shutil, "get_terminal_size", lambda _: os.terminal_size((60, 20)))
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    widths = list(map(len, run("session.jsonl").split("\n")[3:]))
    assert max(widths) == 60


def test_an_error_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bad input never ends in a traceback."""
    monkeypatch.setattr(sys, "argv", ["streamsim", "plan", "session.jsonl", "--itl", "soon"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert capsys.readouterr() == (
        "",
        "streamsim: --itl: 'soon' is not a duration; write a number and a unit: 250us, 30ms, 1.5s or 2m\n",
    )


def test_an_encoding_that_lacks_a_character_fails_nothing(tmp_path: Path) -> None:
    """What the output's encoding cannot say is escaped."""
    (tmp_path / "han.jsonl").write_bytes(as_file(recording(exchange(chunks=["data: 你\n\n".encode()]))))
    command = [sys.executable, "-m", "streamsim", "plan", "han.jsonl"]
    path = [entry for entry in sys.path if entry]
    env = {"PYTHONIOENCODING": "ascii", "PYTHONPATH": ":".join(path)}
    done = subprocess.run(command, env=env, capture_output=True, check=True, cwd=tmp_path)
    assert b"data: \\u4f60\\n\\n" in done.stdout
