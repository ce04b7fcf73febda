from __future__ import annotations

import pytest

from streamsim.errors import UsageError
from streamsim.traffic.slo import Slo, parse_slo


def test_limits_are_read_and_kept() -> None:
    """At most is meant; what has no limit keeps it, and so does the ITL of a single token."""
    slo = parse_slo("ttft=500ms, itl=50ms,e2e=10s", where="--slo")
    assert slo == Slo(500_000_000, 50_000_000, 10_000_000_000)
    assert slo.keeps(500_000_000, 50_000_000, 10_000_000_000)
    assert slo.keeps(0, None, 0)
    assert not slo.keeps(500_000_001, 0, 0)
    assert not slo.keeps(0, 50_000_001, 0)
    assert not slo.keeps(0, 0, 10_000_000_001)
    assert Slo().keeps(10**18, 10**18, 10**18)


@pytest.mark.parametrize("text", ["", "ttft", "tpot=3ms", "ttft=1s,,"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    """With what to write instead."""
    with pytest.raises(UsageError, match=r"^--slo: '.*' is no limit; write ttft=500ms,itl=50ms,e2e=10s, or some of"):
        parse_slo(text, where="--slo")


def test_a_limit_that_is_said_twice_is_refused() -> None:
    """Neither goes before the other."""
    with pytest.raises(UsageError) as caught:
        parse_slo("ttft=1s,itl=5ms,ttft=2s", where="--slo")
    assert str(caught.value) == "--slo: it says ttft twice; give each limit once"
