from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from streamsim.dialects import read
from streamsim.dialects.told import Failure
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Given, Plan, Planner
from streamsim.plan.profile import Profile, read_fault
from streamsim.plan.say import say
from streamsim.plan.whole import status_of
from streamsim.wire import End, Head, Send
from tests.builders import chat, exchange, recording, sse

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange

WHOLE = Given(whole=True)
LACKS = b'{"model":"m"}'


def plan(one: Exchange, profile: Profile = Profile(), given: Given = WHOLE) -> Plan:  # noqa: B008 - frozen
    return Planner(recording(one)).plan(1, profile, given=given)


def body(one: Plan) -> bytes:
    return b"".join(step.action.data for step in one.timeline if isinstance(step.action, Send))


def head(one: Plan) -> Head:
    (found,) = (step.action for step in one.timeline if isinstance(step.action, Head))
    return found


def test_the_whole_says_what_the_stream_says() -> None:
    """In the provider's form, with its usage, under JSON's content type and with a length."""
    told = plan(exchange(chunks=chat("Hi", " ☃", usage=True)))
    answer = json.loads(body(told))
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"] == "Hi ☃"
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert (answer["usage"]["prompt_tokens"], answer["usage"]["completion_tokens"]) == (3, 2)
    headers = dict(head(told).headers)
    assert (headers["content-type"], headers["content-length"]) == ("application/json", str(len(body(told))))
    assert (head(told).framing, told.dialect, told.events[-1]) == ("content-length", "openai-chat", 0)


def test_it_comes_when_the_stream_would_have_been_over() -> None:
    """All of it at once: head, body, end."""
    one = exchange(chunks=chat("Hi", "!"))
    stream = plan(one, given=Given())
    assert [(type(step.action), step.at_ns) for step in plan(one).timeline] == [
        (kind, stream.timeline[-1].at_ns) for kind in (Head, Send, End)
    ]


@pytest.mark.parametrize(("speed", "over_ns"), [((1, 1), 1_100_000_000), ((2, 1), 550_000_000)])
def test_pacing_is_that_of_the_stream(speed: tuple[int, int], over_ns: int) -> None:
    """Twice as fast, it is over in half the time, and so is the whole."""
    told = say(["One", " two"], dialect="openai-completions", ttft="1s", itl="80ms")
    timeline = Planner(told).plan(1, Profile(pacing=Pacing(speed=speed)), given=WHOLE).timeline
    assert {step.at_ns for step in timeline} == {over_ns}


def test_each_asks_for_its_own_plan() -> None:
    """The whole has another id and another digest; that of the stream is what it was."""
    one = exchange(chunks=chat("Hi"))
    stream, whole = plan(one, given=Given()), plan(one)
    assert (stream.plan_id == whole.plan_id, stream.digest == whole.digest) == (False, False)
    assert plan(one).digest == whole.digest


def test_an_error_in_the_stream_is_an_http_error() -> None:
    """In the provider's form, with the status that its type has."""
    error = '{"error":{"message":"Slow down","type":"rate_limit_error"}}'
    told = plan(exchange(chunks=[*chat("Hi")[:2], *sse(error)]))
    assert (head(told).status, head(told).reason) == (429, "Too Many Requests")
    assert json.loads(body(told))["error"]["message"] == "Slow down"
    assert not told.succeeds


def test_what_was_cut_short_is_said_so_far() -> None:
    """However the stream ended."""
    told = plan(exchange(chunks=chat("Hi", " there", "!")[:3], end="reset"))
    assert json.loads(body(told))["choices"][0]["message"]["content"] == "Hi there"
    assert isinstance(told.timeline[-1].action, End)


@pytest.mark.parametrize(
    "one",
    [
        exchange(chunks=sse("tick", "tock")),
        exchange(chunks=[b'{"a":1}'], headers=(("content-type", "application/json"),)),
        exchange(chunks=sse('{"error":"x"}'), status=500),
        exchange(chunks=()),
        exchange(status=0, chunks=(), end="unreachable"),
    ],
)
def test_what_is_no_answer_of_a_known_provider_stays(one: Exchange) -> None:
    """A stream of anything, JSON, an error, nothing at all."""
    assert plan(one).timeline == plan(one, given=Given()).timeline


def test_http_faults_strike_it() -> None:
    """An error in place of the answer, a delay of its body, a reset inside its body."""
    one = exchange(chunks=chat("Hi"))
    error = plan(one, Profile(faults=(read_fault("http_error:status=429", where="f"),)))
    assert (head(error).status, error.faults[0].outcome) == (429, "applied")
    late = plan(one, Profile(faults=(read_fault("slow_first_event:for=5s", where="f"),)))
    assert late.timeline[-1].at_ns == plan(one).timeline[-1].at_ns + 5_000_000_000
    cut = plan(one, Profile(faults=(read_fault("reset_peer:at_byte=9", where="f"),)))
    assert body(cut) == body(plan(one))[:9]


def test_an_id_to_resume_from_means_nothing_to_it() -> None:
    """There is no event in it."""
    one = exchange(chunks=[b"id: 1\n" + chunk for chunk in chat("Hi")])
    assert plan(one, given=Given(whole=True, last_event_id="1")).timeline == plan(one).timeline


@pytest.mark.parametrize(
    ("asked", "recorded", "wanted"),
    [
        (b'{"stream":false}', b'{"stream":true}', True),
        (LACKS, b'{"stream":true}', True),
        (LACKS, b"", True),
        (b'{"stream":true}', b'{"stream":true}', False),
        (b"{}", b'{"stream":true}', False),
        (LACKS, LACKS, False),
    ],
)
def test_it_is_wanted_by_who_asks_otherwise_than_was_recorded(asked: bytes, recorded: bytes, wanted: bool) -> None:  # noqa: FBT001 - a table
    """Where the recorded request got a stream without asking for one, so does another like it."""
    planner = Planner(recording(exchange(chunks=chat("Hi"), body=recorded)))
    assert planner.wants_whole(1, "/v1/chat/completions", asked) is wanted


def test_a_generic_stream_is_never_wanted_whole() -> None:
    """Nobody knows its form."""
    planner = Planner(recording(exchange(chunks=sse("tick"))))
    assert (planner.wants_whole(1, "/x", LACKS), planner.can_be_whole(1)) == (False, False)


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (Failure("x", "overloaded_error"), 529),
        (Failure("x", "requests", "rate_limit_exceeded"), 429),
        (Failure("x", "RESOURCE_EXHAUSTED", "429"), 429),
        (Failure("x", "", "502"), 502),
        (Failure("x", "throttlingException"), 429),
        (Failure("x", "invalid_request_error"), 400),
        (Failure("x", "server_error"), 500),
        (Failure("x", "", "999"), 500),
        (Failure("x"), 500),
    ],
)
def test_a_failure_has_a_status(failure: Failure, status: int) -> None:
    """Its code where that is one, or else what its type means."""
    assert status_of(failure) == status


def test_a_written_variation_stays_itself() -> None:
    """Where its events look like its family's, the header says which it is."""
    told = Planner(say("Hi", dialect="xai", model="some-model"))
    assert (read(told.recording.exchange(1)).dialect, told.plan(1).dialect) == ("openai-chat", "xai")
