"""Hand-made inputs are listed, and do what their list says."""

from __future__ import annotations

import re

import pytest

from streamsim.errors import RecordingError
from streamsim.shells.files import load
from streamsim.sse import frames, parse
from streamsim.wire.render import visible
from tests.repo.tree import ROOT

FIXTURES = ROOT / "fixtures"

_ROW = re.compile(r"^\| `(\S+)` \| (.+) \| (.+) \|$", re.MULTILINE)


def listed(folder: str) -> dict[str, str]:
    """Return what the list says of each file of ``folder``: the last column."""
    rows = _ROW.findall((FIXTURES / "README.md").read_text(encoding="utf-8"))
    return {path.removeprefix(f"{folder}/"): told for path, _, told in rows if path.startswith(f"{folder}/")}


STREAMS = listed("streams")
MALFORMED = listed("malformed")


@pytest.mark.parametrize(("folder", "files"), [("streams", STREAMS), ("malformed", MALFORMED)])
def test_every_fixture_is_listed(folder: str, files: dict[str, str]) -> None:
    """The list has all files and no others."""
    assert sorted(files) == sorted(path.name for path in (FIXTURES / folder).iterdir())


@pytest.mark.parametrize("file", STREAMS)
def test_a_stream_has_the_events_that_its_list_says(file: str) -> None:
    """Data of the events, in order, are as listed; and frames lose no byte."""
    data = (FIXTURES / "streams" / file).read_bytes()
    expected = [] if STREAMS[file] == "none" else re.findall(r"`([^`]*)`", STREAMS[file])
    assert [visible(event.data) for event in parse(data)] == expected
    assert b"".join(frames(data)) == data


@pytest.mark.parametrize("file", MALFORMED)
def test_a_malformed_recording_is_refused_in_the_words_of_its_list(file: str) -> None:
    """The error says where, what is wrong and what to do."""
    path = FIXTURES / "malformed" / file
    with pytest.raises(RecordingError) as caught:
        load(path)
    told = str(caught.value).replace(str(path), file)
    assert re.fullmatch(".*".join(map(re.escape, MALFORMED[file].strip("`").split("…"))), told), told
