"""What a trace tells of answers that were played under a virtual clock."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from streamsim.engine.core import Engine, Settings
from streamsim.errors import StreamMismatch
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.faults import parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from streamsim.shells.memory import MemoryClient
from tests.builders import EVENT_STREAM, chat, exchange, recording

if TYPE_CHECKING:
    from streamsim.engine.trace import Trace

ASKS = b'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 15\r\n\r\n{"stream":true}'
HEADERS = (*EVENT_STREAM, ("transfer-encoding", "chunked"))


def run(*words: str, fault: str = "", pacing: Pacing = Pacing(), leave_ns: int = 0) -> Trace:  # noqa: B008 - frozen
    """Return the trace of a chat that says ``words``, to a client that leaves at ``leave_ns`` or reads to the end."""
    profile = Profile(pacing=pacing, faults=(parse_fault(fault),) if fault else ())
    one = recording(exchange(chunks=chat(*words, usage=True), headers=HEADERS))
    engine = Engine([Planner(one, name="r")], Settings(profile=profile))
    client = MemoryClient(engine)
    client.send(ASKS)
    client.run(leave_ns or None)
    if leave_ns:
        client.leave()
    return engine.journal[0]


def test_every_time_is_the_planned_one() -> None:
    """However irregular the plan, each gap is told to the nanosecond."""
    pacing = Pacing(itl=parse_distribution("lognormal(30ms,0.4)"), jitter=parse_distribution("3ms"))
    trace = run(*(f" w{nth}" for nth in range(100)), pacing=pacing)
    trace.assert_as_planned()
    trace.assert_complete()
    planned = [trace.script.ats[step] for step in trace.contents.content_steps]
    assert trace.itl.ns == [after - before for before, after in pairwise(planned)]
    assert len(set(trace.itl.ns)) > 90


def test_a_silence_is_the_longest_gap() -> None:
    """A silence of 90 seconds is added to its gap, exactly."""
    assert run("a", "b", "c", fault="gap:at_event=2,for=90s").itl == [90.02, 0.02]


def test_a_fault_is_told_by_what_it_took() -> None:
    """What a reset took away was never planned, and is shown as what is missing at the end."""
    trace = run("a", "b", "c", fault="reset_peer:at_event=2")
    assert (trace.outcome, trace.planned.text, trace.never_sent.events) == ("reset", "a", 0)
    with pytest.raises(StreamMismatch, match=re.escape("r, exchange 1, attempt 1: was cut off by a RST, as planned")):
        trace.assert_complete()


def test_an_early_stop_saves_what_was_never_sent() -> None:
    """A client that leaves after two words of four saves the tokens of the other two."""
    trace = run("a", "b", "c", "d", leave_ns=170_000_000)
    assert trace.client_left_at == 0.17
    assert (trace.delivered.text, trace.never_sent.text) == ("ab", "cd")
    assert (trace.delivered.tokens, trace.never_sent.tokens, trace.never_sent.tokens_by) == (2, 2, "usage")


def test_two_runs_of_one_plan_are_the_same() -> None:
    """The same plan is played alike again; another one is not."""
    run("a", "b").assert_same(run("a", "b"))
    with pytest.raises(StreamMismatch, match=re.escape("step 3 differs; this and other, side by side:")):
        run("a", "b").assert_same(run("a", "c"))
