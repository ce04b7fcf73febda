from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from streamsim.engine import core
from streamsim.engine.core import Engine, Settings, ignore
from streamsim.engine.requests import Refusal, Request
from streamsim.engine.script import Script
from streamsim.engine.trace import Trace
from streamsim.errors import PlanError
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Planner
from streamsim.plan.profile import Profile
from tests.builders import exchange, recording
from tests.engine.asking import asked

if TYPE_CHECKING:
    from streamsim.engine.match import Mode
    from streamsim.engine.misses import Missed

HI, BYE = b'{"say":"hi"}', b'{"say":"bye"}'
CUT = exchange(body=HI, end="reset")


def engine(*exchanges: object, mode: Mode = "auto", forward: bool = False, headers: bool = True) -> Engine:
    known = [one for one in exchanges if isinstance(one, type(CUT))]
    settings = Settings(mode=mode, forward=forward, headers=headers)
    return Engine([Planner(recording(*known), name="r")] if known else [], settings)


def script(served: Engine, request: Request) -> Script:
    answer = served.answer(request)
    assert isinstance(answer, Script)
    return answer


def turn(served: Engine, request: Request) -> tuple[object, object]:
    told = script(served, request).told
    return told["exchange"], told["attempt"]


def status(served: Engine, request: Request) -> tuple[int, str]:
    answer = script(served, request)
    return int(answer.wires[0].split(b" ")[1]), b"".join(answer.wires[1:]).decode()


def test_answer_is_the_recording() -> None:
    """A request is answered by the exchange that was recorded for it."""
    assert turn(engine(exchange(body=HI), exchange(body=BYE)), asked(body=BYE)) == (2, 1)


def test_same_script_is_made_once() -> None:
    """Equal answers share one script; one that could be read by a browser is another."""
    served = engine(exchange(body=HI))
    first, second = script(served, asked(body=HI)), script(served, asked(body=HI))
    browser = script(served, asked(body=HI, headers={"Origin": "http://page.test"}))
    assert first is second
    assert b"access-control-allow-origin: *" in browser.wires[0]
    assert b"access-control" not in first.wires[0]


def test_no_names() -> None:
    """Without headers of ours the answer is the recording alone."""
    served = engine(exchange(body=HI), headers=False)
    assert b"x-streamsim" not in script(served, asked(body=HI)).wires[0]


def test_failed_plan_is_attempted_again() -> None:
    """Each equal request after a plan that did not complete is the next attempt, in any spelling of its JSON."""
    served = engine(CUT)
    spelt = [HI, b'{"say": "hi"}', HI, b'{"say" : "hi"}']
    assert [turn(served, asked(body=body)) for body in spelt] == [(1, 1), (1, 2), (1, 3), (1, 4)]


def test_attempts_belong_to_equal_requests() -> None:
    """Another body, target or method does not count."""
    served = engine(CUT, exchange(method="GET", target="/x?a=1", body=b"", end="fin"))
    assert turn(served, asked(body=HI)) == (1, 1)
    assert turn(served, asked(body=BYE)) == (1, 1)
    assert turn(served, asked("GET", "/x?a=1", b"")) == (2, 1)
    assert turn(served, asked("HEAD", "/x?a=1", b"")) == (2, 1)
    assert turn(served, asked("GET", "/x?a=2", b"")) == (2, 1)
    assert turn(served, asked(body=HI)) == (1, 2)


def test_recorded_failure_then_success() -> None:
    """A recorded 429 is answered once, then the success that was recorded after it, which repeats."""
    served = engine(exchange(body=HI, status=429), exchange(body=HI))
    assert [turn(served, asked(body=HI)) for _ in range(3)] == [(1, 1), (2, 1), (2, 1)]


def test_key_makes_requests_equal() -> None:
    """Requests with the same ``x-streamsim-key`` are equal, whatever they say."""
    served = engine(CUT)
    key = {"x-streamsim-key": "k"}
    assert [turn(served, asked(body=body, headers=key)) for body in (HI, BYE)] == [(1, 1), (1, 2)]
    assert turn(served, asked(body=HI)) == (1, 1)


def test_a_chosen_attempt_depends_on_nothing_that_came_before() -> None:
    """Whoever says which try it is gets the same whatever was answered: a recorded failure once, then what follows."""
    served = engine(
        exchange(body=HI, status=429), exchange(body=HI, status=503), exchange(body=HI), exchange(body=HI), CUT
    )
    wanted = {1: (1, 1), 2: (2, 2), 3: (3, 3), 4: (3, 4)}
    for _ in range(5):
        chosen = {n: turn(served, asked(body=HI, headers={"x-streamsim-attempt": str(n)})) for n in wanted}
        assert chosen == wanted
        turn(served, asked(body=HI))


def test_a_chosen_attempt_in_recorded_order() -> None:
    """Where whatever comes gets what is next, that is whose attempt it is."""
    served = engine(exchange(body=HI), exchange(body=BYE), mode="order")
    turn(served, asked(body=HI))
    assert turn(served, asked(body=HI, headers={"x-streamsim-attempt": "2"})) == (2, 2)


def test_attempt_can_be_chosen() -> None:
    """``x-streamsim-attempt`` plans that attempt, and the count goes on as if nothing had happened."""
    served = engine(CUT)
    assert turn(served, asked(body=HI, headers={"x-streamsim-attempt": "7"})) == (1, 7)
    assert turn(served, asked(body=HI)) == (1, 1)


@pytest.mark.parametrize("name", ["2", "r:2"])
def test_exchange_can_be_chosen(name: str) -> None:
    """``x-streamsim-exchange`` names the exchange, by number or with its recording, with a count of its own."""
    served = engine(CUT, exchange(body=BYE, end="reset"))
    chosen = {"x-streamsim-exchange": name}
    assert [turn(served, asked(body=HI, headers=chosen)) for _ in range(2)] == [(2, 1), (2, 2)]
    assert turn(served, asked(body=HI)) == (1, 1)


def test_seed_and_pacing_can_be_chosen() -> None:
    """``x-streamsim-seed`` and the pacing headers are part of the plan."""
    served = engine(exchange(body=HI))
    one = script(served, asked(body=HI, headers={"x-streamsim-seed": "9", "x-streamsim-ttft": "2s"}))
    assert one.told["seed"] == 9
    assert one.ats[1] == 2_000_000_000
    assert one.told["plan"] != script(served, asked(body=HI)).told["plan"]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("exchange", "9", "there is no exchange '9'"),
        ("attempt", "none", "not a whole number"),
        ("itl", "soon", "x-streamsim-itl"),
        ("speed", "2", "there is no such header"),
    ],
)
def test_wrong_choice_is_a_400(name: str, value: str, problem: str) -> None:
    """A choice that cannot be is answered with 400 and what is wrong."""
    code, body = status(engine(CUT), asked(body=HI, headers={f"x-streamsim-{name}": value}))
    assert code == 400
    assert problem in body


def test_choice_of_exchange_where_there_is_none() -> None:
    """A server without recordings says that it serves none."""
    assert "served are none" in status(engine(), asked(headers={"x-streamsim-exchange": "1"}))[1]


def test_order_mode() -> None:
    """In ``order`` mode whatever comes gets the next exchange, and the last repeats."""
    served = engine(exchange(body=HI), exchange(body=BYE), mode="order")
    assert [turn(served, asked("GET", f"/{n}", b""))[0] for n in range(3)] == [1, 2, 2]


def test_no_match_names_the_nearest() -> None:
    """What is not recorded is a 404 that names the nearest recorded requests and how they differ; it is reported."""
    served = engine(exchange(body=HI), exchange(target="/other", body=HI))
    seen: list[Missed] = []
    served.on_miss = seen.append
    code, body = status(served, asked(target="/othr", body=BYE))
    error = json.loads(body)["error"]
    assert code == 404
    told = "no recorded exchange answers POST /othr; the nearest, r:1, differs in path, body:say"
    assert error["message"] == told
    assert [near["label"] for near in error["nearest"]] == ["r:1", "r:2"]
    assert error["nearest"][1]["differs"] == [
        {"at": "path", "recorded": "/other", "asked": "/othr"},
        {"at": "body:say", "recorded": "hi", "asked": "bye"},
    ]
    assert seen == list(served.misses)
    assert [miss.message for miss in seen] == [told]
    assert served.status()["misses"] == seen


@pytest.mark.parametrize(
    "request_",
    [
        asked("HEAD", "/nowhere", b""),
        asked("HEAD", "/v1/chat/completions", b"", {"x-streamsim-attempt": "x"}),
        asked("HEAD", "/__streamsim__/nothing", b""),
        asked("HEAD", "/__streamsim__/", b""),
        asked("HEAD", "/refused", b""),
    ],
)
def test_no_answer_to_head_has_a_body(request_: Request) -> None:
    """Whatever is answered to HEAD, it has no body: the next answer would be mistaken for it."""
    served = engine(CUT, exchange(method="GET", target="/refused", body=b"", status=0, chunks=(), end="unreachable"))
    assert status(served, request_)[1] == ""


def test_unreachable_cannot_be_served() -> None:
    """A connection that was refused when recorded cannot be refused by a server that listens: 501 says so."""
    served = engine(exchange(body=HI, status=0, chunks=(), end="unreachable"))
    code, body = status(served, asked(body=HI))
    assert code == 501
    assert "refuse the connection" in body


PREFLIGHT = {"Origin": "http://page.test", "Access-Control-Request-Method": "POST"}


@pytest.mark.parametrize("mode", ["auto", "order", "strict"])
def test_preflight_is_allowed(mode: Mode) -> None:
    """A browser's preflight is allowed, and is nobody's turn."""
    served = engine(CUT, mode=mode)
    headers = PREFLIGHT | {"Access-Control-Request-Headers": "authorization"}
    answer = script(served, asked("OPTIONS", body=b"", headers=headers))
    assert answer.wires[0].startswith(b"HTTP/1.1 204")
    assert b"access-control-allow-headers: authorization\r\n" in answer.wires[0]
    assert turn(served, asked(body=HI)) == (1, 1)


def test_recorded_preflight_is_served() -> None:
    """A preflight that was recorded is answered as recorded; others beside it are allowed."""
    served = engine(exchange(method="OPTIONS", target="/a", body=b"", status=204, framing="none", chunks=()))
    assert turn(served, asked("OPTIONS", "/a", b"", PREFLIGHT)) == (1, 1)
    assert script(served, asked("OPTIONS", "/b", b"", PREFLIGHT)).told == {}


def test_options_is_no_preflight() -> None:
    """OPTIONS without the question of a preflight is an ordinary request."""
    assert status(engine(CUT), asked("OPTIONS", "*", b""))[0] == 404


def test_missing_is_asked_for_once() -> None:
    """With an upstream, the first of equal unknown requests is forwarded and the others wait for it."""
    served = engine(CUT, forward=True)
    spelt = asked(body=b'{"say": "bye"}')
    assert [served.answer(asked(body=BYE)), served.answer(spelt)] == ["forward", "wait"]
    assert served.answer(asked(target="/else")) == "forward"
    served.asked(spelt)
    assert served.answer(asked(body=BYE)) == "forward"


def test_what_was_asked_for_is_served() -> None:
    """Once the answer is recorded it is served to all equal requests."""
    served = engine(forward=True)
    assert served.answer(asked(body=BYE)) == "forward"
    served.add(Planner(recording(exchange(body=BYE)), name="new"))
    served.asked(asked(body=BYE))
    assert script(served, asked(body=BYE)).told["recording"] == "new"
    assert [planner.name for planner in served.planners] == ["new"]


def test_what_is_asked_for_must_be_equal() -> None:
    """Where missing requests are recorded, one that is only near a recorded one is missing."""
    assert engine(exchange(body=HI), forward=True).answer(asked(body=BYE)) == "forward"
    assert turn(engine(exchange(body=HI), forward=True), asked(body=HI)) == (1, 1)
    assert turn(engine(exchange(body=HI), forward=True, mode="order"), asked(body=BYE)) == (1, 1)


def traced(served: Engine, request: Request) -> Trace:
    answer = script(served, request)
    trace = Trace(answer, 1, 0)
    served.started(trace)
    trace.wrote(len(answer.ats), answer.ats[-1])
    trace.close("complete")
    served.ended(trace)
    return trace


def test_status_page() -> None:
    """The control page tells what is served and what happened, its own answers excepted."""
    served = engine(exchange(body=HI), exchange(body=BYE, status=0, chunks=(), end=None))
    traced(served, asked(body=HI))
    traced(served, asked("GET", "/__streamsim__/", b""))
    code, body = status(served, asked("GET", "/__streamsim__/?now", b""))
    told = json.loads(body)
    assert (code, told["seed"], told["match"]) == (200, 0, "auto")
    assert told["recordings"][0]["name"] == "r"
    assert [(one["status"], one["chunks"], one["end"]) for one in told["recordings"][0]["exchanges"]] == [
        (200, 3, "complete"),
        (None, 0, None),
    ]
    assert [(one["exchange"], one["outcome"], one["events_written"]) for one in told["answers"]] == [(1, "complete", 3)]


def test_reset_forgets() -> None:
    """After a reset the first request is a first attempt again, and nothing has happened."""
    served = engine(CUT)
    assert status(served, asked(target="/nowhere"))[0] == 404
    traced(served, asked(body=HI))
    assert turn(served, asked(body=HI)) == (1, 2)
    assert status(served, asked("POST", "/__streamsim__/reset", b""))[0] == 200
    assert (served.status()["answers"], served.status()["misses"]) == ([], [])
    assert turn(served, asked(body=HI)) == (1, 1)


def test_traces_are_reported_whole_and_large_ones_kept_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer is reported when it is over; of a large one the journal keeps no script."""
    served = engine(exchange(body=HI))
    seen: list[list[int]] = []
    served.on_trace = lambda trace: seen.append(trace.lateness_ns())
    small = traced(served, asked(body=HI))
    monkeypatch.setattr(core, "LARGE", 0)
    large = traced(served, asked(body=HI))
    assert seen[0] == seen[1] != []
    assert small.lateness_ns() == seen[0]
    assert large.lateness_ns() == []
    assert list(served.journal) == [small, large]


def test_refusal_closes() -> None:
    """What is no acceptable request is told so, and the connection closes."""
    answer = engine().refuse(Refusal(431, "Request Header Fields Too Large", "too large"))
    assert answer.wires[0].startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert not answer.keeps_alive


def test_check_finds_what_cannot_be_planned() -> None:
    """A profile that fits a recording passes the check; one that cannot be planned is an error before serving."""
    engine(exchange()).check()
    pacing = Pacing(ttfb=parse_distribution("2s", where="x"), ttft=parse_distribution("1s", where="x"))
    served = Engine([Planner(recording())], Settings(profile=Profile(pacing=pacing)))
    with pytest.raises(PlanError):
        served.check()


IDS = [b"id: 1\ndata: one\n\n", b"id: 2\ndata: two\n\n"]


def test_a_request_chooses_its_own_fault() -> None:
    """That answer has it, and no other; equal choices share one script."""
    served = engine(exchange(body=HI))
    choice = {"x-streamsim-fault": "reset_peer:at_event=1", "x-streamsim-attempt": "1"}
    first, second = (script(served, asked(body=HI, headers=choice)) for _ in range(2))
    assert first.close == "reset"
    assert first is second
    assert script(served, asked(body=HI)).close == "end"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("reset_peer:at_event=90", "r, exchange 1: reset_peer: there is no event 90 of 3"),
        ("reset_peeer", "x-streamsim-fault: there is no fault 'reset_peeer'; did you mean reset_peer?"),
        ("gap:for=soon", "x-streamsim-fault: gap: for: 'soon' is not a duration"),
    ],
)
def test_a_fault_that_cannot_be_is_a_400(fault: str, message: str) -> None:
    """The answer says what is wrong, and what was meant; it counts for no attempt."""
    served = engine(exchange(body=HI))
    code, body = status(served, asked(body=HI, headers={"x-streamsim-fault": fault}))
    assert code == 400
    assert message in json.loads(body)["error"]["message"]
    assert turn(served, asked(body=HI)) == (1, 1)


def test_a_retry_meets_the_fault_of_its_attempt() -> None:
    """Which need not be the same."""
    served = engine(exchange(body=HI))
    choice = {"x-streamsim-fault": "http_error:status=529,attempt=1, reset_peer:attempt=2"}
    answers = [script(served, asked(body=HI, headers=choice)) for _ in range(3)]
    assert [answer.wires[0].split(b" ")[1] for answer in answers] == [b"529", b"200", b"200"]
    assert [answer.close for answer in answers] == ["end", "reset", "end"]


def test_a_reader_that_comes_back_goes_on_where_it_was() -> None:
    """A ``Last-Event-ID`` that the stream gives is honoured; without one, or with another, it is sent whole."""
    served = engine(exchange(body=HI, chunks=IDS))
    for last, sent in (("1", IDS[1:]), ("2", []), ("3", IDS), ("é", IDS), ("", IDS)):
        answer = script(served, asked(body=HI, headers={"Last-Event-ID": last}))
        assert [data for data in IDS if data in b"".join(answer.wires)] == sent


def test_a_server_that_replays_on_reconnect() -> None:
    """It does not look at the id."""
    served = engine(exchange(body=HI, chunks=IDS))
    choice = {"Last-Event-ID": "1", "x-streamsim-fault": "replay_on_reconnect"}
    assert IDS[0] in b"".join(script(served, asked(body=HI, headers=choice)).wires)


def test_ignored_trace() -> None:
    """By default nobody listens to traces."""
    assert Engine([]).on_trace is ignore
