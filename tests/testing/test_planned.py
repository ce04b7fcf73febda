"""A planner that keeps its plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.plan.faults import apply_faults, parse_fault
from streamsim.plan.planner import Given, Planner
from streamsim.plan.profile import Profile
from streamsim.shells.files import load
from streamsim.testing.planned import Kept

if TYPE_CHECKING:
    import pytest

    from tests.testing.suites import Suite

pytest_plugins = ["pytester"]

RESET = Profile(faults=(parse_fault("reset_peer:at_event=3"),))


def test_it_plans_as_any_planner_does() -> None:
    """All that a plan depends on tells plans apart."""
    recording = load("llama-chat")
    kept, usual = Kept(recording, name="a"), Planner(recording, name="a")
    for _ in range(2):
        assert kept.plan(1) == usual.plan(1)
        assert kept.plan(1, RESET) == usual.plan(1, RESET)
        assert kept.plan(1, RESET, seed=2, attempt=3) == usual.plan(1, RESET, seed=2, attempt=3)
        assert kept.plan(1, given=Given(head_only=True)) == usual.plan(1, given=Given(head_only=True))


def test_it_keeps_what_was_asked_last() -> None:
    """A plan of each exchange and a few more stay; the rest goes."""
    kept = Kept(load("llama-chat"))
    first = kept.plan(1, RESET)
    assert kept.plan(1, RESET) is first
    for attempt in range(2, 7):
        kept.plan(1, RESET, attempt=attempt)
    assert kept.plan(1, RESET) is not first


def test_a_replay_plans_an_answer_once(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the faults find a place, what is sent and what is told of it are of one plan, in later tests, too."""
    struck: list[str] = []

    def counted(*args: object, **options: object) -> object:
        struck.append(str(options["attempt"]))
        return apply_faults(*args, **options)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr("streamsim.plan.planner.apply_faults", counted)
    suite(
        """
        @pytest.mark.parametrize("again", [1, 2])
        @pytest.mark.streamsim("llama-chat", faults="reset_peer:at_event=7,attempt=1")
        def test_it(streamsim_replay, again):
            for _ in range(2):
                try:
                    ask(sdk(streamsim_replay))
                except openai.APIConnectionError:
                    assert "applied" in streamsim_replay.plan.faults[0].outcome
            assert len({streamsim_replay.plan_of(trace).digest for trace in streamsim_replay.traces}) == 2
        """,
        passed=2,
    )
    assert struck == ["1", "2"]
