"""Each fault that people make is found, once, under the rule it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.conformance import RULES, find
from tests.conformance.mutants import MUTANTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conformance.mutants.plain import Plain

SIZES = ("linear-time", "bounded-memory")
FEW = 500


@pytest.mark.parametrize(("make", "expected"), MUTANTS, ids=lambda each: getattr(each, "__name__", ""))
@pytest.mark.parametrize("examples", [FEW, pytest.param(20_000, marks=pytest.mark.full)])
def test_each_fault_is_one_finding(make: Callable[[], Plain], expected: list[tuple[str, str]], examples: int) -> None:
    """One fault, one finding, small enough for a person to read."""
    rules = [each.name for each in RULES if each.name not in SIZES]
    found = find(make, how="push", examples=examples, rules=rules)
    told = [(each.rule, each.features[-1] if each.features else "") for each in found]
    assert told == expected, [(each.chunks, each.what) for each in found]
    assert all(len(each.data) < 40 or each.features[-1] == "retry-huge" for each in found)
