from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streamsim.errors import PlanError, RecordingError
from streamsim.plan.distribution import fixed, parse_distribution
from streamsim.plan.faults import parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Given, Plan, Planner
from streamsim.plan.profile import Profile
from streamsim.recording.model import Ending, Info
from streamsim.wire import End, Fin, Framing, Head, Raw, Refuse, Reset, Send, Step
from tests.builders import EVENT_STREAM, HELLO, chat, exchange, recording, sse
from tests.plan import digests

DRAWN = Profile(pacing=Pacing(itl=parse_distribution("lognormal:30ms:0.4"), jitter=parse_distribution("5ms")))


def committed() -> dict[str, list[str]]:
    told: dict[str, list[str]] = json.loads(digests.TABLE.read_bytes())
    return told


def test_plans_are_those_of_the_committed_table() -> None:
    """Every plan of the fixed set has the plan id and the digest that were committed."""
    assert digests.table() == committed()


def test_different_inputs_have_different_plan_ids() -> None:
    """No two plans of the fixed set share an id."""
    ids = [plan_id for plan_id, _ in committed().values()]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("hash_seed", ["0", "1", "4294967295"])
def test_another_process_makes_the_same_plans(hash_seed: str) -> None:
    """A fresh interpreter with another order of hashes gives the same table."""
    code = "import json; from tests.plan import digests; print(json.dumps(digests.table()))"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert json.loads(run.stdout) == committed()


@given(st.lists(st.tuples(st.integers(1, 2), st.integers(0, 9), st.integers(1, 3)), max_size=8))
def test_a_plan_depends_on_no_other(others: list[tuple[int, int, int]]) -> None:
    """Whatever was planned before, the same inputs give the same plan."""
    one = recording(exchange(chunks=chat("a", "b")), exchange())
    shared = Planner(one)
    for number, seed, attempt in others:
        shared.plan(number, DRAWN, seed=seed, attempt=attempt)
    assert shared.plan(1, DRAWN, seed=3) == Planner(one).plan(1, DRAWN, seed=3) == shared.plan(1, DRAWN, seed=3)


def test_every_input_counts() -> None:
    """Recording, exchange, profile, seed, attempt and given each change the plan id."""
    planner = Planner(recording(exchange(), exchange()))
    other = Planner(recording(exchange(), exchange(end="fin")))
    plans = [
        planner.plan(1),
        other.plan(1),
        planner.plan(2),
        planner.plan(1, DRAWN),
        planner.plan(1, Profile(pacing=Pacing(speed=(2, 1)))),
        planner.plan(1, seed=1),
        planner.plan(1, attempt=2),
        planner.plan(1, given=Given(head_only=True)),
    ]
    assert len({plan.plan_id for plan in plans}) == len(plans)
    assert len({*plans, planner.plan(1)}) == len(plans)


def test_names_do_not_count() -> None:
    """The name of a recording or a profile is for people."""
    one = recording(exchange())
    plans = [Planner(one).plan(1), Planner(one, name="x").plan(1), Planner(one).plan(1, Profile(name="x"))]
    assert len({(plan.plan_id, plan.digest) for plan in plans}) == 1
    assert [plan.recording for plan in plans] == ["session.jsonl", "x", "session.jsonl"]


@pytest.mark.parametrize("inputs", [{"seed": 1}, {"attempt": 2}])
def test_seed_and_attempt_draw_anew(inputs: dict[str, int]) -> None:
    """Another seed and another attempt each give other times."""
    planner = Planner(recording(exchange(chunks=chat("a", "b", "c"))))
    assert planner.plan(1, DRAWN, **inputs).digest != planner.plan(1, DRAWN).digest  # type: ignore[arg-type]


def test_a_recording_may_take_centuries() -> None:
    """No time is too long: half as fast, three gaps of 285 years each come when they should."""
    gap_us = 2**53 - 1
    one = exchange(chunks=chat("a"), gaps_us=gap_us, response_us=0, end="fin")
    plan = Planner(recording(one)).plan(1, Profile(pacing=Pacing(speed=(1, 2))))
    assert [step.at_ns for step in plan.timeline] == [2000 * gap_us * nth for nth in (0, 1, 2, 3, 4, 4)]


def test_two_exchanges_alike_draw_apart() -> None:
    """Exchanges of one recording do not share their draws."""
    planner = Planner(recording(exchange(chunks=chat("a", "b")), exchange(chunks=chat("a", "b"))))
    assert planner.plan(1, DRAWN).digest != planner.plan(2, DRAWN).digest
    assert planner.plan(1).digest == planner.plan(2).digest


def test_an_editors_comment_changes_no_plan() -> None:
    """What is outside the recording's digest is outside its plans."""
    one, other = recording(exchange()), recording(exchange())
    other.header = one.header.__class__(version=1, created="later")  # type: ignore[call-arg]
    assert Planner(one).plan(1, DRAWN) == Planner(other).plan(1, DRAWN)


def test_a_plan_counts_the_events_a_client_has() -> None:
    """After each step it says how many events are complete."""
    plan = Planner(recording(exchange(chunks=[b": hi\n\n", b"".join(sse("a", "b")), b"data: c", b"\n\n"]))).plan(1)
    assert tuple(plan.events) == (0, 0, 2, 2, 3, 3)
    assert plan.dialect == "generic"


def test_pacing_works_on_content() -> None:
    """TTFT and ITL count from the dialect's content, not from the role."""
    plan = Planner(recording(exchange(chunks=chat("a", "b")))).plan(
        1, Profile(pacing=Pacing(ttft=fixed(900), itl=fixed(50)))
    )
    assert [step.at_ns for step in plan.timeline[2:4]] == [900, 950]


def test_a_finished_answer_that_the_client_left_is_complete() -> None:
    """A cancelled exchange ends well where its terminal event was seen, and hangs where not."""
    planner = Planner(recording(exchange(chunks=chat("a"), end="cancelled"), exchange(end="cancelled")))
    assert isinstance(planner.plan(1).timeline[-1].action, End)
    assert not planner.plan(2).succeeds


def plan_of(**fields: object) -> Plan:
    return Planner(recording(exchange(**fields))).plan(1)  # type: ignore[arg-type]


def test_only_a_complete_2xx_succeeds() -> None:
    """What is cut, refused or an error makes the next equal request a retry; an interim answer does not count."""
    hint = Info(exchange=1, dt_us=1, status=103)
    assert plan_of().succeeds
    assert plan_of(status=204, framing="none", chunks=(), infos=[hint]).succeeds
    assert not plan_of(status=500).succeeds
    assert not plan_of(status=300).succeeds
    assert not plan_of(end="fin").succeeds
    assert not plan_of(status=0, chunks=(), end="reset").succeeds


LENGTH = (("content-length", str(len(b"".join(HELLO)))),)
TRANSFER = (*EVENT_STREAM, ("transfer-encoding", "chunked"))


@pytest.mark.parametrize(
    ("fields", "faults", "succeeds"),
    [
        ({"headers": TRANSFER}, (), True),
        ({"headers": TRANSFER, "end": "fin"}, (), False),
        ({"headers": TRANSFER, "end": "reset"}, (), False),
        ({"headers": TRANSFER, "status": 500}, (), False),
        ({"headers": TRANSFER}, ("clean_truncation",), True),
        ({"headers": TRANSFER}, ("close_mid_chunked",), False),
        ({"headers": TRANSFER}, ("stall:for=1s",), False),
        ({"headers": LENGTH, "framing": "content-length"}, (), True),
        ({"headers": LENGTH, "framing": "content-length"}, ("short_content_length",), False),
        ({"headers": (), "framing": "close"}, (), True),
    ],
)
def test_a_head_in_drops_may_succeed(fields: dict[str, object], faults: tuple[str, ...], *, succeeds: bool) -> None:
    """Where the head is sent raw, what a reader finds complete succeeds, as it would have with a head."""
    planner = Planner(recording(exchange(**fields)))  # type: ignore[arg-type]
    for drops in ("trickle", "trickle:headers=true,bytes=7"):
        plan = planner.plan(1, Profile(faults=tuple(map(parse_fault, (*faults, drops)))))
        assert plan.succeeds is succeeds


def test_events_in_drops_are_counted() -> None:
    """Each event counts from the drop on that brings its last byte."""
    plan = Planner(recording(exchange(headers=TRANSFER))).plan(
        1, Profile(faults=(parse_fault("trickle:headers=true"),))
    )
    sent = [step.action.data for step in plan.timeline if isinstance(step.action, Raw)]
    assert plan.events[-1] == len(HELLO)
    for count in (1, 2, 3):
        assert b"".join(sent[: plan.events.index(count) + 1]).endswith(HELLO[count - 1])


@pytest.mark.parametrize("fault", ["comments_only", "stall_masked_by_keepalive", "comment_keepalive", "error_event"])
@pytest.mark.parametrize(
    "fields", [{"status": 204, "framing": "none"}, {"status": 0, "end": "reset"}, {"status": 0, "end": "timeout"}]
)
def test_what_can_have_no_body_gets_none(fault: str, fields: dict[str, object]) -> None:
    """An answer without a body, and none at all, stay as they are, whatever fault would add bytes."""
    planner = Planner(recording(exchange(chunks=(), **fields)))  # type: ignore[arg-type]
    plan = planner.plan(1, Profile(faults=(parse_fault(fault),)))
    assert plan.timeline == planner.plan(1).timeline
    assert [each.outcome for each in plan.faults] == ["missed"]


@pytest.mark.parametrize("size", [1, 50, 999])
def test_head_sent_raw_stays_head(size: int) -> None:
    """A HEAD request gets the drops of the head, to its last byte, and nothing more."""
    profile = Profile(faults=(parse_fault(f"trickle:headers=true,bytes={size}"),))
    plan = Planner(recording(exchange(headers=TRANSFER))).plan(1, profile, given=Given(head_only=True))
    sent = b"".join(step.action.data for step in plan.timeline if isinstance(step.action, Raw))
    assert sent == b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    assert plan.timeline[-1] == Step(plan.timeline[-2].at_ns, Fin())


def test_http_1_0_gets_no_size_of_a_chunk_that_was_cut_short() -> None:
    """Of a recorded chunk that is not whole, a client of HTTP/1.0 gets the bytes that there are."""
    one = exchange(headers=TRANSFER, end="reset")
    one = replace(one, chunks=[*one.chunks[:2], replace(one.chunks[2], cut=True, of=99)])
    plan = Planner(recording(one)).plan(1, given=Given(unchunked=True))
    assert [step.action for step in plan.timeline[1:]] == [*map(Send, HELLO), Reset()]


def test_http_1_0_has_no_chunks_in_drops() -> None:
    """What trickles to a client of HTTP/1.0 is the body alone."""
    profile = Profile(faults=(parse_fault("trickle"),))
    plan = Planner(recording(exchange(headers=TRANSFER))).plan(1, profile, given=Given(unchunked=True))
    assert b"".join(step.action.data for step in plan.timeline if isinstance(step.action, Raw)) == b"".join(HELLO)


@pytest.mark.parametrize("framing", ["chunked", "content-length", "close"])
@pytest.mark.parametrize("end", ["complete", "reset", "timeout"])
def test_an_answer_to_head_has_no_body(framing: Framing, end: str) -> None:
    """Head and nothing more, complete at once, however the recorded body was framed and ended."""
    hint = Info(exchange=1, dt_us=50, status=103)
    planner = Planner(recording(exchange(framing=framing, end=end, infos=[hint])))
    plan = planner.plan(1, given=Given(head_only=True))
    assert plan.timeline == (
        Step(50_000, Head(103, framing="none")),
        Step(100_050_000, Head(200, "OK", EVENT_STREAM, framing="none")),
        Step(100_050_000, End()),
    )
    assert plan.events == (0, 0, 0)


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        ({"end": "unreachable"}, Refuse()),
        ({"end": "fin", "infos": [Info(exchange=1, dt_us=1, status=103)]}, Fin()),
        ({"end": Ending(exchange=1, dt_us=0, cause="protocol_error", text="?")}, Fin()),
    ],
)
def test_without_an_answer_head_changes_nothing(fields: dict[str, object], last: object) -> None:
    """Where no final head was recorded a HEAD request gets the same."""
    planner = Planner(recording(exchange(status=0, chunks=(), **fields)))  # type: ignore[arg-type]
    plan = planner.plan(1, given=Given(head_only=True))
    assert plan.timeline == planner.plan(1).timeline
    assert plan.timeline[-1].action == last


def test_what_cannot_be_planned_says_why() -> None:
    """An exchange that is not there, and a pacing that cannot be, are clear errors."""
    planner = Planner(recording(exchange()))
    with pytest.raises(RecordingError, match="there is no exchange 2"):
        planner.plan(2)
    with pytest.raises(PlanError, match="would precede the head"):
        planner.plan(1, Profile(pacing=Pacing(ttfb=fixed(2), ttft=fixed(1))))


def test_bytes_are_those_of_the_recording() -> None:
    """Every chunk is sent whole and in order, whatever the pacing."""
    chunks = [b"data: a", b"\n\n", b"\xff\n", *sse("[DONE]")]
    plan = Planner(recording(exchange(chunks=chunks))).plan(1, DRAWN)
    assert [step.action.data for step in plan.timeline if isinstance(step.action, Send)] == chunks


def test_a_plan_says_of_what_it_is() -> None:
    """In a message a plan is a line: whose, which, and what became of its faults; the timeline would be pages."""
    plan = Planner(recording()).plan(1, Profile(faults=(parse_fault("bom"), parse_fault("delta_null"))), seed=3)
    told = "exchange 1 (generic), seed 3, attempt 1, 5 steps, bom applied, delta_null missed"
    assert repr(plan) == f"<plan {plan.plan_id} of session.jsonl: {told}>"
