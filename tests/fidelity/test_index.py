"""The page that tells the story of each shipped recording tells it of the files that are really there."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from streamsim.plan.planner import Planner
from streamsim.recording import codec
from streamsim.recording.model import Header, Recording
from streamsim.shells.files import load, shipped
from streamsim.wire import Hang

FOLDER = Path(__file__).parents[2] / "recordings"
PAGE = (FOLDER / "INDEX.md").read_text("utf-8")
MOST_BYTES = 60_000


class Row(msgspec.Struct, frozen=True):
    """One line of the page's table."""

    exchanges: int
    ends: str
    redacted: str
    digest: str


def _rows() -> dict[str, Row]:
    cells = re.findall(r"^\| `(\S+)` \|[^|]+\| (\d+) \| ([^|]+) \| ([^|]+) \| `(\w+)` \|$", PAGE, re.MULTILINE)
    return {name: Row(int(exchanges), ends, redacted, digest) for name, exchanges, ends, redacted, digest in cells}


def _header(recording: Recording) -> Header:
    assert isinstance(recording.header, Header)
    return recording.header


def _causes(recording: Recording) -> list[str]:
    return [exchange.end.cause if exchange.end is not None else "none" for exchange in recording.exchanges]


each_recording = pytest.mark.parametrize("name", shipped())


def test_every_file_is_listed_and_every_listed_file_is_there() -> None:
    """The table has exactly one row for each recording in the folder."""
    assert sorted(_rows()) == sorted(path.stem for path in FOLDER.glob("*.jsonl"))


@each_recording
def test_the_row_says_what_the_file_holds(name: str) -> None:
    """Number of exchanges, ends, redacted names and digest of the table are those of the file."""
    recording = load(name)
    assert _rows()[name] == Row(
        exchanges=len(recording.exchanges),
        ends=", ".join(sorted(set(_causes(recording)), key=["complete", "fin", "cancelled"].index)),
        redacted=", ".join(_header(recording).redacted) or "none",
        digest=codec.digest(recording),
    )


@each_recording
def test_every_recording_has_its_story(name: str) -> None:
    """The page has a paragraph about each recording."""
    assert re.search(rf"^\*\*{re.escape(name)}\*\*: \w", PAGE, re.MULTILINE)


@each_recording
def test_a_recording_is_whole_or_says_why_not(name: str) -> None:
    """Every exchange has an end, and the table tells of the causes that stand in the file."""
    recording = load(name)
    assert not recording.torn
    assert "none" not in _causes(recording)
    assert set(_causes(recording)) == set(_rows()[name].ends.split(", "))


@each_recording
def test_a_recording_can_be_planned(name: str) -> None:
    """Every exchange has a timeline, and only one whose client left hangs."""
    planner = Planner(load(name))
    for exchange in planner.recording.exchanges:
        assert exchange.end is not None
        last = planner.plan(exchange.number).timeline[-1].action
        assert isinstance(last, Hang) <= (exchange.end.cause == "cancelled")


@each_recording
def test_a_recording_is_small_and_keeps_no_secret(name: str) -> None:
    """A recording stays under 60 KB and holds neither the invented key, nor a path of the machine it was made on."""
    data = shipped()[name].read_bytes()
    assert len(data) < MOST_BYTES
    assert not re.search(rb"sk-[A-Za-z]|/(?:root|home|tmp|Users)\b", data)
