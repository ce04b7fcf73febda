"""``streamsim export`` as it is typed: a file, and in one line what it has no place for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from streamsim.cli import cli
from streamsim.errors import StreamsimError
from tests.builders import as_file, exchange, recording

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a recording of two exchanges."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.jsonl").write_bytes(
        as_file(recording(exchange(), exchange(chunks=[b"x"], gaps_us=0, end="reset")))
    )
    return tmp_path


def run(*args: str) -> str:
    """Return what ``streamsim export`` prints on stderr; errors are raised."""
    result = CliRunner().invoke(cli, ["export", *args], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    assert result.stdout == ""
    return result.stderr


def refused(*args: str) -> str:
    with pytest.raises(StreamsimError) as caught:
        run(*args)
    return str(caught.value)


def test_it_says_what_was_exported_and_what_is_lost(folder: Path) -> None:
    """In one line."""
    assert run("two.jsonl", "-o", "two.yaml", "--format", "vcrpy") == (
        "streamsim: exported 2 exchanges to two.yaml;"
        " vcrpy has no place for chunk boundaries, times, how exchange 2 (reset) ended\n"
    )
    assert (folder / "two.yaml").read_bytes().startswith(b"interactions:\n")


def test_a_single_exchange_is_counted_as_one() -> None:
    """By its number."""
    assert run("two.jsonl", "-o", "one.har", "--format", "har", "--exchange", "1") == (
        "streamsim: exported 1 exchange to one.har; har has no place for chunk boundaries\n"
    )


def test_nothing_lost_is_nothing_said(folder: Path) -> None:
    """Where the format has a place for all there is."""
    (folder / "x.jsonl").write_bytes(as_file(recording(exchange(chunks=[], headers=()))))
    assert run("x.jsonl", "-o", "x.har", "--format", "har") == "streamsim: exported 1 exchange to x.har\n"


def test_an_existing_file_is_refused_or_replaced(folder: Path) -> None:
    """With --force."""
    (folder / "x").write_text("mine")
    options = ("two.jsonl", "-o", "x", "--format", "raw", "--exchange", "2")
    assert refused(*options) == "x: the file exists; replace it with --force"
    run(*options, "--force")
    assert (folder / "x").read_bytes() == b"x"


def test_what_cannot_be_written_is_one_line(folder: Path) -> None:
    """A folder that is not there, a format that holds one body."""
    assert refused("two.jsonl", "-o", "no/x", "--format", "har") == (
        "no/x: cannot be written: No such file or directory; choose another -o file"
    )
    assert refused("two.jsonl", "-o", "x", "--format", "raw") == (
        "--format raw: it holds one body; choose with --exchange: 1, 2"
    )
    assert not (folder / "x").exists()
