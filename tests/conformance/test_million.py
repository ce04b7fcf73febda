"""Our parser against the second reading of the standard, in big counts."""

from __future__ import annotations

import pytest

from streamsim.conformance.anatomy import features
from streamsim.conformance.features import NAMES
from streamsim.conformance.forms import adapt
from streamsim.conformance.generating import sample_of, tapes
from streamsim.conformance.judge import Judge
from streamsim.conformance.policy import Policy
from streamsim.rng import Rng
from streamsim.sse import Parser

ENOUGH = 6_000
"""Samples in which each feature has come up."""


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
