from __future__ import annotations

import pytest

from streamsim.engine import script as module
from streamsim.engine.script import Script, Shelf, from_plan
from streamsim.plan.faults import parse_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Given, Planner
from streamsim.plan.profile import Profile
from streamsim.recording.model import Chunk, Info
from streamsim.wire import Action, End, Fin, Framing, Hang, Head, Ignore, Raw, Refuse, Reset, Send
from tests.builders import EVENT_STREAM, exchange, recording, timeline

MS = 1_000_000
CHUNKED = ("transfer-encoding", "chunked")
OWN = "access-control-allow-origin: *\r\naccess-control-expose-headers: *\r\n"


def wire(script: Script) -> bytes:
    return b"".join(script.wires)


def test_each_step_is_one_entry() -> None:
    """A script has the due time, the bytes and the offset of every step."""
    script = Script(timeline((0, Head(200, "OK")), (5, Send(b"abc")), (9, End())), events=(0, 1, 1))
    assert script.ats == [0, 5, 9]
    assert script.wires == [b"HTTP/1.1 200 OK\r\n\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n"]
    assert script.offsets == [0, 19, 27, 32]
    assert script.events == (0, 1, 1)
    assert script.size > script.offsets[-1]
    assert script.joined(1, 3) == b"3\r\nabc\r\n0\r\n\r\n"
    assert script.joined(0, 3) == script.joined(0, 3) == wire(script)


@pytest.mark.parametrize(
    ("last", "close", "hang_ns"),
    [
        (End(), "end", None),
        (Fin(), "fin", None),
        (Reset(), "reset", None),
        (Hang(), "hang", None),
        (Hang(7), "hang", 7),
        (Refuse(), "refuse", None),
        (Ignore(), "ignore", None),
    ],
)
def test_last_step_says_how_to_close(last: Action, close: str, hang_ns: int | None) -> None:
    """The kind of the last step is how the script closes."""
    script = Script(timeline((0, Head(200)), (0, last)))
    assert (script.close, script.hang_ns) == (close, hang_ns)


@pytest.mark.parametrize(
    ("head", "lives"),
    [
        (Head(200), True),
        (Head(200, headers=(("Connection", "Close"),)), False),
        (Head(200, headers=(("Connection", "keep-alive, X"),)), True),
        (Head(200, framing="close"), False),
        (Head(200, http="1.0", framing="content-length"), False),
        (Head(200, http="1.0", framing="content-length", headers=(("connection", "Keep-Alive"),)), True),
        (Head(200, http="2", framing="h2"), False),
        (Head(200, http="2", framing="h2", headers=(("Content-Length", "0"),)), True),
        (Head(204, framing="none"), True),
    ],
)
def test_head_decides_on_keep_alive(head: Head, *, lives: bool) -> None:
    """Headers and framing of the final head say whether the connection lives on."""
    assert (
        Script(timeline((0, Head(103, headers=(("connection", "close"),))), (0, head), (0, End()))).keeps_alive is lives
    )


def test_recorded_bytes_with_names() -> None:
    """A plan's script is the recorded bytes, with the names of plan, seed and attempt as last lines of the head."""
    told = recording(exchange(headers=(*EVENT_STREAM, CHUNKED)))
    plan = Planner(told, name="r").plan(1, seed=5, attempt=3)
    script = from_plan(plan)
    own = f"x-streamsim-plan: {plan.plan_id}\r\nx-streamsim-seed: 5\r\nx-streamsim-attempt: 3\r\n"
    recorded = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    assert script.wires[0] == f"{recorded}{own}\r\n".encode()
    assert wire(script) == wire(from_plan(plan, names=False)).replace(b"\r\n\r\n", f"\r\n{own}\r\n".encode(), 1)
    assert script.told == {"recording": "r", "exchange": 1, "plan": plan.plan_id, "seed": 5, "attempt": 3}
    assert script.ats[1:3] == [120 * MS, 140 * MS]
    assert tuple(script.events) == (0, 1, 2, 3, 3)


@pytest.mark.parametrize("cors", [False, True])
@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_a_long_answer_is_spelt_as_it_is_sent(monkeypatch: pytest.MonkeyPatch, framing: Framing, *, cors: bool) -> None:
    """Its script says the same, step for step and slice for slice, and keeps no bytes."""
    cut = Chunk(exchange=1, dt_us=1, text="da", cut=True, of=9)
    one = exchange(framing=framing, infos=[Info(exchange=1, dt_us=0, status=103)], end="fin")
    one.chunks.append(cut)
    plan = Planner(recording(one)).plan(1, Profile(pacing=Pacing(speed=(2, 1))))
    short = from_plan(plan, cors=cors)
    monkeypatch.setattr(module, "LONG", len(plan.timeline) - 1)
    long = from_plan(plan, cors=cors)
    assert isinstance(long.wires, module.Unrolled)
    assert isinstance(short.wires, list)
    assert [*map(list, (long.wires, long.ats, long.offsets))] == [short.wires, short.ats, short.offsets]
    steps = range(len(plan.timeline))
    assert [long.wires[step] for step in steps] == [long.wires[step - len(steps)] for step in steps] == short.wires
    assert long.wires[1:-1] == short.wires[1:-1]
    assert long.joined(0, len(steps)) == long.joined(0, 2) + long.joined(2, len(steps)) == wire(short)
    assert (long.close, long.keeps_alive, long.told) == (short.close, short.keeps_alive, short.told)
    assert long.size < short.size


def test_an_answer_without_a_head_may_be_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that was never answered."""
    monkeypatch.setattr(module, "LONG", 0)
    script = from_plan(Planner(recording(exchange(status=0, chunks=(), end="reset"))).plan(1))
    assert (list(script.wires), script.wires[0], script.close) == ([b""], b"", "reset")


def test_faults_are_told_with_what_became_of_them() -> None:
    """A script tells of every fault of its plan, in the order asked for; without any it tells of none."""
    faults = ("reset_peer:at_event=1", "drop:at_event=2")
    planner = Planner(recording())
    script = from_plan(planner.plan(1, Profile(faults=tuple(map(parse_fault, faults)))))
    outcomes = ("applied", "not reached")
    assert script.told["faults"] == [{"fault": one, "outcome": two} for one, two in zip(faults, outcomes, strict=True)]
    assert "faults" not in from_plan(planner.plan(1)).told


def test_a_head_sent_raw_gets_nothing_added() -> None:
    """Neither names nor permissions are added where there is no head to add them to."""
    profile = Profile(faults=(parse_fault("trickle:bytes=999,headers=true"),))
    planner = Planner(recording(exchange(headers=(("access-control-allow-origin", "https://elsewhere.test"),))))
    script = from_plan(planner.plan(1, profile), cors=True)
    assert script.wires[0] == b"HTTP/1.1 200 OK\r\naccess-control-allow-origin: https://elsewhere.test\r\n\r\n"


def test_interim_head_gets_no_names() -> None:
    """Only the final head carries the names."""
    script = Script(timeline((0, Head(103, "Early Hints")), (0, Head(200)), (0, End())), extra=b"x: y\r\n")
    assert script.wires[:2] == [b"HTTP/1.1 103 Early Hints\r\n\r\n", b"HTTP/1.1 200 \r\nx: y\r\n\r\n"]


def test_browsers_from_anywhere_are_allowed() -> None:
    """For a request from another origin the recorded permission is replaced by one for all."""
    headers = (("Access-Control-Allow-Origin", "https://elsewhere.test"), ("x-a", "1"))
    plan = Planner(recording(exchange(headers=headers, framing="close"))).plan(1)
    assert from_plan(plan, names=False, cors=True).wires[0] == f"HTTP/1.1 200 OK\r\nx-a: 1\r\n{OWN}\r\n".encode()
    assert b"elsewhere" in from_plan(plan, names=False).wires[0]


def test_chunks_are_announced() -> None:
    """Where a recording has chunks and no header says so, one is added, so that a client finds the end of the body."""
    for headers in (EVENT_STREAM, (*EVENT_STREAM, CHUNKED)):
        plan = Planner(recording(exchange(headers=headers))).plan(1)
        assert from_plan(plan, names=False).wires[0] == (
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )


def test_head_only_has_no_body() -> None:
    """The script for HEAD is the head, its content-length kept, and then the end."""
    headers = (("content-length", "33"),)
    plan = Planner(recording(exchange(headers=headers, framing="content-length"))).plan(1, given=Given(head_only=True))
    assert wire(from_plan(plan, names=False)) == b"HTTP/1.1 200 OK\r\ncontent-length: 33\r\n\r\n"


def test_raw_bytes_stand_as_they_are() -> None:
    """Bytes outside all framing are written as they are."""
    assert Script(timeline((0, Raw(b"HTT")), (0, Fin()))).wires == [b"HTT", b""]


def test_shelf_keeps_what_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shelf gives what was put, and lets the first go when the room is short; one script always has room."""
    small = Script(timeline((0, Fin())))
    monkeypatch.setattr(module, "SHELF", 2 * small.size)
    shelf = Shelf()
    for key in "abc":
        shelf.put(key, small, succeeds=False)
    assert [shelf.get(key) for key in "abc"] == [None, (small, False), (small, False)]
    large = Script(timeline((0, Raw(b"x" * 1000)), (0, Fin())))
    shelf.put("d", large, succeeds=True)
    assert [shelf.get(key) for key in "bcd"] == [None, None, (large, True)]
