from __future__ import annotations

import pytest

from streamsim.engine.overrides import NONE, Overrides, overrides
from streamsim.errors import UsageError
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.profile import Profile
from tests.engine.asking import asked


def chosen(**headers: str) -> Overrides:
    return overrides(asked(headers={f"X-Streamsim-{name}": value for name, value in headers.items()}))


def test_no_choice() -> None:
    """A request without such headers chooses nothing, and leaves the profile alone."""
    profile = Profile(name="p")
    assert chosen() is NONE
    assert NONE.profile(profile) is profile


def test_all_choices() -> None:
    """Each header is one choice."""
    assert chosen(
        Key="k", Exchange="chat:2", Attempt="3", Seed="0", Ttfb="1s", TTFT="2s", Itl="30ms", Jitter="1ms"
    ) == (Overrides("k", "chat:2", 3, 0, (("ttfb", "1s"), ("ttft", "2s"), ("itl", "30ms"), ("jitter", "1ms"))))


def test_pacing_is_set_in_the_profile() -> None:
    """A chosen pacing takes the place of the profile's own, and only that."""
    ttft = parse_distribution("2s", where="x")
    before = Profile(name="p")
    after = chosen(ttft="2s").profile(before)
    assert after.pacing.ttft == ttft
    assert (after.pacing.itl, after.pacing.mode, after.name) == (None, "recorded", "p")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attempt", "0"),
        ("attempt", "-1"),
        ("attempt", "x"),
        ("attempt", "1" * 20),
        ("seed", "²"),
        ("seed", ""),
        ("no", "1"),
    ],
)
def test_wrong_choice_is_named(name: str, value: str) -> None:
    """A header that is not known, or whose value is wrong, is an error that names it."""
    with pytest.raises(UsageError, match=rf"^x-streamsim-{name}: "):
        chosen(**{name: value})


def test_wrong_pacing_is_named() -> None:
    """A pacing that is no distribution is an error that names its header."""
    with pytest.raises(UsageError, match=r"^x-streamsim-itl: "):
        chosen(itl="soon").profile(Profile())
