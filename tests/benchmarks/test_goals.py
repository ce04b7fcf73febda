from __future__ import annotations

import pytest

from benchmarks import report
from benchmarks.goals import Goal, Outcome, judged
from benchmarks.rows import Metric, Row
from benchmarks.shapes import NAMES, shape

RATE = Metric(name="rate", better="higher")
ROWS = [
    Row(case="c", metric=RATE, ours=(20.0, 40.0, 30.0), peer="slow", theirs=(1.0, 2.0, 2.0)),
    Row(case="c", metric=RATE, ours=(20.0, 40.0, 30.0), peer="fast", theirs=(10.0, 10.0, 10.0)),
    Row(case="other", metric=RATE, ours=(1.0,), peer="slow", theirs=(1.0,)),
    Row(case="c", peer="absent", skipped="it is not to be had"),
]


def goal(**changes: object) -> Goal:
    told: dict[str, object] = {
        "says": "it is fast",
        "cases": ("c",),
        "metric": "rate",
        "peers": ("slow", "fast"),
        **changes,
    }
    return Goal(**told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "measured", "met"),
    [
        ({"least": 3}, 3.0, True),
        ({"least": 4}, 3.0, False),
        ({"most": 20}, 20.0, True),
        ({"most": 4}, 20.0, False),
        ({"peers": ("slow",), "least": 15}, 20.0, True),
        ({"peers": ("slow",), "of": "inverse", "most": 0.1}, 0.05, True),
        ({"peers": (), "of": "ours", "least": 30.5}, 30.0, False),
        ({"of": "theirs", "least": 2}, 2.0, True),
        ({"cases": (), "peers": (), "least": 2}, 1.0, False),
    ],
)
def test_the_worst_peer_decides(changes: dict[str, object], measured: float, met: bool) -> None:  # noqa: FBT001
    """A goal against several, or in several cases, is met when it is met in each."""
    outcome = judged(goal(**changes), ROWS)
    assert (outcome.measured, outcome.met) == (measured, met)


def test_a_goal_that_nobody_could_measure_is_neither_met_nor_missed() -> None:
    """The table says why."""
    outcome = judged(goal(peers=("absent",), least=1), ROWS)
    assert outcome == Outcome(goal=goal(peers=("absent",), least=1), missing="absent: it is not to be had")
    assert report.goal_line(outcome).endswith("| not measured; without absent: it is not to be had |")


def test_a_goal_is_told_even_if_a_peer_is_missing() -> None:
    """Those who are there decide, and who is not is named."""
    outcome = judged(goal(peers=("slow", "absent"), least=1), ROWS)
    assert (outcome.met, outcome.missing) == (True, "absent: it is not to be had")


def test_what_must_hold_in_every_round_is_judged_by_the_worst() -> None:
    """A law is no matter of medians: one early event is one too many."""
    row = Row(case="c", metric=Metric(name="earliest", low=0.0), ours=(0.1, -0.1, 0.2))
    outcome = judged(Goal(says="never early", metric="earliest", of="ours", least=0.0), [row])
    assert (outcome.measured, outcome.met) == (-0.1, False)


def test_a_missed_goal_says_by_how_much_and_why() -> None:
    """The page begins with the goals, and with what limits those that are missed, once for all that it limits."""
    missed = judged(goal(least=4, limit="The kernel."), ROWS)
    assert report.goal_line(missed) == "| it is fast (c) | ≥ 4 | 3 | **missed** by 33.3 % |"
    told = report.Report(
        date="2026-11-22",
        command="python -m benchmarks",
        rounds=1,
        versions={},
        machine=report.Machine("Linux", "cpu", 2, 0.1, 0.2),
        sections=(report.Section("fast", "About.", (), (missed, missed, judged(goal(least=3), ROWS))),),
    )
    page = report.page(told)
    assert (
        page.index("1 of 3 are met.") < page.index("- *it is fast*, *it is fast*: The kernel.") < page.index("## fast")
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_goal_has_one_bound(name: str) -> None:
    """A goal is a bound on one number, from one side."""
    for each in shape(name).GOALS:
        assert (each.least is None) != (each.most is None), each.says
