from __future__ import annotations

from streamsim.engine.repeats import EACH, ROOM, Repeats


def test_what_was_heard_is_known() -> None:
    """What was put in is there under its bytes, and under no others."""
    known: Repeats[int] = Repeats()
    known.put(b"a", 1)
    assert known.get(b"a") == 1
    assert known.get(b"b") is None


def test_who_came_first_has_to_go() -> None:
    """When room is short, what came first goes, and no more than that."""
    known: Repeats[int] = Repeats()
    fit = ROOM // (EACH + 4)
    for number in range(fit + 1):
        known.put(number.to_bytes(2, "big"), number)
    assert [known.get(number.to_bytes(2, "big")) for number in (0, 1, fit)] == [None, 1, fit]


def test_what_is_too_large_does_not_stay() -> None:
    """What takes more than all the room is forgotten at once."""
    known: Repeats[int] = Repeats()
    known.put(bytes(ROOM), 1)
    assert known.get(bytes(ROOM)) is None
