from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streamsim.errors import PlanError
from streamsim.plan.distribution import Distribution, fixed, parse_distribution
from streamsim.plan.pacing import Pacing, pace
from streamsim.rng import Rng
from streamsim.wire import Action, End, Fin, Hang, Head, Raw, Send, Step, Timeline, check
from tests.builders import timeline

MS = 1_000_000


def dice(purpose: str) -> Rng:
    return Rng(5, "recording", purpose)


def paced(told: Timeline, content: list[int], pacing: Pacing) -> list[int]:
    """Return the new times."""
    return [step.at_ns for step in pace(told, content, pacing, dice)]


gaps = st.one_of(st.just(0), st.integers(0, 300), st.integers(0, 5000 * MS))
drawn = st.sampled_from(
    [
        fixed(0),
        fixed(7),
        fixed(30 * MS),
        *map(parse_distribution, ("uniform(0,50ms)", "normal(30ms,20ms)", "lognormal:5ms:1")),
    ]
)
maybe = st.one_of(st.none(), drawn)


@st.composite
def streams(draw: st.DrawFn) -> tuple[Timeline, list[int]]:
    """Draw a lawful timeline and the indices of its content steps."""
    at_ns = draw(gaps)
    steps = [Step(at_ns, Head(200, "OK"))]
    content: list[int] = []
    for origin in range(draw(st.integers(0, 12))):
        at_ns += draw(gaps)
        if draw(st.booleans()):
            content.append(len(steps))
        steps.append(Step(at_ns, Send(b"%d" % origin), origin))
    if draw(st.booleans()):
        at_ns += draw(gaps)
        steps.append(Step(at_ns, Raw(b"1\r\n"), -1))
    ends: list[Action] = [End(), Fin()]
    steps.append(Step(at_ns + draw(gaps), draw(st.sampled_from(ends))))
    return check(tuple(steps)), content


pacings = st.builds(
    Pacing,
    mode=st.sampled_from(["recorded", "instant"]),
    ttfb=maybe,
    ttft=maybe,
    itl=maybe,
    jitter=maybe,
    speed=st.sampled_from([(1, 1), (2, 1), (1, 3), (7, 5)]),
)


@given(streams(), pacings)
def test_only_times_change(stream: tuple[Timeline, list[int]], pacing: Pacing) -> None:
    """Whatever the pacing, actions, origins and order stay, and times never go back."""
    told, content = stream
    try:
        after = pace(told, content, pacing, dice)
    except PlanError:
        return
    assert [(step.action, step.origin) for step in check(after)] == [(step.action, step.origin) for step in told]


@given(streams())
def test_without_pacing_nothing_changes(stream: tuple[Timeline, list[int]]) -> None:
    """The default pacing returns the timeline itself."""
    assert pace(*stream, Pacing(), dice) is stream[0]


@given(streams())
def test_instant_is_all_at_once(stream: tuple[Timeline, list[int]]) -> None:
    """Every step is due at 0."""
    assert set(paced(*stream, Pacing(mode="instant"))) == {0}


@given(streams(), st.integers(0, 10**12))
def test_ttft_is_exact(stream: tuple[Timeline, list[int]], ttft: int) -> None:
    """The first content comes at ttft; what precedes it scales, what follows moves along."""
    told, content = stream
    after = paced(told, content, Pacing(ttft=fixed(ttft)))
    if not content:
        assert after == [step.at_ns for step in told]
        return
    first = content[0]
    old = told[first].at_ns
    assert after[first] == ttft
    assert after[:first] == [step.at_ns * ttft // old if old else 0 for step in told[:first]]
    assert [at - ttft for at in after[first:]] == [step.at_ns - old for step in told[first:]]


@given(streams(), st.integers(0, 10**12))
def test_ttfb_is_exact(stream: tuple[Timeline, list[int]], ttfb: int) -> None:
    """The head comes at ttfb and everything after it moves along."""
    told, content = stream
    after = paced(told, content, Pacing(ttfb=fixed(ttfb)))
    assert [at - ttfb for at in after] == [step.at_ns - told[0].at_ns for step in told]


@given(streams(), st.integers(0, 10**9), st.integers(0, 10**9))
def test_with_both_the_frames_between_scale_between(stream: tuple[Timeline, list[int]], ttfb: int, more: int) -> None:
    """With ttfb and ttft given the head keeps its time, and frames before the first content scale from there."""
    told, content = stream
    after = paced(told, content, Pacing(ttfb=fixed(ttfb), ttft=fixed(ttfb + more)))
    assert after[0] == ttfb
    if content:
        old = told[content[0]].at_ns - told[0].at_ns
        assert after[content[0]] == ttfb + more
        assert after[1 : content[0]] == [
            ttfb + ((step.at_ns - told[0].at_ns) * more // old if old else 0) for step in told[1 : content[0]]
        ]


@given(streams(), st.integers(0, 10**10))
def test_fixed_gaps_are_exact(stream: tuple[Timeline, list[int]], itl: int) -> None:
    """Between successive content chunks lies exactly itl, and the first stays where it was."""
    told, content = stream
    after = paced(told, content, Pacing(itl=fixed(itl)))
    assert [after[right] - after[left] for left, right in pairwise(content)] == [itl] * (
        len(content) - 1 if content else 0
    )
    assert after[: (content or [len(told)])[0] + 1] == [step.at_ns for step in told[: (content or [len(told)])[0] + 1]]


@given(streams(), st.integers(0, 10**10))
def test_what_lies_between_contents_keeps_its_place(stream: tuple[Timeline, list[int]], itl: int) -> None:
    """A frame a third of the way between two contents is there still, rounded down; after the last, distances stay."""
    told, content = stream
    after = paced(told, content, Pacing(itl=fixed(itl)))
    for left, right in pairwise(content):
        span = told[right].at_ns - told[left].at_ns
        for index in range(left + 1, right):
            part = Fraction(told[index].at_ns - told[left].at_ns, span) if span else Fraction(0)
            assert after[index] - after[left] == int(part * itl)
    if content:
        last = content[-1]
        assert [at - after[last] for at in after[last:]] == [step.at_ns - told[last].at_ns for step in told[last:]]


def test_drawn_gaps_are_those_of_the_table() -> None:
    """The gap before content n is draw n of the purpose ``itl``, whatever was drawn before."""
    itl = parse_distribution("lognormal:30ms:0.4")
    told = timeline((0, Head(200)), *((nth, Send(b"x"), nth) for nth in range(5)), (9, End()))
    after = paced(told, [1, 3, 5], Pacing(itl=itl))
    assert [after[3] - after[1], after[5] - after[3]] == [itl.draw(dice("itl"), 1), itl.draw(dice("itl"), 2)]


@given(streams(), st.integers(0, 10**9))
def test_jitter_is_bounded_and_does_not_accumulate(stream: tuple[Timeline, list[int]], most: int) -> None:
    """No step is ever further from its due time than the jitter, however many jittered before it."""
    told, content = stream
    after = paced(told, content, Pacing(jitter=fixed(most)))
    assert all(abs(at - step.at_ns) <= most for at, step in zip(after, told, strict=True))


@given(streams())
def test_jitter_moves_body_chunks_only(stream: tuple[Timeline, list[int]]) -> None:
    """A step that is no Send stays where it is due, unless its predecessor pushes it."""
    told, content = stream
    after = paced(told, content, Pacing(jitter=fixed(40 * MS)))
    for index, step in enumerate(told):
        if not isinstance(step.action, Send):
            assert after[index] == max(step.at_ns, *after[: index + 1][-2:-1], 0)


def test_jitter_goes_both_ways() -> None:
    """Of 200 chunks far apart about half come early; a distribution says how far, and a coin which way."""
    told = timeline((0, Head(200)), *((1000 * (nth + 1) * MS, Send(b"x"), nth) for nth in range(200)), (10**12, End()))

    def moved(jitter: Distribution) -> list[int]:
        after = paced(told, [], Pacing(jitter=jitter))
        return [at - step.at_ns for at, step in zip(after, told, strict=True)][1:-1]

    even, sized = moved(fixed(100)), moved(Distribution("uniform", 5, "6"))
    assert (min(even), max(even), sum(by < 0 for by in even)) == (-99, 100, 93)
    assert {by: sized.count(by) for by in sorted(set(sized))} == {-6: 62, -5: 51, 5: 50, 6: 37}


@given(streams(), st.tuples(st.integers(1, 50), st.integers(1, 50)))
def test_speed_divides_all_times(stream: tuple[Timeline, list[int]], speed: tuple[int, int]) -> None:
    """Each time is the recorded one divided by the speed, rounded down once."""
    after = paced(*stream, Pacing(speed=speed))
    assert after == [step.at_ns * speed[1] // speed[0] for step in stream[0]]


def test_speed_divides_a_hang() -> None:
    """Twice as fast one hangs half as long; one without an end still has none."""
    for last, faster in ((Hang(9), Hang(4)), (Hang(), Hang())):
        steps = timeline((0, Head(200)), (8, last))
        assert pace(steps, (), Pacing(speed=(2, 1)), dice) == timeline((0, Head(200)), (4, faster))


@given(streams(), pacings)
def test_speed_comes_last(stream: tuple[Timeline, list[int]], pacing: Pacing) -> None:
    """Speed divides what all other options gave."""
    try:
        plain = paced(*stream, replace(pacing, speed=(1, 1)))
    except PlanError:
        return
    assert paced(*stream, replace(pacing, speed=(2, 1))) == [at // 2 for at in plain]


@given(streams(), pacings)
def test_adding_jitter_draws_no_other_gap(stream: tuple[Timeline, list[int]], pacing: Pacing) -> None:
    """With jitter every step is as far from its undisturbed time as jitter allows, so no other draw has changed."""
    told, content = stream
    plain = replace(pacing, jitter=None, speed=(1, 1))
    try:
        before = paced(told, content, plain)
    except PlanError:
        return
    assert paced(told, content, replace(plain, jitter=fixed(0))) == before
    after = paced(told, content, replace(plain, jitter=fixed(9)))
    assert all(abs(late - due) <= 9 for late, due in zip(after, before, strict=True))


def test_a_first_content_before_the_head_is_refused() -> None:
    """A ttft below ttfb cannot be, and the message gives both."""
    told = timeline((0, Head(200)), (1, Send(b"x"), 0), (2, End()))
    with pytest.raises(PlanError) as caught:
        paced(told, [1], Pacing(ttfb=fixed(500 * MS), ttft=fixed(200 * MS)))
    assert str(caught.value) == (
        "ttft: the first content at 200ms would precede the head at 500ms; raise ttft or lower ttfb"
    )


def test_a_timeline_without_head_has_no_first_byte_to_move() -> None:
    """Where nothing is answered ttfb has nothing to say, and speed still has."""
    told = timeline((10, Raw(b"?")), (20, Fin()))
    assert paced(told, [], Pacing(ttfb=fixed(5), speed=(2, 1))) == [5, 10]
