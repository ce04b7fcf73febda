from __future__ import annotations

import pytest

from streamsim.errors import UsageError
from streamsim.plan.profile_file import read_profile
from streamsim.traffic.fitted import Fitted, fitted, profile, text
from streamsim.traffic.samples import Answered

MS = 1_000_000


def answers(count: int, *, gaps: int, prompt: bool = True) -> list[Answered]:
    """Return answers at 8 tokens a millisecond with 50 ms besides, and gaps of 20 ms."""
    return [
        Answered(50 * MS + nth * 100 * MS, nth * 800 if prompt else None, (20 * MS,) * gaps) for nth in range(count)
    ]


def test_what_a_prompt_takes_is_told_apart() -> None:
    """The rate, and what remains; both go into load, and TTFT is theirs."""
    found = fitted(answers(30, gaps=2), "auto", 20, source="f")
    assert found.pacing() == {"ttft": "0", "itl": "20ms"}
    assert found.load() == {"prefill_rate": "8000", "prefill_overhead": "50ms"}
    assert text(found).splitlines() == [
        "answers 30",
        "prefill 8000 tokens/s, from 30 prompts, r² 1",
        "overhead 50ms: 30 samples, all alike",
        "itl 20ms: 60 samples, all alike",
        "",
        "--ttft 0 --itl 20ms --prefill-rate 8000 --prefill-overhead 50ms",
    ]
    again = read_profile(profile(found, "Fitted."), source="p.toml")
    assert (again.about, again.load.prefill_rate) == ("Fitted.", (8000, 1))


def test_without_counted_prompts_ttft_is_as_it_is() -> None:
    """And it is told that no rate is."""
    found = fitted(answers(30, gaps=0, prompt=False), "auto", 20, source="f")
    assert (found.prefill, found.itl, found.load()) == (None, None, {})
    assert found.ttft is not None
    assert found.pacing() == {"ttft": found.ttft.distribution}
    assert "ttft empirical:" in text(found) or "ttft lognormal:" in text(found)
    assert found.notes == (
        "prefill: no answer of 30 tells its prompt's tokens, so no rate is told",
        "itl: 0 gaps, and a fit needs 20",
    )
    assert "[load]" not in profile(found, "Fitted.")


def test_why_no_rate_is_told() -> None:
    """Some answers do not tell their prompts' tokens, or all do, and TTFT does not grow with them."""
    some = [*answers(25, gaps=0), *answers(5, gaps=0, prompt=False)]
    told = fitted(some, "auto", 20, source="f").notes[0]
    assert told == "prefill: 25 of 30 answers tell their prompts' tokens, so no rate is told"
    level = [Answered(MS * (2 + nth % 3), nth, ()) for nth in range(30)]
    told = fitted(level, "auto", 20, source="f").notes[0]
    assert told == "prefill: TTFT is not seen to grow with prompt tokens, so no rate is told"


def test_what_there_are_too_few_of_is_not_fitted() -> None:
    """One answer has gaps enough, and no TTFT; where nothing is enough it is an error."""
    found = fitted(answers(1, gaps=20), "auto", 20, source="f")
    assert (found.ttft, found.notes) == (None, ("ttft: 1 answer, and a fit needs 20",))
    assert found.pacing() == {"itl": "20ms"}
    with pytest.raises(UsageError) as caught:
        fitted(answers(2, gaps=9), "auto", 20, source="f")
    told = "f: 2 answers with 18 gaps, and a fit needs 20 of either; record more, or give --min-samples"
    assert str(caught.value) == told
    assert isinstance(fitted(answers(2, gaps=9), "auto", 2, source="f"), Fitted)


def test_how_well_it_fits_is_told() -> None:
    """By the distance and its critical value."""
    few = [Answered(MS, None, (10 * MS, 20 * MS, 40 * MS))]
    told = "itl lognormal:20ms:0.6931: 3 samples; a lognormal fits (KS distance 0.1747, critical 0.4045 at 5 %)"
    assert told in text(fitted(few, "auto", 3, source="f"))
    pause = [Answered(MS, None, (MS,) * 30 + (63 * MS,))]
    assert text(fitted(pause, "auto", 3, source="f")).splitlines()[1:3] == [
        (
            "itl empirical:1ms:p48.387=1ms:p96.7741=1ms:p96.7741=63ms:63ms: 31 samples; "
            "a lognormal does not fit (KS distance 0.5390, critical 0.1567 at 5 %)"
        ),
        "itl as told: KS distance 0.0000, mean 3ms, that of the samples 3ms",
    ]
    assert text(fitted(pause, "lognormal", 3, source="f")).splitlines()[2] == (
        "itl as told: KS distance 0.5390, mean 1.507ms, that of the samples 3ms: 50 % below it"
    )
    sixfold = [Answered(MS, None, (MS, 2 * MS, 300 * MS))]
    assert text(fitted(sixfold, "lognormal", 3, source="f")).splitlines()[2].endswith(" % above it")
