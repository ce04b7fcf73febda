"""Every fault on a real socket and in memory: bytes, boundaries, order, the connection's end, and the trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.engine.core import Engine, Settings
from streamsim.plan.faults import CATALOGUE, parse_fault, spell_fault
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Given, Planner
from streamsim.plan.profile import Profile
from streamsim.shells.memory import MemoryClient
from streamsim.sse import parse
from streamsim.wire import Hang, Head
from tests.builders import exchange, recording
from tests.shells.fault_cases import CASES
from tests.shells.fault_streams import OTHERWISE, RECORDED
from tests.shells.raw import Client, request
from tests.shells.seen import promised, promised_end, promised_times, seen, without_names
from tests.shells.serving import serving

if TYPE_CHECKING:
    from streamsim.engine.trace import Trace
    from streamsim.plan.faults import Fault
    from streamsim.plan.planner import Plan
    from streamsim.recording.model import Recording
    from tests.shells.fault_case import Case
    from tests.shells.seen import Ended, Seen
    from tests.shells.serving import Running

# So many times faster, for a fault's minutes to be milliseconds; all times of the cases are multiples of it in ns.
SPEED = 10_000
CONTROL = request("/__streamsim__/", method="GET", body=b"")
IN_PROCESS = ("refuse", "ignore")


def profile(*faults: Fault, speed: int = SPEED) -> Profile:
    return Profile(pacing=Pacing(speed=(speed, 1)), faults=faults)


def serve(one: Recording, asked: Profile) -> Engine:
    return Engine([Planner(one)], Settings(profile=asked))


def spelt(name: str, case: Case) -> str:
    return f"{name}:{case.options}" if case.options else name


cases = pytest.mark.parametrize(
    ("fault", "case"),
    [
        pytest.param(spelt(name, one), one, id=spelt(name, one)[:80])
        for name in CATALOGUE
        for one in CASES.get(name, ())
    ],
)
wire_cases = pytest.mark.parametrize(
    ("fault", "case"),
    [
        pytest.param(spelt(name, one), one, id=spelt(name, one)[:80])
        for name in CATALOGUE
        if name not in IN_PROCESS
        for one in CASES.get(name, ())
    ],
)


def planned(fault: str, case: Case) -> tuple[Engine, Plan, bytes]:
    """Return who serves the case, what is planned for it, and what to ask."""
    one = RECORDED[case.of]
    asked = profile(parse_fault(fault))
    given = Given(last_event_id=case.asks.partition(": ")[2])
    asks = request("/v1/chat/completions", *([case.asks] if case.asks else []))
    return serve(one, asked), Planner(one).plan(1, asked, given=given), asks


def on_wire(engine: Engine, plan: Plan, asks: bytes) -> tuple[Seen, Trace]:
    """Return what a raw client sees, and the server's trace of it."""
    with serving(engine) as server:
        with Client(server.port) as client:
            client.send(asks)
            raw = client.take(sum(map(len, promised(plan))))
            ended = end_on_wire(server, client, promised_end(plan))
            raw += client.take(len(client.buffer))
        assert server.eventually(lambda: bool(server.traces))
    return seen(raw, ended), server.traces[0]


def end_on_wire(server: Running, client: Client, expected: Ended) -> Ended:
    """Find out what became of the connection."""
    if expected == "open":
        client.send(CONTROL)
        return "open" if client.answer().status == 200 else "fin"
    if expected == "silence":
        journal = server.server.engine.journal
        assert server.eventually(lambda: bool(journal) and journal[0].steps == len(journal[0].script.ats))
        assert server.call(lambda: [session.due_ns for session in server.server.sessions]) == [None]
        client.sock.setblocking(False)  # noqa: FBT003 - the standard library's signature
        with pytest.raises(BlockingIOError):
            client.sock.recv(1)
        return "silence"
    client.buffer += client.rest()
    return "reset" if client.ended == "reset" else "fin"


def in_memory(engine: Engine, plan: Plan, asks: bytes) -> tuple[Seen, MemoryClient]:
    """Return what a client in memory sees once all was done, and the client."""
    client = MemoryClient(engine)
    client.send(asks)
    last = plan.timeline[-1]
    hold_ns = last.action.for_ns if isinstance(last.action, Hang) else None
    client.run(last.at_ns + (hold_ns or 0))
    return seen(client.received, end_in_memory(client)), client


def end_in_memory(client: MemoryClient) -> Ended:
    if client.closed is not None:
        assert client.closed not in ("linger", "abort")
        return client.closed  # type: ignore[return-value]
    before = len(client.writes)
    client.send(CONTROL)
    told = client.writes.pop().data if len(client.writes) > before else b""
    return "open" if told.startswith(b"HTTP/1.1 200 ") else "silence"


def events_of(one: Seen) -> int:
    """Return how many events a conforming reader has of what came."""
    named = dict(one.headers)
    if not named.get("content-type", "").startswith("text/event-stream"):
        return 0
    if "content-encoding" not in named:
        return len(one.events)
    return len(parse(one.plain)) if one.body.startswith(b"\x1f\x8b") else 0


def test_every_fault_has_its_cases() -> None:
    """The table of what faults do on the wire is the catalogue, and each fault is there with its defaults."""
    assert {name: cases[0].options for name, cases in CASES.items()} == dict.fromkeys(CATALOGUE, "")


@wire_cases
def test_a_fault_is_on_the_wire_what_was_written_of_it(fault: str, case: Case) -> None:
    """The head, the chunks, what is loose and how the connection ends are as the table says, to the byte."""
    one, _ = on_wire(*planned(fault, case))
    check_by_hand(one, case)


@cases
def test_memory_is_what_was_written_of_it(fault: str, case: Case) -> None:
    """The same table holds in memory; and there, each byte comes at its time."""
    one, client = in_memory(*planned(fault, case))
    check_by_hand(one, case)
    if case.at_ms is not None:
        assert [write.at_ns for write in client.writes] == [round(ms * 1_000_000) // SPEED for ms in case.at_ms]


def check_by_hand(one: Seen, case: Case) -> None:
    assert (one.status, one.headers, one.ended) == (case.status, case.headers, case.ended)
    assert one.added == (("x-streamsim-plan", "x-streamsim-seed", "x-streamsim-attempt") if case.added else ())
    assert one.loose == case.loose
    assert one.complete is (case.ended == "open" if case.complete is None else case.complete)
    if case.chunks is not None:
        assert one.chunks == list(case.chunks)
    assert all(fact(one) for fact in case.facts)


@wire_cases
def test_the_wire_is_the_plan_and_the_trace_tells_it(fault: str, case: Case) -> None:
    """Socket and memory give the planned bytes and end; the trace says what was injected, sent and delivered."""
    engine, plan, asks = planned(fault, case)
    one, trace = on_wire(engine, plan, asks)
    wires = promised(plan)
    assert (one.raw, one.ended) == (b"".join(wires), promised_end(plan))
    again, client = in_memory(planned(fault, case)[0], plan, asks)
    assert (again.raw, again.ended) == (one.raw, one.ended)
    assert [(write.at_ns, write.data) for write in client.writes] == promised_times(plan)

    told = trace.as_json()
    assert told["plan"] == plan.plan_id
    assert told["faults"] == [{"fault": spell_fault(parse_fault(fault)), "outcome": "applied"}]
    assert told["bytes_planned"] == told["bytes_written"] == len(one.raw)
    assert told["events_planned"] == told["events_written"] == events_of(one)
    if plan.timeline[-1].action == Hang():
        assert (told["bytes_delivered"], told["events_delivered"]) == (told["bytes_written"], told["events_written"])
    assert told["outcome"] == outcome(plan)
    assert min(trace.lateness_ns(), default=0) >= 0


def outcome(plan: Plan) -> str:
    """Return the word that a trace has for the end of ``plan``."""
    last = plan.timeline[-1].action
    if isinstance(last, Hang):
        return "client left" if last.for_ns is None else "hang"
    return {"End": "complete", "Fin": "fin", "Reset": "reset"}[type(last).__name__]


@pytest.mark.parametrize("recorded", OTHERWISE)
@pytest.mark.parametrize("name", [name for name in CATALOGUE if name not in IN_PROCESS])
def test_other_recordings_give_what_is_planned(name: str, recorded: str) -> None:
    """However the answer was framed and ended, the wire and the memory give the planned bytes and the planned end."""
    one, asked = OTHERWISE[recorded], profile(parse_fault(name))
    plan = Planner(one).plan(1, asked)
    want = (b"".join(promised(plan)), promised_end(plan))
    socket, _ = on_wire(serve(one, asked), plan, request())
    memory, _ = in_memory(serve(one, asked), plan, request())
    assert (socket.raw, socket.ended) == want
    assert (memory.raw, memory.ended) == want


@pytest.mark.parametrize("name", CATALOGUE)
def test_no_fault_gives_head_a_body(name: str) -> None:
    """A HEAD request gets the head, or none, and nothing after it, whatever was asked for."""
    one, asked = RECORDED["chat"], profile(parse_fault(name))
    plan = Planner(one).plan(1, asked, given=Given(head_only=True))
    answer, _ = in_memory(serve(one, asked), plan, request("/", "x-streamsim-exchange: 1", method="HEAD"))
    assert answer.raw == b"".join(promised(plan))
    assert answer.raw.partition(b"\r\n\r\n")[2] == b""


@pytest.mark.parametrize("fault", [*CATALOGUE, "trickle:headers=true"])
def test_no_fault_gives_http_1_0_a_chunk(fault: str) -> None:
    """A client of HTTP/1.0 gets a body that ends with the connection, without chunk sizes."""
    one, asked = RECORDED["chat"], profile(parse_fault(fault))
    plan = Planner(one).plan(1, asked, given=Given(unchunked=True))
    answer, _ = in_memory(serve(one, asked), plan, request(http="1.0"))
    assert answer.raw == b"".join(promised(plan))
    assert answer.ended != "open"
    assert "transfer-encoding" not in dict(answer.headers)
    assert b"\r\n0\r\n" not in answer.raw


@pytest.mark.parametrize("name", IN_PROCESS)
def test_a_server_that_listens_says_what_it_cannot_do(name: str) -> None:
    """Refusing or ignoring an attempt to connect is answered 501, by name; the connection lives on."""
    with serving(serve(RECORDED["chat"], profile(parse_fault(name)))) as server, Client(server.port) as client:
        for _ in range(2):
            answer = client.ask(request())
            assert answer.status == 501
            assert f"asks to {name} the connection" in answer.body.decode()


@pytest.mark.parametrize("name", IN_PROCESS)
def test_in_process_there_need_not_be_a_connection(name: str) -> None:
    """In memory a refused or ignored attempt has no byte, and the trace has the word."""
    engine = serve(RECORDED["chat"], profile(parse_fault(name)))
    client = MemoryClient(engine)
    client.send(request())
    assert (client.writes, client.closed, client.closed_ns) == ([], name, 0)
    told = engine.journal[0].as_json()
    assert (told["outcome"], told["bytes_planned"]) == (name, 0)
    assert told["faults"] == [{"fault": name, "outcome": "applied"}]


def test_a_trace_tells_of_every_fault_and_of_none() -> None:
    """Faults that struck, missed and were not reached are told in the order asked for; without faults nothing is."""
    faults = ("reset_peer:at_event=1", "drop:at_event=4", "gap:attempt=2")
    engine = serve(RECORDED["chat"], profile(*map(parse_fault, faults)))
    client = MemoryClient(engine)
    client.send(request())
    client.run()
    outcomes = ("applied", "not reached", "missed")
    want = [{"fault": fault, "outcome": told} for fault, told in zip(faults, outcomes, strict=True)]
    assert engine.journal[0].as_json()["faults"] == want
    plain = serve(RECORDED["chat"], profile())
    MemoryClient(plain).send(request())
    assert "faults" not in plain.journal[0].as_json()


def test_names_and_permissions_stand_in_a_head_alone() -> None:
    """A head that trickles in raw gets neither the names of plan, seed and attempt, nor leave for other origins."""
    asks = request("/v1/chat/completions", "Origin: http://page.test")
    for fault, added in (("trickle:bytes=50", True), ("trickle:bytes=50,headers=true", False), ("empty_reply", False)):
        client = MemoryClient(serve(RECORDED["chat"], profile(parse_fault(fault))))
        client.send(asks)
        client.run()
        assert (b"x-streamsim-plan" in client.received) is added
        assert (b"access-control-allow-origin: *" in client.received) is added


@pytest.mark.parametrize(
    ("faults", "attempts"),
    [
        (["trickle:headers=true"], ["1", "1"]),
        (["trickle:headers=true", "clean_truncation"], ["1", "1"]),
        (["trickle:headers=true", "close_mid_chunked:attempt=1-2"], ["1", "2", "3", "1"]),
        (["trickle:headers=true", "bad_chunk_header:attempt=1"], ["1", "2", "1"]),
        (["trickle:headers=true", "http_error:attempt=1"], ["1", "2", "1"]),
        (["reset_peer:attempt=1"], ["1", "2", "1"]),
    ],
)
def test_an_answer_that_trickles_whole_is_no_reason_to_retry(faults: list[str], attempts: list[str]) -> None:
    """What a reader finds complete, with a 2xx, counts as a success, though its head was sent in drops."""
    engine = serve(RECORDED["chat"], profile(*map(parse_fault, faults)))
    for _ in attempts:
        client = MemoryClient(engine)
        client.send(request())
        client.run()
    assert [str(trace.script.told["attempt"]) for trace in engine.journal] == attempts


def test_reset_loses_nothing_whatever_the_reader_does() -> None:
    """A megabyte before an RST arrives whole at a reader with a small window that reads a little at a time."""
    frame = b"data: " + b"x" * 16_000 + b"\n\n"
    one = recording(
        exchange(headers=(("content-type", "text/event-stream"), ("transfer-encoding", "chunked")), chunks=[frame] * 80)
    )
    asked = profile(parse_fault("reset_peer:at_event=70"))
    plan = Planner(one).plan(1, asked)
    want = b"".join(promised(plan))
    with serving(serve(one, asked)) as server:
        for _ in range(20):
            with Client(server.port, receive_buffer=8192) as client:
                client.send(request())
                taken = b""
                while client.ended == "open":
                    taken += client.take(30_000)
                assert without_names(taken) == without_names(want)
                assert client.ended == "reset"
        assert server.eventually(lambda: len(server.traces) == 20)
    assert len(want) > 1 << 20
    assert {trace.outcome for trace in server.traces} == {"reset"}


def test_pipelined_requests_wait_for_a_trickle() -> None:
    """Of two requests in one write, the second is answered after the first has dripped away, on the same connection."""
    asked = profile(parse_fault("trickle:bytes=100,attempt=1"))
    with serving(serve(RECORDED["chat"], asked)) as server, Client(server.port) as client:
        client.send(request() + request(body=b"{}"))
        first, second = client.answer(), client.answer()
    assert first.chunks == second.chunks
    assert first.ended == second.ended == "open"


def test_a_closing_fault_leaves_the_rest_of_a_pipeline_unanswered() -> None:
    """After a FIN or an RST in the middle nothing more comes, though more was asked."""
    asked = profile(parse_fault("stall:at_event=1,for=20ms"))
    with serving(serve(RECORDED["chat"], asked)) as server, Client(server.port) as client:
        client.send(request() * 2)
        raw = client.rest()
        assert client.ended == "eof"
    assert raw.count(b"HTTP/1.1") == 1


def test_a_plan_has_one_final_head() -> None:
    """No fault gives a second head, and one that trickles in leaves none."""
    for name in CATALOGUE:
        plan = Planner(RECORDED["chat"]).plan(1, profile(parse_fault(name)))
        assert sum(isinstance(step.action, Head) for step in plan.timeline) <= 1
