from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.errors import UsageError
from streamsim.units import LONGEST, MILLISECOND, SECOND, format_duration, parse_duration, parse_ratio


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("0", 0),
        ("0ms", 0),
        ("7ns", 7),
        ("250us", 250_000),
        ("250µs", 250_000),
        ("30ms", 30 * MILLISECOND),
        ("1.5s", 1_500_000_000),
        ("0.1s", 100_000_000),
        ("2m", 120 * SECOND),
        ("1h", 3600 * SECOND),
        (" 30 ms ", 30 * MILLISECOND),
        ("0.0000000019s", 1),
        ("1.000000001s", 1_000_000_001),
        ("876000h", LONGEST),
    ],
)
def test_a_duration_is_read_exactly(text: str, ns: int) -> None:
    """A number and a unit give whole nanoseconds, and what is below one is cut off."""
    assert parse_duration(text) == ns


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30",
        "ms",
        "-1ms",
        "1e3ms",
        "1.ms",
        ".5s",
        "30MS",
        "30ms 5us",
        "٣ms",
        pytest.param("9" * 5000 + "s", id="long"),
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    """The message shows the text, the place, and how to write it."""
    with pytest.raises(UsageError) as caught:
        parse_duration(text, where="--ttft")
    assert str(caught.value) == (
        f"--ttft: {text!r} is not a duration; write a number and a unit: 250us, 30ms, 1.5s or 2m"
    )


def test_a_duration_of_more_than_a_century_is_refused() -> None:
    """What would not fit a random draw is refused as it is read."""
    with pytest.raises(UsageError, match=r"^duration: '876001h' is longer than a century; write a shorter one$"):
        parse_duration("876001h")


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0"),
        (1, "1ns"),
        (999, "999ns"),
        (1_000, "1us"),
        (1_500, "1.5us"),
        (412_345_000, "412.345ms"),
        (999_999_999, "999.999ms"),
        (1_000_000_000, "1s"),
        (61_050_000_000, "61.05s"),
        (-20_000_000, "-20ms"),
    ],
)
def test_a_duration_is_shown_in_the_largest_unit_that_fits(ns: int, text: str) -> None:
    """People see at most three decimals, and never a rounded-up one."""
    assert format_duration(ns) == text


@given(st.integers(0, LONGEST))
def test_what_is_shown_is_never_more_than_it_is(ns: int) -> None:
    """Reading what was shown gives the duration back, but for what three decimals cannot show."""
    shown = parse_duration(format_duration(ns))
    assert 0 <= ns - shown < max(1, ns // 1000)


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("2", Fraction(2)),
        ("0.5", Fraction(1, 2)),
        ("1/20", Fraction(1, 20)),
        ("1.5/3", Fraction(1, 2)),
        (" 3 ", Fraction(3)),
    ],
)
def test_a_ratio_is_read_exactly(text: str, ratio: Fraction) -> None:
    """A whole number, a decimal and a fraction give the exact value."""
    assert parse_ratio(text) == ratio


@pytest.mark.parametrize("text", ["0", "0.0", "1/0", "1/00"])
def test_zero_is_refused(text: str) -> None:
    """Above the line and below it."""
    with pytest.raises(UsageError) as caught:
        parse_ratio(text, where="--speed")
    assert str(caught.value) == f"--speed: {text!r} is not above zero; write it like 2, 0.5 or 1/20"


@pytest.mark.parametrize("text", ["", "-1", "1/-2", "x", "1/2/3", "1e3", pytest.param("9" * 5000, id="long")])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    """Words, signs and exponents, and more digits than anyone needs."""
    with pytest.raises(UsageError) as caught:
        parse_ratio(text, where="--speed")
    assert str(caught.value) == f"--speed: {text!r} is not a plain number; write it like 2, 0.5 or 1/20"
