"""Random profiles over every recording: the laws of a plan hold, here and in another process."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamsim.plan import planner
from streamsim.plan.faults import CATALOGUE, parse_fault, spell_fault
from streamsim.rng import Rng
from streamsim.wire import Head, Send, check
from tests.simulation.cases import Case, Simulation
from tests.simulation.profiles import cases, faults, used

if TYPE_CHECKING:
    from collections.abc import Generator

    from streamsim.plan.planner import Plan

ROOT = Path(__file__).parents[2]
FIRST, SECOND = Simulation(), Simulation()

# Of these, one or another may take the place of the whole answer or close it, so that others are not asked at all.
OUTCOMES = {"applied", "missed", "not reached"}


def lawful(case: Case) -> Plan:
    """Return the plan of ``case``, which keeps the laws."""
    plan = FIRST.plan(case)
    assert check(plan.timeline) is plan.timeline
    assert takes_a_body(plan) or not any(isinstance(step.action, Send) for step in plan.timeline)
    assert len(plan.events) == len(plan.timeline)
    assert list(plan.events) == sorted(plan.events)
    assert [each.fault for each in plan.faults] == [spell_fault(parse_fault(fault)) for fault in case.faults]
    assert {each.outcome for each in plan.faults} <= OUTCOMES
    again = SECOND.plan(case)
    assert (again.plan_id, again.digest, again.faults) == (plan.plan_id, plan.digest, plan.faults)
    return plan


def takes_a_body(plan: Plan) -> bool:
    """Tell whether there is a final head that lets a body follow."""
    heads = [step.action for step in plan.timeline if isinstance(step.action, Head) and step.action.status >= 200]
    return bool(heads) and heads[0].framing != "none"


def elsewhere(found: list[Case]) -> list[tuple[str, str]]:
    """Return plan ids and digests of ``found`` from a new process that hashes strings differently."""
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation.digests"],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed},
        input=msgspec.json.encode(found),
        capture_output=True,
        check=True,
        timeout=600,
    )
    return msgspec.json.decode(done.stdout, type=list[tuple[str, str]])


def simulate(count: int) -> list[Case]:
    """Return ``count`` random cases, each of which keeps the laws."""
    found: list[Case] = []

    @settings(max_examples=count, database=None)
    @given(cases())
    def each(case: Case) -> None:
        lawful(case)
        found.append(case)

    each()
    return found


def test_random_profiles_keep_the_laws_in_every_process() -> None:
    """Places that the recording has are planned without error, lawfully, twice the same and the same elsewhere."""
    found = simulate(400)
    assert [(plan.plan_id, plan.digest) for plan in map(FIRST.plan, found)] == elsewhere(found)


@pytest.mark.full
def test_ten_thousand_random_profiles() -> None:
    """The same of ten thousand profiles, in which every fault strikes."""
    found = simulate(10_000)
    assert len(found) >= 10_000
    assert [(plan.plan_id, plan.digest) for plan in map(FIRST.plan, found)] == elsewhere(found)
    assert used(found) == set(CATALOGUE)
    struck = {
        each.fault.partition(":")[0]
        for plan in map(FIRST.plan, found)
        for each in plan.faults
        if each.outcome == "applied"
    }
    assert struck == set(CATALOGUE)


Draws = dict[tuple[str, str, int, tuple[int, ...]], object]


@contextmanager
def drawn() -> Generator[Draws, None, None]:
    """Take note of every draw: by whom, which, and what it was."""
    draws: Draws = {}

    class Noted(Rng):
        __slots__ = ("_purpose",)

        def __init__(self, seed: int, *path: str) -> None:
            super().__init__(seed, *path)
            self._purpose = path[-1]

        def hits(self, nth: int, parts: int, out_of: int) -> bool:
            hit = super().hits(nth, parts, out_of)
            draws[self._purpose, "hits", nth, (parts, out_of)] = hit
            return hit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planner, "Rng", Noted)
        yield draws


@st.composite
def cases_and_one_more(draw: st.DrawFn) -> tuple[Case, str]:
    case = draw(cases(most=3))
    return case, draw(faults((case.recording, case.exchange)))


@settings(max_examples=300)
@given(cases_and_one_more())
def test_one_more_fault_changes_no_others_draws(both: tuple[Case, str]) -> None:
    """What chance decides for a fault, or for the pacing, is the same with and without another one at the end."""
    case, more = both
    with drawn() as alone:
        FIRST.plan(case)
    with drawn() as together:
        plan = FIRST.plan(msgspec.structs.replace(case, faults=(*case.faults, more)))
    reached = all(each.outcome != "not reached" for each in plan.faults)
    assert {key: together[key] if reached else together.get(key, hit) for key, hit in alone.items()} == alone


@settings(max_examples=300)
@given(cases_and_one_more())
def test_a_fault_that_misses_changes_nothing(both: tuple[Case, str]) -> None:
    """One more fault, for another attempt, leaves bytes, times and what became of the others as they were."""
    case, more = both
    idle = spell_fault(msgspec.structs.replace(parse_fault(more), attempt="9"))
    plan = FIRST.plan(case)
    after = FIRST.plan(msgspec.structs.replace(case, faults=(*case.faults, idle)))
    assert after.digest == plan.digest
    assert after.faults[:-1] == plan.faults
    assert (after.faults[-1].fault, after.faults[-1].outcome) == (idle, "missed")
    if idle.partition(":")[0] not in used([case]):  # of equal names, draws are told apart by their order
        before = FIRST.plan(msgspec.structs.replace(case, faults=(idle, *case.faults)))
        assert before.digest == plan.digest
        assert before.faults == (after.faults[-1], *plan.faults)
