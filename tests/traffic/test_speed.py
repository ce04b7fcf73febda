from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.errors import UsageError
from streamsim.plan.distribution import parse_distribution
from streamsim.traffic.speed import Speed
from tests.traffic.workloads import ITL, load, settings


def playing(speed: Speed, running: int) -> Fraction:
    return Fraction(speed.playing(running), speed.playing_unit)


def filling(speed: Speed, running: int, prompts: int) -> Fraction:
    return Fraction(speed.filling(running, prompts), speed.filling_unit)


@given(settings, st.integers(1, 50))
def test_alone_is_full_speed_and_more_is_never_faster(texts: dict[str, str], running: int) -> None:
    """Slowness begins at 1 and does not fall."""
    speed = Speed(load(**texts), ITL)
    assert playing(speed, 1) == filling(speed, 1, 1) == 1
    assert playing(speed, running + 1) >= playing(speed, running)
    assert filling(speed, running + 1, 1) >= filling(speed, running, 1)


def test_a_stream_adds_to_the_usual_itl() -> None:
    """5 ms a stream on 20 ms: the fifth stream makes it 40 ms; prompts go on as before."""
    speed = Speed(load(itl_per_stream="5ms", prefill="each"), ITL)
    assert playing(speed, 5) == 2
    assert filling(speed, 5, 3) == 1


@pytest.mark.parametrize(
    "itl", ["10ms", "uniform(5ms,15ms)", "normal(10ms,9ms)", "lognormal(10ms,0.5)", "empirical(1ms,10ms,99ms)"]
)
def test_the_usual_itl_is_the_middle(itl: str) -> None:
    """Of whatever it is drawn from."""
    assert playing(Speed(load(itl_per_stream="5ms"), parse_distribution(itl)), 3) == 2


@pytest.mark.parametrize("itl", [None, parse_distribution("0")])
def test_without_an_itl_nothing_is_added_to_it(itl: object) -> None:
    """Asking for it is an error that says what to give."""
    with pytest.raises(UsageError) as caught:
        Speed(load(itl_per_stream="5ms"), itl)  # type: ignore[arg-type]
    message = "--itl-per-stream: it is added to the usual ITL, and none is given"
    assert str(caught.value) == f"{message}; give --itl, or --time-factor-under-load instead"


def test_more_than_a_batch_take_turns() -> None:
    """Six streams in batches of four have a token in two of three steps, each as slow as a step of four is."""
    speed = Speed(load(batch_size="4", itl_per_stream="10ms"), ITL)
    assert [playing(speed, running) for running in (1, 2, 4, 6)] == [1, Fraction(3, 2), Fraction(5, 2), Fraction(15, 4)]


def test_at_one_place_the_time_factor_never_shows() -> None:
    """There is no second stream, so there is no slope to it."""
    assert playing(Speed(load(time_factor_under_load="3", max_concurrency="1"), None), 2) == 1
