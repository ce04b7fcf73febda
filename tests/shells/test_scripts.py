"""Scripts in files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.dialects import read
from streamsim.errors import ScriptError, UsageError
from streamsim.shells.files import load, load_script

if TYPE_CHECKING:
    from pathlib import Path


def put(folder: Path, text: str | bytes) -> Path:
    path = folder / "said.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_script_is_loaded_as_the_recording_that_it_makes(tmp_path: Path) -> None:
    """In its own dialect, under the name of its file."""
    path = put(tmp_path, 'dialect = "cohere"\nsay = "Hi ☃"')
    loaded = load(path)
    reading = read(loaded.exchange(1))
    assert (loaded.source, reading.dialect, reading.answer().first.text) == (str(path), "cohere", "Hi ☃")
    assert load_script(path).dialect == "cohere"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('sai = "x"', "sai: there is no such key; did you mean say?"),
        (b"\xff", "it is not UTF-8; save it as UTF-8"),
    ],
)
def test_a_bad_script_is_named(tmp_path: Path, text: str | bytes, problem: str) -> None:
    """By its path, wherever it is loaded."""
    path = put(tmp_path, text)
    for loader in (load, load_script):
        with pytest.raises(ScriptError) as caught:
            loader(path)
        assert str(caught.value) == f"{path}: {problem}"


def test_a_bad_dialect_is_named_in_its_file(tmp_path: Path) -> None:
    """With the key."""
    path = put(tmp_path, 'dialect = "antropic"\nsay = "x"')
    with pytest.raises(
        UsageError, match=r"said\.toml: dialect: there is no dialect 'antropic'; did you mean anthropic"
    ):
        load(path)


def test_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With those beside it."""
    put(tmp_path, 'say = "x"')
    with pytest.raises(
        ScriptError, match=r"there is no such file, nor a shipped script of that name; did you mean .*said"
    ):
        load_script(tmp_path / "sad.toml")
