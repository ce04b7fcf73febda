from __future__ import annotations

from decimal import ROUND_FLOOR, Context, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.errors import UsageError
from streamsim.plan import distribution as module
from streamsim.plan.distribution import Distribution, fixed, parse_distribution
from streamsim.rng import Rng
from streamsim.units import LONGEST

MS = 1_000_000
durations = st.one_of(st.integers(0, LONGEST), st.integers(0, 100).map(lambda ms: ms * MS))


@st.composite
def distributions(draw: st.DrawFn) -> Distribution:
    """Draw any distribution that can be spelt."""
    low, high = sorted((draw(durations), draw(durations)))
    least, most = sorted((draw(durations), draw(durations)))
    limits = {"min_ns": draw(st.sampled_from([0, least])), "max_ns": draw(st.sampled_from([None, most]))}
    kind, second = draw(
        st.sampled_from(
            [
                ("fixed", ""),
                ("uniform", str(high)),
                ("normal", str(high)),
                ("lognormal", "0.4"),
                ("lognormal", "1/3"),
                ("empirical", str(high)),
                ("empirical", f"{high},{high}"),
                ("empirical", f"0={low},995000={low},995000={high},{high}"),
            ]
        )
    )
    return Distribution(kind, low, second, **limits)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["30ms", "fixed:30ms", "fixed(30ms)", " 30 ms "], Distribution("fixed", 30 * MS)),
        (["0"], Distribution("fixed", 0)),
        (["30ms:min=0"], Distribution("fixed", 30 * MS)),
        (
            ["uniform(20ms,50ms)", "uniform:20ms:50ms", " uniform( 20ms , 50ms ) "],
            Distribution("uniform", 20 * MS, str(50 * MS)),
        ),
        (["normal(30ms,5ms)", "normal:30ms:5ms"], Distribution("normal", 30 * MS, str(5 * MS))),
        (["lognormal(30ms,0.4)", "lognormal:30ms:0.4"], Distribution("lognormal", 30 * MS, "0.4")),
        (["lognormal(30ms,2/5)"], Distribution("lognormal", 30 * MS, "2/5")),
        (
            ["lognormal:30ms:0.4:max=2s", "lognormal(30ms,0.4,max=2s)", "lognormal:max=2s:30ms:0.4"],
            Distribution("lognormal", 30 * MS, "0.4", 0, 2000 * MS),
        ),
        (["normal(1ms,5ms,min=1us,max=9ms)"], Distribution("normal", MS, str(5 * MS), 1000, 9 * MS)),
        (
            ["empirical(1ms,2ms,2ms)", "empirical:1ms:2ms:2ms"],
            Distribution("empirical", MS, f"{2 * MS},{2 * MS}"),
        ),
        (
            [
                "empirical(1ms,p50=2ms,p99.5=2ms,p99.5=9ms,9ms,max=5ms)",
                "empirical:1ms:p050=2ms:p99.50=2ms:p99.5=9ms:9ms:max=5ms",
            ],
            Distribution("empirical", MS, f"500000={2 * MS},995000={2 * MS},995000={9 * MS},{9 * MS}", 0, 5 * MS),
        ),
        (["30ms:min=5ms"], Distribution("fixed", 30 * MS, "", 5 * MS)),
        (["uniform(5ms,5ms)"], Distribution("uniform", 5 * MS, str(5 * MS))),
    ],
)
def test_all_spellings_are_read(texts: list[str], expected: Distribution) -> None:
    """With parentheses or with colons the same is meant."""
    assert [parse_distribution(text) for text in texts] == [expected] * len(texts)


@given(distributions())
def test_every_distribution_can_be_spelt(one: Distribution) -> None:
    """What is printed parses back to an equal distribution."""
    assert parse_distribution(str(one)) == one


FORMS = "write 30ms, uniform(20ms,50ms), normal(30ms,5ms) or lognormal(30ms,0.4)"
QUANTILES = "write 2 to 101 durations, from the least to the greatest: empirical(20ms,25ms,80ms)"
PLACES = "name all but the least and the greatest, in order, or none: empirical(20ms,p50=25ms,p99.6=40ms,80ms)"
UNITS = "write a number and a unit: 250us, 30ms, 1.5s or 2m"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"'' is not a duration; {UNITS}"),
        ("soon", f"'soon' is not a duration; {UNITS}"),
        ("30ms)", f"'30ms)' is not a duration; {UNITS}"),
        ("uniform(20ms,50ms", f"'uniform(20ms,50ms' is not a duration; {UNITS}"),
        ("uniform(20,50)", f"'20' is not a duration; {UNITS}"),
        ("uniform(20ms,)", f"'' is not a duration; {UNITS}"),
        ("empirical(2ms,1ms)", f"'empirical(2ms,1ms)' is no row of quantiles; {QUANTILES}"),
        ("empirical:2ms", f"'empirical:2ms' is no row of quantiles; {QUANTILES}"),
        *(
            (text, f"{text!r} does not place its quantiles; {PLACES}")
            for text in (
                "empirical(p0=1ms,p50=2ms,3ms)",
                "empirical(1ms,p50=2ms,p100=3ms)",
                "empirical(1ms,2ms,p60=3ms,4ms)",
                "empirical(1ms,p60=2ms,p50=3ms,4ms)",
                "empirical(1ms,p101=2ms,4ms)",
                "empirical(1ms,p5=4ms)",
            )
        ),
        ("uniform(1ms,p5=2ms)", "'p5' in 'uniform(1ms,p5=2ms)' means nothing here; limits are min= and max="),
        ("30ms:5ms", f"'30ms:5ms' is not a duration or a distribution; {FORMS}"),
        ("20ms,50ms", f"'20ms,50ms' is not a duration; {UNITS}"),
        ("gamma(1ms,2ms)", f"'gamma(1ms,2ms)' is not a duration or a distribution; {FORMS}"),
        ("normal(30ms)", f"'normal(30ms)' is not a duration or a distribution; {FORMS}"),
        ("uniform", f"'uniform' is not a duration or a distribution; {FORMS}"),
        ("fixed", f"'fixed' is not a duration or a distribution; {FORMS}"),
        ("max=2s", f"'max=2s' is not a duration or a distribution; {FORMS}"),
        ("lognormal(30ms,0.4,1)", f"'lognormal(30ms,0.4,1)' is not a duration or a distribution; {FORMS}"),
        ("30ms:most=2s", "'most' in '30ms:most=2s' means nothing here; limits are min= and max="),
        ("30ms:max=soon", f"'soon' is not a duration; {UNITS}"),
        ("30ms:min=2ms:max=1ms", "in '30ms:min=2ms:max=1ms' min is above max; write the smaller one as min"),
        ("uniform(50ms,20ms)", "'uniform(50ms,20ms)' ends before it begins; write the smaller duration first"),
        ("lognormal(30ms,0)", "'0' is not above zero; write it like 2, 0.5 or 1/20"),
        ("lognormal(30ms,5ms)", "'5ms' is not a plain number; write it like 2, 0.5 or 1/20"),
        ("lognormal(30ms,11)", "a sigma of 11 is above 10; sigma is that of ln(duration); 0.4 is common"),
    ],
)
def test_what_spells_none_is_refused(text: str, message: str) -> None:
    """The message names the option, the text, and a way to write it."""
    with pytest.raises(UsageError) as caught:
        parse_distribution(text, where="--itl")
    assert str(caught.value) == f"--itl: {message}"


def test_draws_have_known_answers() -> None:
    """A draw is the same whole number of nanoseconds on every machine, for good."""
    told = {
        text: [parse_distribution(text).draw(Rng(3, "itl"), nth) for nth in range(4)]
        for text in ("uniform(20ms,50ms)", "normal(30ms,5ms)", "lognormal(30ms,0.4)", "lognormal(30ms,1/3)")
    }
    assert told == {
        "uniform(20ms,50ms)": [30126592, 32780251, 32923040, 23464889],
        "normal(30ms,5ms)": [23706936, 28158072, 30950303, 31695626],
        "lognormal(30ms,0.4)": [18133341, 25889647, 32369664, 34358434],
        "lognormal(30ms,1/3)": [19720521, 26533344, 31962104, 33590362],
    }


@given(distributions(), st.integers(0, 2**20), st.integers(0, 2**20))
def test_a_draw_is_never_negative_and_keeps_its_limits(one: Distribution, seed: int, nth: int) -> None:
    """Whatever is drawn lies between the limits."""
    ns = one.draw(Rng(seed), nth)
    assert ns >= one.min_ns >= 0
    assert one.max_ns is None or ns <= one.max_ns


@given(distributions(), st.integers(0, 2**20), st.integers(0, 20))
def test_draws_come_together_as_they_come_alone(one: Distribution, first: int, count: int) -> None:
    """Many draws at once are those that are drawn one by one."""
    assert one.drawn(Rng(0), first, count) == [one.draw(Rng(0), nth) for nth in range(first, first + count)]


def test_a_fixed_duration_is_no_draw() -> None:
    """It is always the same, but for its limits."""
    assert {fixed(30 * MS).draw(Rng(seed), seed) for seed in range(20)} == {30 * MS}
    assert Distribution("fixed", 30 * MS, "", 40 * MS).draw(Rng(0), 0) == 40 * MS
    assert Distribution("fixed", 30 * MS, "", 0, 20 * MS).draw(Rng(0), 0) == 20 * MS


def test_both_ends_of_a_uniform_distribution_are_drawn() -> None:
    """The smaller and the larger duration are possible too."""
    one = Distribution("uniform", 5, "7")
    assert {one.draw(Rng(0), nth) for nth in range(50)} == {5, 6, 7}


@pytest.mark.parametrize(
    ("text", "median", "mean", "deviation"),
    [
        ("uniform(20ms,50ms)", 35_026_152, 35_023_367, 8_643_647),
        ("normal(30ms,5ms)", 29_989_562, 29_996_466, 5_035_852),
        ("lognormal(30ms,0.4)", 29_974_960, 32_525_830, 13_655_449),
    ],
)
def test_draws_have_the_shape_that_was_asked_for(text: str, median: int, mean: int, deviation: int) -> None:
    """Over 20,001 draws median, mean and deviation are the family's: 35/35/8.66, 30/30/5 and 30/32.5/13.6 ms."""
    rng = Rng(0, "coin")
    draws = sorted(parse_distribution(text).draw(rng, nth) for nth in range(20_001))
    average = sum(draws) // len(draws)
    spread = sum((ns - average) ** 2 for ns in draws) // len(draws)
    assert (draws[10_000], average) == (median, mean)
    assert deviation**2 <= spread < (deviation + 1) ** 2


@pytest.mark.parametrize("text", ["normal(30ms,5ms)", "lognormal(30ms,0.4)"])
def test_the_callers_decimal_context_does_not_matter(text: str) -> None:
    """A program that computes with two digits and rounds down draws the same."""
    one = parse_distribution(text)
    plain = [one.draw(Rng(0), nth) for nth in range(20)]
    module._table.cache_clear()
    with localcontext(Context(prec=2, rounding=ROUND_FLOOR)):
        assert [one.draw(Rng(0), nth) for nth in range(20)] == plain


def test_between_quantiles_draws_are_even() -> None:
    """Each step from quantile to quantile is drawn equally often, and within it all are alike."""
    drawn = parse_distribution("empirical(0,10ms,30ms)")
    values = [drawn.draw(Rng(0, "even"), nth) for nth in range(4000)]
    parts = [sum(low <= value < low + 5 * MS for value in values) for low in range(0, 30 * MS, 5 * MS)]
    assert all(abs(part - 1000) < 100 for part in parts[:2])
    assert all(abs(part - 500) < 100 for part in parts[2:])
    assert drawn.draw(Rng(0, "even"), 3) == values[3]


def test_quantiles_lie_where_they_are_placed() -> None:
    """Nine draws in ten are below 10 ms, the others 2 s and nothing between."""
    drawn = parse_distribution("empirical(0,p90=10ms,p90=2s,2s)").drawn(Rng(0, "placed"), 0, 4000)
    assert abs(sum(ns < 5 * MS for ns in drawn) - 1800) < 100
    assert abs(sum(ns < 10 * MS for ns in drawn) - 3600) < 100
    assert {ns for ns in drawn if ns >= 10 * MS} == {2000 * MS}


def test_durations_are_spelt_without_loss_in_their_own_unit() -> None:
    """A nanosecond more than a second is a second with nine places."""
    told = [str(fixed(ns)) for ns in (0, 7, 1001, 1_000_001, 1_000_000_001, 2_401_394_000)]
    assert told == ["0", "7ns", "1.001us", "1.000001ms", "1.000000001s", "2.401394s"]


@pytest.mark.parametrize(
    ("text", "middle_ns"),
    [
        ("30ms", 30 * MS),
        ("uniform(20ms,50ms)", 35 * MS),
        ("normal(30ms,5ms)", 30 * MS),
        ("lognormal(30ms,0.4)", 30 * MS),
        ("empirical(1ms,30ms,99ms)", 30 * MS),
        ("empirical(1ms,3ms)", 2 * MS),
        ("empirical(1ms,p25=3ms,p75=9ms,99ms)", 6 * MS),
        ("30ms:max=20ms", 20 * MS),
    ],
)
def test_half_of_the_draws_are_below_the_middle(text: str, middle_ns: int) -> None:
    """The middle is the median, after limits."""
    assert parse_distribution(text).middle_ns == middle_ns
