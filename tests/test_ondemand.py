from __future__ import annotations

import pytest

from streamsim.ondemand import OnDemand


def test_it_is_loaded_when_asked_for() -> None:
    """Names are told in their order without loading anything; what is asked for is loaded."""
    asked: list[str] = []

    def load(name: str) -> str:
        asked.append(name)
        return name.upper()

    things = OnDemand(("b", "a", "b"), load)
    assert (list(things), len(things), "a" in things, "c" in things, asked) == (["b", "a"], 2, True, False, [])
    assert (things["a"], asked) == ("A", ["a"])


def test_what_is_not_there() -> None:
    """Another name is no key, and nothing is loaded for it."""
    things = OnDemand((), pytest.fail)
    with pytest.raises(KeyError, match="c"):
        things["c"]
    assert things.get("c") is None
