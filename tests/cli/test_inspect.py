"""The inspect command: text for people, JSON for programs, colours only where they are seen."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest
from click.testing import CliRunner

from streamsim.analysis import inspect, text
from streamsim.cli import cli, main
from streamsim.errors import RecordingError
from streamsim.shells import terminal
from tests.builders import as_file, chat, exchange, recording

if TYPE_CHECKING:
    from pathlib import Path

TWO = as_file(
    recording(exchange(chunks=chat("a", "b")), exchange(status=500, chunks=[b"oh no"], headers=(), end="reset"))
)


@pytest.fixture(autouse=True)
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a recording of two exchanges, ``two.jsonl``, without a terminal's settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "two.jsonl").write_bytes(TWO)


def run(*args: str) -> str:
    """Return what ``streamsim inspect`` prints on stdout; errors are raised."""
    result = CliRunner().invoke(cli, ["inspect", *args], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_away_from_a_terminal_it_is_the_plain_text() -> None:
    """What a pipe gets is the report in words, stable and uncoloured."""
    whole = inspect([TWO], source="two.jsonl")
    assert run("two.jsonl") == text.plain(whole) + "\n"
    assert run("two.jsonl", "--exchange", "2") == text.plain(whole.only(2)) + "\n"


def test_json_has_all_of_it() -> None:
    """One document with every field of the report, texts to their end."""
    whole = inspect([TWO], source="two.jsonl", whole=True)
    assert json.loads(run("two.jsonl", "--json")) == json.loads(msgspec.json.encode(whole))
    told = json.loads(run("two.jsonl", "--json", "--exchange", "1"))
    assert told["exchanges_in_file"] == 2
    (one,) = told["exchanges"]
    assert one["content"]["itl"] == {
        "count": 1,
        "p50_ns": 20_000_000,
        "p90_ns": 20_000_000,
        "p99_ns": 20_000_000,
        "max_ns": 20_000_000,
    }
    assert one["verdict"] == {"start": "instant", "pace": "natural", "completed": True}


def test_with_text_all_that_was_said_is_shown() -> None:
    """Every exchange in detail, and below it its texts, line by line."""
    whole = inspect([TWO], source="two.jsonl", whole=True)
    shown = run("two.jsonl", "--text")
    assert shown == text.plain(whole) + "\n"
    assert "\n  text\n    ab\n\nexchange 2: " in shown


def test_a_recording_cut_short_is_reported_and_no_error(tmp_path: Path) -> None:
    """Inspecting tells how a stream ended; that it ended badly is not inspect's failure."""
    (tmp_path / "cut.jsonl").write_bytes(as_file(recording())[:-20])
    shown = run("cut.jsonl")
    assert "cut short: the last line was cut in the middle" in shown
    assert "end        cut short: the recorder died" in shown


def test_a_bad_line_is_an_error_unless_salvaged(tmp_path: Path) -> None:
    """The error names the line; with --salvage the report does."""
    (tmp_path / "bad.jsonl").write_bytes(TWO + b"bad\n")
    with pytest.raises(RecordingError, match=r"^bad\.jsonl:14: "):
        run("bad.jsonl")
    assert "salvaged up to bad.jsonl:14: " in run("bad.jsonl", "--salvage")


def test_an_unknown_exchange_is_an_error() -> None:
    """The remedy names those there are."""
    with pytest.raises(RecordingError, match=r"^two\.jsonl: there is no exchange 3; it has 1, 2$"):
        run("two.jsonl", "--exchange", "3")


def test_a_missing_file_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bad input never ends in a traceback, and near names are offered."""
    monkeypatch.setattr(sys, "argv", ["streamsim", "inspect", "tow.jsonl"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("streamsim: tow.jsonl: there is no such file")
    assert "two.jsonl" in err
    assert err.count("\n") == 1


def on_a_terminal(*, exchange: int | None = None, texts: bool = False) -> str:
    """Return what a terminal gets."""
    whole = inspect([TWO], source="two.jsonl", whole=texts)
    out = io.StringIO()
    terminal.show(whole if exchange is None else whole.only(exchange), out)
    return out.getvalue()


@pytest.mark.parametrize("number", [None, 1, 2])
def test_a_terminal_gets_colours(monkeypatch: pytest.MonkeyPatch, number: int | None) -> None:
    """Verdicts and ends stand out by colour."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")
    assert "\x1b[32m" in on_a_terminal(exchange=1)
    assert "\x1b[31m" in on_a_terminal(exchange=number) or number == 1


@pytest.mark.parametrize("texts", [False, True])
@pytest.mark.parametrize("number", [None, 1, 2])
def test_a_terminal_is_told_what_the_plain_text_says(
    monkeypatch: pytest.MonkeyPatch, number: int | None, *, texts: bool
) -> None:
    """Word for word the same, whatever the layout; NO_COLOR leaves no colour."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")
    whole = inspect([TWO], source="two.jsonl", whole=texts)
    shown = on_a_terminal(exchange=number, texts=texts)
    assert "\x1b[3" not in shown
    plain = text.plain(whole if number is None else whole.only(number))
    unstyled = shown.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")
    assert unstyled.split() == plain.split()


def test_a_file_without_exchanges_is_shown_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets no empty table."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = io.StringIO()
    terminal.show(inspect([b'{"streamsim":1}\n'], source="empty"), out)
    assert out.getvalue().split() == ["empty:", "0", "exchanges"]
