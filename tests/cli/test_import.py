"""``streamsim import`` as it is typed: a file, what it did not tell, and every mistake in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from streamsim.cli import cli
from streamsim.errors import StreamsimError
from streamsim.recording.model import Header, Kept
from streamsim.shells.files import load
from tests.builders import as_file, exchange, recording
from tests.recording.importers.inputs import BODY, cassette, interaction

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a bare body and a cassette of two exchanges."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "body.sse").write_bytes(BODY)
    (tmp_path / "two.json").write_text(
        json.dumps(cassette(interaction(), interaction(asked={"x-api-key": "secret-key"})))
    )
    return tmp_path


def run(*args: str) -> str:
    """Return what ``streamsim import`` prints on stderr; errors are raised."""
    result = CliRunner().invoke(cli, ["import", *args], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    assert result.stdout == ""
    return result.stderr


def refused(*args: str) -> str:
    with pytest.raises(StreamsimError) as caught:
        run(*args)
    return str(caught.value)


def test_it_says_what_was_imported_and_what_the_file_did_not_tell(folder: Path) -> None:
    """One line each, with what to do about it."""
    assert run("two.json", "-o", "two.jsonl") == (
        "streamsim: imported 2 exchanges, 60 bytes of answers, from vcrpy to two.jsonl\n"
        "streamsim: the file does not tell where chunks ended: each event is one\n"
        "streamsim: the file does not tell when they came: all come at once, unless you serve with"
        " --ttft 400ms --itl 30ms\n"
    )
    first = (folder / "two.jsonl").read_bytes().partition(b"\n")[0]
    assert first == (
        b'{"streamsim":1,"recorder":"streamsim 0.1.0","upstream":"https://api.test","imported":"vcrpy",'
        b'"lacks":["boundaries","times"],"redacted":["x-api-key"]}'
    )
    assert [exchange.body for exchange in load("two.jsonl").exchanges] == [BODY, BODY]


def test_what_was_found_amiss_is_said() -> None:
    """Between the two."""
    told = run("body.sse", "-o", "body.jsonl").splitlines()
    assert told[0] == "streamsim: imported 1 exchange, 30 bytes of answers, from raw to body.jsonl"
    assert len(told) == 5


def test_a_format_can_be_said(folder: Path) -> None:
    """Where it does not show."""
    (folder / "one.txt").write_text('{"a":1}')
    assert refused("one.txt", "-o", "one.jsonl").startswith("one.txt: it looks like no known format; say --format: ")
    assert "from chunks to one.jsonl" in run("one.txt", "-o", "one.jsonl", "--format", "chunks")


def test_an_existing_file_is_refused_replaced_or_added_to(folder: Path) -> None:
    """Numbers go on; a comment tells where the rest is from; what was removed is listed for both."""
    (folder / "x.jsonl").write_bytes(as_file(recording(exchange(), exchange(connection=4))))
    assert refused("two.json", "-o", "x.jsonl") == (
        "x.jsonl: the file exists; add to it with --append or replace it with --force"
    )
    run("two.json", "-o", "x.jsonl", "--append")
    run("two.json", "-o", "x.jsonl", "--append")
    told = load("x.jsonl")
    assert [(one.number, one.request.connection) for one in told.exchanges] == [
        (1, 1), (2, 4), (3, 5), (4, 6), (5, 7), (6, 8),
    ]  # fmt: skip
    kept = [entry.raw for entry in told.entries if isinstance(entry, Kept)]
    assert kept == [b"# imported from vcrpy, which does not tell boundaries, times"] * 2
    assert isinstance(told.header, Header)
    assert (told.header.imported, told.header.redacted) == ("", ("x-api-key",))
    run("body.sse", "-o", "x.jsonl", "--force")
    assert len(load("x.jsonl").exchanges) == 1


def test_a_file_that_lacks_nothing_is_added_without_a_word_of_that(folder: Path) -> None:
    """The comment tells the format only."""
    trace = (
        "08:00:00.000000 => Send header, 18 bytes (0x12)\n"
        "0000: 47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a GET / HTTP/1.1..\n"
        "0010: 0d 0a                                           ..\n"
        "08:00:00.000000 <= Recv header, 14 bytes (0xe)\n"
        "0000: 48 54 54 50 2f 31 2e 31 20 32 30 30 0d 0a       HTTP/1.1 200..\n"
    )
    (folder / "trace").write_text(trace)
    run("body.sse", "-o", "x.jsonl")
    assert run("trace", "-o", "x.jsonl", "--append").count("\n") == 1
    assert b"\n# imported from curl-trace\n" in (folder / "x.jsonl").read_bytes()


def test_what_cannot_be_imported_leaves_no_file(folder: Path) -> None:
    """The file is read before another is opened."""
    (folder / "bad").write_text("{")
    assert refused("bad", "-o", "bad.jsonl").startswith("bad: it is no JSON that can be read (")
    assert refused("nowhere", "-o", "bad.jsonl") == "nowhere: No such file or directory; check the file"
    assert refused("body.sse", "-o", "b.jsonl", "--append", "--force") == (
        "import: --append and --force contradict each other; choose one"
    )
    assert not (folder / "bad.jsonl").exists()
    assert not (folder / "b.jsonl").exists()


def test_a_recording_needs_no_import(folder: Path) -> None:
    """It says so."""
    (folder / "x.jsonl").write_bytes(as_file(recording()))
    assert refused("x.jsonl", "-o", "y.jsonl") == "x.jsonl: it is a recording already; serve it as it is"


def test_inspect_tells_where_it_is_from() -> None:
    """And what cannot be read off its times."""
    run("two.json", "-o", "two.jsonl")
    shown = CliRunner().invoke(cli, ["inspect", "two.jsonl"], standalone_mode=False).stdout
    assert "imported from vcrpy, which does not tell boundaries, times\n" in shown
    told = json.loads(CliRunner().invoke(cli, ["inspect", "two.jsonl", "--json"], standalone_mode=False).stdout)
    assert (told["imported"], told["lacks"]) == ("vcrpy", ["boundaries", "times"])
