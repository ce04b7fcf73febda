from __future__ import annotations

import msgspec
import pytest

from streamsim.errors import PlanError
from streamsim.plan import handbook
from streamsim.plan.faults import CATALOGUE, Fault, parse_fault
from streamsim.plan.faults.fault import Placed
from streamsim.plan.handbook import Entry
from streamsim.wire.render import render

ENTRIES = {entry.name: entry for entry in handbook.entries()}


def test_the_whole_catalogue_is_there_once() -> None:
    """Every fault is in one group."""
    assert [entry.name for entry in handbook.entries()] == list(CATALOGUE)


@pytest.mark.parametrize("name", ENTRIES)
def test_everything_is_said_about_a_fault(name: str) -> None:
    """Each parameter has a meaning, each default is one that the fault takes, and no markup of docstrings is left."""
    entry, kind = ENTRIES[name], CATALOGUE[name]
    words = [entry.title, entry.text, *(told.meaning for told in entry.parameters)]
    assert all(words)
    assert [text for text in words if "``" in text or "Attributes" in text or "  " in text] == []
    shared = msgspec.structs.fields(Placed if issubclass(kind, Placed) else Fault)
    own = {field.encode_name for field in msgspec.structs.fields(kind)} - {field.encode_name for field in shared}
    assert {told.name for told in entry.parameters} == own
    for told in entry.parameters:
        if told.default:
            escaped = told.default.replace("\\", "\\\\").replace("\n", "\\n")
            assert parse_fault(f"{name}:{told.name}={escaped}") == parse_fault(name)


@pytest.mark.parametrize("name", ENTRIES)
def test_a_picture_shows_the_fault(name: str) -> None:
    """There is a small stream on which its defaults change something, and it is that one which is shown."""
    plan = handbook.picture(parse_fault(name))
    assert [told.outcome for told in plan.faults] == ["applied"]
    assert plan.digest != handbook.sample().digest or name == "replay_on_reconnect"


def test_the_parameters_of_all_faults_are_told_apart() -> None:
    """Attempts and chance, which all take, and the places."""
    always, places = handbook.common()
    assert [told.name for told in always] == ["attempt", "probability"]
    assert [told.name for told in places] == ["at_event", "at_byte", "at_chunk", "at"]
    assert all(told.meaning for told in (*always, *places))


def test_the_entry_of_a_fault_is_that_of_its_kind() -> None:
    """Whatever its parameters are."""
    entry = handbook.entry(parse_fault("gap:for=1s"))
    assert entry == ENTRIES["gap"]
    assert isinstance(entry, Entry)
    assert (entry.group, entry.placed) == ("Time", True)


def test_a_picture_is_of_the_attempt_that_is_struck() -> None:
    """A fault of the second attempt is shown there."""
    plan = handbook.picture(parse_fault("gap:attempt=2-3,for=1s"))
    assert plan.attempt == 2
    assert plan.faults[0].outcome == "applied"


def test_a_fault_that_changes_nothing_is_shown_on_the_first_stream() -> None:
    """What was asked for is drawn even if there is nothing to see."""
    plan = handbook.picture(parse_fault("line_ends:style=lf"))
    assert [told.outcome for told in plan.faults] == ["missed"]
    assert plan.digest == handbook.sample().digest


def test_a_place_that_no_stream_has_is_an_error() -> None:
    """It names the place."""
    with pytest.raises(PlanError, match=r"reset_peer: there is no event 9 of 3"):
        handbook.picture(parse_fault("reset_peer:at_event=9"))


def test_a_long_picture_loses_its_middle() -> None:
    """Heading, beginning and end stay, and it is said how much is missing."""
    short = render(handbook.sample().timeline).split("\n")
    assert handbook.shortened(short) == short
    long = render(handbook.picture(parse_fault("slicer")).timeline).split("\n")
    cut = handbook.shortened(long)
    assert len(cut) == 14
    assert cut[:10] == long[:10]
    assert cut[-3:] == long[-3:]
    assert cut[10].strip() == f"… {len(long) - 13} more steps …"
