"""Replicate's prediction streams."""

from __future__ import annotations

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import claimed
from streamsim.dialects.told import NOTHING, Failure, Piece, Told
from tests.dialects.events import event

REPLICATE = BY_NAME["replicate"]


@pytest.mark.parametrize(
    ("data", "kind", "told"),
    [
        ("Hi\n", "output", Told((Piece("text", "Hi\n"),))),
        ("", "output", NOTHING),
        ("{}", "done", Told(stops=((0, "done"),), terminal=True)),
        ('{"reason":"canceled"}', "done", Told(stops=((0, "canceled"),), terminal=True)),
        ("no", "error", Told(failure=Failure("no"))),
        ("x", "logs", NOTHING),
    ],
)
def test_outputs_are_text(data: str, kind: str, told: Told) -> None:
    """Output is text as it is; ``done`` ends it, with a reason where there is one."""
    assert REPLICATE.tell(event(data, kind)) == told


def test_its_ids_tell_it() -> None:
    """An output with an id of two numbers is its own; its text can be put anew."""
    assert claimed(event("Hi", "output", "1707756341:0")).name == "replicate"
    assert claimed(event("Hi", "output", "1")).name == "generic"
    assert REPLICATE.with_text(event("Hi", "output"), "x") == "x"
    assert REPLICATE.with_text(event("Hi", "logs"), "x") is None
