"""``streamsim fit`` at the command line."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from streamsim.cli import cli, main
from streamsim.errors import RecordingError
from streamsim.plan.profile_file import read_profile
from streamsim.shells.files import shipped

if TYPE_CHECKING:
    from pathlib import Path


def fit(*arguments: object) -> str:
    result = CliRunner().invoke(cli, ["fit", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_recording_is_fitted_and_its_profile_written(tmp_path: Path) -> None:
    """The flags are printed, and the same is in the profile."""
    path = tmp_path / "fitted.toml"
    told = fit("llama-chat", "-o", path)
    profile = read_profile(path.read_text(), source=str(path))
    assert told.endswith(f"\n--itl {profile.pacing.itl}\n")
    assert fit("llama-chat", "-o", path, "--force") == told


def test_a_folder_is_fitted_as_one(tmp_path: Path) -> None:
    """All recordings in it, in the order of their names; as JSON for programs."""
    for name in ("llama-chat", "llama-completions"):
        shutil.copy(shipped()[name], tmp_path)
    told = json.loads(fit(tmp_path, "--json", "--as", "empirical"))
    assert told["itl"]["distribution"].startswith("empirical:")
    assert told["answers"] == 2


def test_the_same_recording_counts_once(tmp_path: Path) -> None:
    """However often it is named, or under another name; which is told."""
    shutil.copy(shipped()["llama-chat"], tmp_path / "other.jsonl")
    once = json.loads(fit("llama-chat", "--json"))
    again = json.loads(fit("llama-chat", "llama-chat", tmp_path, "--json"))
    assert again["itl"] == once["itl"]
    other = tmp_path / "other.jsonl"
    assert again["notes"][0] == f"counted once: llama-chat (the same as llama-chat), {other} (the same as llama-chat)"
    assert f"counted once: {other} (the same as llama-chat)\n" in fit("llama-chat", tmp_path)
    assert "(the same as llama-chat) and 2 more\n" in fit(*["llama-chat"] * 6)


def test_what_is_no_recording_is_left_out_of_a_folder_that_is_salvaged(tmp_path: Path) -> None:
    """And told; without --salvage, or where it is named itself, it is an error."""
    shutil.copy(shipped()["llama-chat"], tmp_path)
    junk = tmp_path / "junk.jsonl"
    junk.write_text("no recording\n")
    told = json.loads(fit(tmp_path, "--salvage", "--json"))
    assert told["answers"] == 1
    assert told["notes"][0].startswith(f"{junk}:1: left out: ")
    for arguments in ([tmp_path], [junk, "--salvage"]):
        result = CliRunner().invoke(cli, ["fit", *map(str, arguments)])
        assert isinstance(result.exception, RecordingError)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("EMPTY",),
            "EMPTY: no file in it ends in .jsonl; name one that holds recordings: folders in it are not looked into",
        ),
        (("llama-chat", "-o", "EMPTY"), "EMPTY: the file exists; replace it with --force"),
        (
            ("llama-chat", "-o", "EMPTY/no/p.toml"),
            "EMPTY/no/p.toml: cannot be written: No such file or directory; choose another -o file",
        ),
        (
            ("llama-chat", "--min-samples", "99999"),
            "llama-chat: 1 answer with 42 gaps, and a fit needs 99999 of either; record more, or",
        ),
    ],
)
def test_bad_input_is_one_line(
    arguments: tuple[str, ...],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With exit code 2."""
    here = [argument.replace("EMPTY", str(tmp_path)) for argument in arguments]
    monkeypatch.setattr("sys.argv", ["streamsim", "fit", *here])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith(f"streamsim: {message.replace('EMPTY', str(tmp_path))}")
    assert told.count("\n") == 1
