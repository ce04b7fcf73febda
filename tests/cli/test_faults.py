"""The catalogue at the command line, and the options that use it."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from streamsim.cli import cli
from streamsim.cli.options import pacing_options
from streamsim.errors import PlanError, ProfileError, UsageError
from streamsim.plan.distribution import fixed
from streamsim.plan.faults import CATALOGUE, parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Given, Planner
from streamsim.plan.profile import Profile
from streamsim.shells.files import load
from tests.builders import as_file, exchange, recording

if TYPE_CHECKING:
    from pathlib import Path

MS = 1_000_000

GAP = """\
gap: The stream falls silent for a while, and then goes on.

  Pause at the place: all that follows, the end included, comes later. A chunk across the place
  becomes two.

  By default halfway through the events. With a probability and no place: before each event that
  chance picks.

  sees: a pause; a body timeout that is shorter
"""

PICTURE = r"""
gap:for=2s on a stream of three events: applied

step      at ms     gap ms  do     chunk   bytes  what
   0    100.000   +100.000  head                  HTTP/1.1 200 OK (chunked), content-type: text/eve…
   1    300.000   +200.000  send       0      49  data: {"choices":[{"delta":{"content":"Hé"}}]}\n\n
   2   2500.000  +2200.000  send       1      49  data: {"choices":[{"delta":{"content":"llo"}}]}\n…
   3   2700.000   +200.000  send       2      14  data: [DONE]\n\n
   4   2700.000     +0.000  end                   the body is complete
"""


@pytest.fixture(autouse=True)
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a recording of three events with ids, ``session.jsonl``, and a profile, ``slow.toml``."""
    monkeypatch.chdir(tmp_path)
    chunks = [b"id: %d\ndata: %d\n\n" % (number, number) for number in range(3)]
    (tmp_path / "session.jsonl").write_bytes(as_file(recording(exchange(chunks=chunks))))
    (tmp_path / "slow.toml").write_text('faults = ["gap:for=1s"]\n[pacing]\nitl = "1s"\nttft = "2s"\n')


def run(*args: str) -> str:
    """Return what ``streamsim`` prints on stdout; errors are raised."""
    result = CliRunner().invoke(cli, list(args), standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_the_list_has_every_fault() -> None:
    """By group, each with what it takes and what its reader sees, and where it was seen."""
    lines = run("faults").split("\n")
    names = [line.split()[0] for line in lines if line.startswith("  ") and not line.startswith("   ")]
    assert names == list(CATALOGUE)
    assert [line for line in lines if line in ("Connection", "Time", "Bytes", "Frames", "Answers")] == [
        "Connection",
        "Time",
        "Bytes",
        "Frames",
        "Answers",
    ]
    place = lines.index("  reset_peer [at…] after=0")
    assert lines[place + 2] == "      sees: ECONNRESET after the events before the place"
    assert lines[place + 3].startswith("      seen: BerriAI/litellm#33404, ")
    assert max(map(len, lines)) <= 100


def test_one_is_shown_with_its_picture() -> None:
    """What it is, what it takes, and what it makes of a stream of three events, with the parameters that were given."""
    told = run("faults", "gap:for=2s")
    assert told.startswith(GAP)
    assert told.endswith(PICTURE)
    assert "  for=301s     for=301s: how much later; by default a second" in told
    assert "  at_event     After so many events were delivered" in told
    assert "  attempt      1 or 1-2: only at these attempts" in told


def test_only_what_a_fault_takes_is_shown() -> None:
    """One without a place shows none."""
    told = run("faults", "buffer_all")
    assert "at_event" not in told
    assert "probability" in told


def test_a_long_picture_is_shown_without_its_middle() -> None:
    """Ends are what matters."""
    told = run("faults", "slicer")
    assert "more steps …" in told
    assert told.endswith("the body is complete\n")


def test_as_data() -> None:
    """The list, and one with its timeline."""
    assert [told["name"] for told in json.loads(run("faults", "--json"))["faults"]] == list(CATALOGUE)
    told = json.loads(run("faults", "--json", "gap:for=2s"))
    assert (told["name"], told["fault"], told["outcome"], told["group"]) == ("gap", "gap:for=2s", "applied", "Time")
    assert told["parameters"][0]["name"] == "for"
    assert [step["do"] for step in told["timeline"]] == ["head", "send", "send", "send", "end"]


def test_a_terminal_gives_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal lines are as wide as it is, within reason."""
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    for columns, width in ((60, 60), (10, 40)):
        size = os.terminal_size((columns, 20))
        monkeypatch.setattr(shutil, "get_terminal_size", lambda _, size=size: size)
        lines = run("faults").split("\n")
        assert max(map(len, lines)) > width - 10
        assert [line for line in lines if len(line) > width and "=" not in line and "#" not in line] == []


@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [
        ("gapp", UsageError, "faults: there is no fault 'gapp'; did you mean gap?"),
        ("gap:four=1s", UsageError, "faults: gap has no parameter 'four'; it has "),
        ("gap:for=soon", UsageError, "faults: gap: for: 'soon' is not a duration"),
        ("reset_peer:at_event=9", PlanError, "sample, exchange 1: reset_peer: there is no event 9 of 3"),
    ],
)
def test_what_there_is_not_is_said(fault: str, kind: type[Exception], message: str) -> None:
    """With names that come near."""
    with pytest.raises(kind) as caught:
        run("faults", fault)
    assert str(caught.value).startswith(message)


def profile_of(*args: str) -> Profile:
    """Return the profile that a command gets with these options."""
    seen: list[Profile] = []

    @click.command()
    @pacing_options
    def command(profile: Profile) -> None:
        seen.append(profile)

    result = CliRunner().invoke(command, args, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return seen[0]


def test_faults_stand_in_the_order_of_the_options() -> None:
    """The option may be given again."""
    assert profile_of("--fault", "gap:for=1s", "--fault", "bom").faults == (
        parse_fault("gap:for=1s"),
        parse_fault("bom"),
    )


def test_options_go_before_the_profile() -> None:
    """Its pacing gives way, one by one, and faults are added after its own."""
    profile = profile_of("--itl", "3ms", "--fault", "bom", "--profile", "slow.toml")
    assert profile == Profile(
        name="slow",
        pacing=Pacing(itl=fixed(3 * MS), ttft=fixed(2000 * MS)),
        faults=(parse_fault("gap:for=1s"), parse_fault("bom")),
    )


def test_recorded_takes_a_time_of_the_profile_back() -> None:
    """Both times and where they start from."""
    assert profile_of("--profile", "slow.toml", "--itl", "recorded", "--pacing", "recorded").pacing == Pacing(
        ttft=fixed(2000 * MS)
    )


def test_a_shipped_profile_goes_by_its_name() -> None:
    """As a shipped recording does."""
    assert profile_of("--profile", "good-day").about.startswith("A provider on a good day")


@pytest.mark.parametrize(
    ("args", "kind", "message"),
    [
        (("--fault", "gapp"), UsageError, "--fault: there is no fault 'gapp'; did you mean gap?"),
        (("--fault", "gap:attempt=0"), UsageError, "--fault: gap: attempt='0' names no attempts"),
        (
            ("--profile", "good-dya"),
            ProfileError,
            "good-dya: there is no such file, nor a shipped profile of that name",
        ),
    ],
)
def test_wrong_options_are_named(args: tuple[str, ...], kind: type[Exception], message: str) -> None:
    """By the option, or by the file."""
    with pytest.raises(kind) as caught:
        profile_of(*args)
    assert str(caught.value).startswith(message)


def test_a_plan_says_what_became_of_each_fault() -> None:
    """In its head, and as data."""
    args = (
        "plan",
        "session.jsonl",
        "--fault",
        "gap:attempt=2",
        "--fault",
        "reset_peer:at_event=1",
        "--fault",
        "stall:at_event=2",
    )
    assert run(*args).split("\n")[3:6] == [
        "fault gap:attempt=2: missed",
        "fault reset_peer:at_event=1: applied",
        "fault stall:at_event=2: not reached",
    ]
    assert json.loads(run(*args, "--json"))["plans"][0]["faults"][1] == {
        "fault": "reset_peer:at_event=1",
        "outcome": "applied",
    }


def test_a_place_that_is_not_there_is_an_error() -> None:
    """It names recording, exchange and fault."""
    with pytest.raises(PlanError, match=r"^session\.jsonl, exchange 1: reset_peer: there is no event 90 of 3; places"):
        run("plan", "session.jsonl", "--fault", "reset_peer:at_event=90")


def test_a_plan_says_why_a_fault_finds_nothing_to_strike() -> None:
    """In words and as data; no place was given, so it is no error."""
    told = run("plan", "session.jsonl", "--fault", "truncate_mid_json").split("\n")[3]
    assert told == "fault truncate_mid_json: missed: no event is a JSON object; use clean_truncation:at_byte=N"
    assert json.loads(run("plan", "session.jsonl", "--json", "--fault", "truncate_mid_json"))["plans"][0]["faults"] == [
        {"fault": "truncate_mid_json", "outcome": "missed", "problem": "no event is a JSON object"}
    ]


def test_a_plan_for_a_reader_that_resumes() -> None:
    """It is that of the request with this ``Last-Event-ID``."""
    plan = Planner(load("session.jsonl")).plan(1, given=Given(last_event_id="1"))
    told = json.loads(run("plan", "session.jsonl", "--last-event-id", "1", "--json"))["plans"][0]
    assert (told["plan"], told["events"]) == (plan.plan_id, 1)


@pytest.mark.parametrize(
    ("fault", "seen", "summary"),
    [
        ("reset_peer:at_event=2", "0\n1\n", "exchange 1: status 200, TTFT 0, 2 events in "),
        ("stall", "0\n", "exchange 1: status 200, TTFT 0, 1 event in "),
        ("empty_reply", "", "exchange 1: no answer, 0 bytes in "),
    ],
)
def test_play_shows_a_broken_stream(fault: str, seen: str, summary: str) -> None:
    """What arrives is shown, and how it ended is said; a hang without an end is over at once."""
    result = CliRunner().invoke(cli, ["play", "session.jsonl", "--pacing", "instant", "--fault", fault])
    assert result.stdout == seen
    assert result.stderr.startswith(summary)
