"""Our parser against the second reading of the standard, in big counts."""

from __future__ import annotations

import pytest

from streamsim.conformance.anatomy import features
from streamsim.conformance.features import NAMES
from streamsim.conformance.forms import adapt
from streamsim.conformance.generating import sample_of
from streamsim.conformance.judge import Judge
from streamsim.conformance.policy import Policy
from streamsim.rng import Rng
from streamsim.sse import Parser

ENOUGH = 6_000
"""Samples in which each feature has come up."""


def tapes(dice: Rng, nth: int) -> tuple[bytes, bytes, bytes, int]:
    """Return what hypothesis draws for a sample, drawn without it: a million are wanted."""
    words = b"".join(dice.word(nth * 5 + part).to_bytes(8, "big") for part in range(4))
    size, ends, cuts, flags = dice.word(nth * 5 + 4).to_bytes(8, "big")[:4]
    return words[: size % 15], words[15 : 15 + ends % 7], words[22 : 22 + cuts % 6], flags % 12


@pytest.mark.parametrize("count", [6_000, pytest.param(1_000_000, marks=pytest.mark.full)])
def test_nothing_is_found_in_our_parser(count: int) -> None:
    """The two readings agree on each of so many streams, however they are cut, with every feature there is."""
    judge, dice, met = Judge(adapt(Parser), Policy()), Rng(6, "a million"), set[str]()
    for nth in range(count):
        sample = sample_of(tapes(dice, nth), NAMES)
        breach = judge(sample.chunks)
        assert breach is None, (sample, breach)
        if nth < ENOUGH:
            met |= features(sample)
    assert count < ENOUGH or met | {"late"} == NAMES
