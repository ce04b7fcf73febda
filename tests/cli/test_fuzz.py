"""``streamsim fuzz`` as it is typed."""

from __future__ import annotations

import json
import re
import shutil
import sys
from importlib import import_module
from pathlib import Path

import pytest

from streamsim import cli
from streamsim.conformance.rules import RULES

ROOT = Path(__file__).parents[2]
CAMPAIGN = import_module("streamsim.conformance.campaign")
MODULE = "tests.conformance.misbehaving"


@pytest.fixture(autouse=True)
def _root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where the parsers are."""
    monkeypatch.chdir(ROOT)


def typed(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """Return exit code, output and complaint of a command with these words."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["streamsim", "fuzz", *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
    out, err = capsys.readouterr()
    assert isinstance(caught.value.code, int)
    return caught.value.code, out, err


def test_a_right_parser_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and how much was tried."""
    code, out, err = typed(capsys, f"{MODULE}:right", "--examples", "300", "--seed", "3")
    assert (code, err) == (0, "")
    assert re.fullmatch(rf"{MODULE}:right breaks no rule \(\d+ examples, seed 3\)\n", out)


def test_a_parser_of_payloads_is_tried_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Its form is found out, though it reads nothing but the payload that the policy declares."""
    words = ("--policy", 'payload={"text":TEXT}', "--rule", "fields", "--examples", "40")
    code, _, err = typed(capsys, f"{MODULE}:texts", *words)
    assert (code, err) == (0, "")


def test_a_broken_parser_falls_short(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit code 1, the smallest example, and files of it; the second time it is known."""
    words = (f"{MODULE}:only_lf", "--rule", "line-ends", "--examples", "800", "--database", tmp_path / "known")
    code, out, err = typed(capsys, *words, "--save", tmp_path / "found")
    assert code == 1
    assert "fed:      b'data: a\\r\\n\\r\\n'" in out
    found = tmp_path / "found"
    assert err == f"saved 2 in {found}: streamsim serve {found / 'line-ends-cr.jsonl'}, pytest {found}\n"
    assert sorted(path.name for path in found.iterdir()) == [
        "line-ends-cr.jsonl",
        "line-ends-crlf.jsonl",
        "test_line_ends_cr.py",
        "test_line_ends_crlf.py",
    ]
    code, again, _ = typed(capsys, *words[:-3], "1", *words[-2:])
    assert code == 1
    assert again.partition("\n")[2] == out.partition("\n")[2]


def test_json_is_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    """One document, and nothing else."""
    code, out, err = typed(capsys, f"{MODULE}:only_lf", "--rule", "line-ends", "--examples", "800", "--json")
    document = json.loads(out)
    assert (code, err) == (1, "")
    assert [finding["features"] for finding in document["findings"]] == [["cr"], ["crlf"]]
    assert {key: document[key] for key in ("target", "kind", "cut")} == {
        "target": f"{MODULE}:only_lf",
        "kind": "python",
        "cut": False,
    }


def test_what_is_by_design_is_told_and_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0."""
    words = ("--rule", "line-ends", "--policy", "by_design=line-ends", "--examples", "800")
    code, out, _ = typed(capsys, f"{MODULE}:only_lf", *words)
    assert code == 0
    assert "breaks no rule" in out
    assert "by design: line-ends: gave 0 events instead of 1\n" in out


def test_where_nothing_can_be_saved_nothing_is_begun(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The folder is made first."""
    (tmp_path / "file").write_text("")
    code, out, err = typed(capsys, f"{MODULE}:only_lf", "--save", tmp_path / "file" / "found")
    assert (code, out) == (2, "")
    assert "there can be no folder: Not a directory; choose another --save folder" in err


def test_time_that_is_over_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The report says after how many examples."""
    _, out, _ = typed(capsys, f"{MODULE}:right", "--seconds", "0.3", "--examples", "1000000")
    assert "(cut after " in out


def test_a_parser_that_takes_its_process_with_it_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    """It is shrunk like any other, and is not our crash."""
    code, out, err = typed(capsys, f"{MODULE}:dying", "--rule", "ids", "--rule", "fields", "--examples", "600")
    assert (code, err) == (1, "")
    assert "raised Crash: the process ended, killed by SIGSEGV" in out


@pytest.mark.skipif(shutil.which("perl") is None, reason="there is no perl on the PATH")
def test_the_example_in_perl_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """The adapter and the parser in the docs do what they should."""
    program = f"perl {ROOT / 'docs/examples/fuzz/perl/parser.pl'}"
    rules = [word for each in RULES if each.name != "linear-time" for word in ("--rule", each.name)]
    code, out, _ = typed(capsys, "--command", program, "--examples", "600", *rules)
    assert code == 0, out
    assert out.startswith(f"{program} breaks no rule (")


def test_jobs_find_the_same(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes, the same document."""
    monkeypatch.setattr(CAMPAIGN, "HEAD", 300)
    monkeypatch.setattr(CAMPAIGN, "BATCH", 200)
    words = (f"{MODULE}:only_lf", "--rule", "no-data", "--examples", "800", "--json")
    assert typed(capsys, *words, "--jobs", "2") == typed(capsys, *words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "streamsim: fuzz: name one parser; as package.module:callable, with --command or with --client\n"),
        (("a:b", "--client", "c {url}"), "streamsim: fuzz: name one parser; as package"),
        (("a:b", "--rule", "none"), "streamsim: --rule: there is no rule 'none'; there are fields, line-ends"),
        (("a:b", "--jobs", "2", "--executor", "x:y"), "streamsim: --jobs: the executor has its own; give --jobs or"),
        (("a:b", "--policy", "a.toml", "--policy", "b.toml"), "streamsim: --policy: there are two files; write what"),
        (("a:b", "--seconds", "nan"), "streamsim: fuzz: Invalid value for '--seconds': it never comes; give a number"),
        (("no.such:parser", "--examples", "1"), "streamsim: no.such:parser: it cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_what_makes_no_sense_is_one_line(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str) -> None:
    """Exit code 2."""
    code, out, err = typed(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith(told)
    assert err.count("\n") == 1
