"""A script as a writer goes through it."""

from __future__ import annotations

from streamsim.dialects.said import Error, Pause, Say, Text, ToolCall
from streamsim.dialects.turns import Turn, deltas, turns


def test_pauses_add_up_before_the_next_part() -> None:
    """A pause is no turn, but time before one; the end is a turn."""
    say = Say((Pause(1), Pause(2), Text("a"), ToolCall("f"), Pause(3)))
    assert list(turns(say)) == [Turn(Text("a"), 3), Turn(ToolCall("f"), 0), Turn(None, 3)]


def test_nothing_follows_an_error() -> None:
    """An error is the end, whatever stands behind it."""
    assert list(turns(Say((Text("a"), Pause(1), Error("x"), Text("b"))))) == [Turn(Text("a"), 0), Turn(None, 1)]


def test_the_first_delta_waits() -> None:
    """A text is cut like tokens, and what waits is its first piece."""
    assert list(deltas("Hi there", 5)) == [("Hi", 5), (" there", 0)]
    assert list(deltas("", 5)) == []
