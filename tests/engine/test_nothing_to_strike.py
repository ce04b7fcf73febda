"""Faults that find nothing to strike: in some of what is served, and in all of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from streamsim.engine.core import Engine, Settings
from streamsim.engine.script import Script
from streamsim.errors import PlanError
from streamsim.plan.faults import parse_fault
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from tests.builders import exchange, recording
from tests.engine.asking import asked

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange

JSON = exchange(headers=(("content-type", "application/json"),), chunks=[b"{}"])
PACKED = exchange(headers=(("content-encoding", "br"),), chunks=[b"x"])


def truncating(*exchanges: Exchange, forward: bool = False) -> Engine:
    """Return a server that loses an event of each stream, and then the end."""
    profile = Profile(faults=(parse_fault("drop"), parse_fault("clean_truncation")))
    return Engine([Planner(recording(*exchanges), name="r")], Settings(profile=profile, forward=forward))


def faults(served: Engine, number: int) -> object:
    """Return what is told of the faults in the answer with this exchange."""
    answer = served.answer(asked(headers={"x-streamsim-exchange": str(number)}))
    assert isinstance(answer, Script)
    return answer.told["faults"]


def test_answers_without_events_are_served_beside_streams() -> None:
    """Faults that were given no place miss them, and the trace says why."""
    served = truncating(JSON, exchange())
    served.check()
    assert faults(served, 1) == [
        {"fault": "drop", "outcome": "missed", "problem": "the recording has no event"},
        {
            "fault": "clean_truncation",
            "outcome": "missed",
            "problem": "the recording has no event before which to end",
        },
    ]
    assert faults(served, 2) == [
        {"fault": "drop", "outcome": "applied"},
        {"fault": "clean_truncation", "outcome": "applied"},
    ]


@pytest.mark.parametrize(
    ("exchanges", "reasons"),
    [
        ([JSON], "r:1: the recording has no event"),
        ([JSON, exchange(headers=(), chunks=[])], "r:1: the recording has no event"),
        (
            [PACKED, JSON],
            "r:1: the recorded body is compressed, so its events cannot be reached, r:2: the recording has no event",
        ),
    ],
)
def test_a_fault_with_nothing_to_strike_anywhere_is_an_error(exchanges: list[Exchange], reasons: str) -> None:
    """Before serving, with each reason; not where an upstream is asked for more."""
    message = f"drop: nothing to strike in all that is served ({reasons}); record"
    with pytest.raises(PlanError, match=f"^{re.escape(message)}"):
        truncating(*exchanges).check()
    truncating(*exchanges, forward=True).check()


def test_nothing_to_serve_is_nothing_to_strike() -> None:
    """A server whose recordings are still to come is told nothing."""
    Engine([], Settings(profile=Profile(faults=(parse_fault("drop"),)))).check()
