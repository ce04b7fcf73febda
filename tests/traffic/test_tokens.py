from __future__ import annotations

import pytest

from streamsim.errors import UsageError
from streamsim.rng import Rng
from streamsim.traffic.tokens import parse_tokens, rounded


def test_tokens_are_spelt_as_durations_are() -> None:
    """Without units; draws are whole tokens, and one at least."""
    assert rounded(parse_tokens("512", where="t").draw(Rng(0), 0)) == 512
    between = parse_tokens("uniform(3,5)", where="t")
    assert {rounded(between.draw(Rng(0), nth)) for nth in range(100)} == {3, 4, 5}
    assert rounded(parse_tokens("uniform(0,0)", where="t").draw(Rng(0), 0)) == 1
    assert [rounded(parts) for parts in (1499, 1500)] == [1, 2]


@pytest.mark.parametrize("text", ["", "3ms", "many", "-1", "1.5", "lognormal(3,no)", "uniform(5,3)", "999999999"])
def test_what_is_no_number_of_tokens_is_refused(text: str) -> None:
    """With what to write instead."""
    with pytest.raises(UsageError) as caught:
        parse_tokens(text, where="--prompt-tokens")
    remedy = "write 512, uniform(100,900), normal(512,100), lognormal(512,0.6) or empirical(1,200,900)"
    assert str(caught.value) == f"--prompt-tokens: {text!r} is no number of tokens; {remedy}"


def test_none_at_all_is_refused() -> None:
    """What is drawn may come to nothing, and is one then; what is said is meant."""
    with pytest.raises(UsageError) as caught:
        parse_tokens("0", where="--output-tokens")
    assert str(caught.value) == "--output-tokens: '0' is less than one token; write 1 or more"
