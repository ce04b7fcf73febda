from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from streamsim.engine.core import Engine, Settings
from streamsim.engine.finding import found
from streamsim.engine.match import Mode, asked_by, candidates
from streamsim.engine.requests import Request
from streamsim.plan.pacing import Pacing
from streamsim.plan.planner import Given, Planner
from streamsim.plan.profile import Profile
from streamsim.plan.say import say
from tests.builders import chat, exchange, recording, sse

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange, Recording

PATH = "/v1/chat/completions"
JSON = (("content-type", "application/json"),)
HI = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
BYE = {"model": "m", "messages": [{"role": "user", "content": "Bye"}]}


def asked(body: object, target: str = PATH) -> Request:
    return Request("POST", target, [], {}, msgspec.json.encode(body), "1.1", keep_alive=True)


def stream(body: object, *, target: str = PATH) -> Exchange:
    return exchange(chunks=chat("Hi"), body=msgspec.json.encode(body), target=target)


def answer(body: object, *, status: int = 200) -> Exchange:
    told = b'{"object":"chat.completion"}'
    return exchange(chunks=[told], headers=JSON, body=msgspec.json.encode(body), status=status)


def numbers(served: list[Recording], request: Request, mode: Mode = "auto") -> list[str]:
    known = candidates([Planner(one, name=f"r{nth}") for nth, one in enumerate(served)])
    return [candidate.label for candidate in found(known, asked_by(request), mode)]


def test_an_equal_request_goes_before_what_was_written() -> None:
    """And what was written before a recording that is only like it."""
    served = [recording(stream(HI | {"stream": True})), say("Hello")]
    assert numbers(served, asked(HI | {"stream": True})) == ["r0:1"]
    assert numbers(served, asked(BYE | {"stream": True})) == ["r1:1"]
    assert numbers(served, asked(BYE, target="/v1/messages")) == []


def test_a_recording_answers_what_was_not_written() -> None:
    """It is found as if it were alone."""
    served = [recording(stream(HI)), say("Hello", dialect="anthropic")]
    assert numbers(served, asked(BYE)) == ["r0:1"]


def test_in_order_written_ones_are_like_all_others() -> None:
    """Whatever is asked, all come in their order."""
    assert numbers([say("a", "b"), recording()], asked(HI, target="/x"), "order") == ["r0:1", "r0:2", "r1:1"]


def test_strictly_only_written_ones_answer_anything() -> None:
    """Recorded ones are to be equal."""
    assert numbers([recording(stream(HI)), say("a")], asked(BYE), "strict") == ["r1:1"]
    assert numbers([recording(stream(HI))], asked(BYE), "strict") == []


def test_a_recorded_whole_answer_is_better_than_a_made_one() -> None:
    """Even if the stream's request is more like it; and a stream is better for who wants one."""
    both = [recording(stream(HI | {"stream": True}), answer(BYE))]
    assert numbers(both, asked(HI)) == ["r0:2"]
    assert numbers(both, asked(BYE | {"stream": True})) == ["r0:1"]


def test_a_recorded_error_is_no_whole_answer() -> None:
    """It comes where it matches, as ever."""
    both = [recording(answer(BYE, status=429), stream(HI | {"stream": True}))]
    assert numbers(both, asked(HI)) == ["r0:2"]


def test_what_no_provider_is_known_to_tell_is_found_as_ever() -> None:
    """Streams of anything have no whole form."""
    body = msgspec.json.encode({"method": "a"})
    both = [recording(exchange(chunks=sse("tick"), body=body), answer({"method": "b"}))]
    assert numbers(both, asked({"method": "a"})) == ["r0:1"]


def test_a_stream_is_found_from_the_place_of_its_whole_answer() -> None:
    """Where a provider has two."""
    made = say("Hello", dialect="gemini").exchange(1)
    one = exchange(
        chunks=[chunk.data for chunk in made.chunks], target="/v1beta/models/m:streamGenerateContent?alt=sse", body=b""
    )
    assert numbers([recording(one)], asked({"contents": []}, target="/v1beta/models/m:generateContent")) == ["r0:1"]
    assert numbers([recording(one)], asked({"contents": []}, target="/v1beta/models/m:countTokens")) == []


def engine(*served: Recording, mode: Mode = "auto", ignore: tuple[str, ...] = ()) -> Engine:
    profile = Profile(pacing=Pacing(mode="instant"))
    return Engine([Planner(one) for one in served], Settings(profile=profile, mode=mode, ignore=ignore))


def content_type(served: Engine, body: object, **headers: str) -> str:
    request = asked(body)
    fields = {f"x-streamsim-{name}".encode(): value.encode() for name, value in headers.items()}
    script = served.answer(msgspec.structs.replace(request, fields=fields, headers=list(fields.items())))
    assert not isinstance(script, str)
    head = script.joined(0, 1).lower()
    return "json" if b"content-type: application/json" in head else "sse" if b"text/event-stream" in head else "?"


@pytest.mark.parametrize("mode", ["auto", "order"])
def test_each_request_gets_the_form_it_asks_for(mode: Mode) -> None:
    """The first as all later ones, whatever the others wanted."""
    served = engine(say("Hello"), mode=mode)
    wanted = [HI, HI | {"stream": True}, HI | {"stream": False}, HI, HI | {"stream": True}, {}]
    assert [content_type(served, body) for body in wanted] == ["json", "sse", "json", "json", "sse", "sse"]


def test_requests_of_one_key_may_want_different_forms() -> None:
    """A key makes them equal, and yet each is asked."""
    served = engine(say("Hello"))
    forms = [content_type(served, HI | {"stream": stream}, key="mine") for stream in (True, False, True)]
    assert forms == ["sse", "json", "sse"]


def test_what_is_ignored_still_asks_for_a_form() -> None:
    """Though it does not count for which requests are equal."""
    served = engine(say("Hello"), ignore=("stream",))
    assert [content_type(served, HI | {"stream": stream}) for stream in (True, False, True)] == ["sse", "json", "sse"]


def test_the_next_exchange_is_asked_anew() -> None:
    """Of two that match, one may be a stream and the other JSON."""
    body = HI | {"stream": True}
    failed = answer(body, status=429)
    served = engine(recording(failed, stream(body)))
    assert [content_type(served, body) for _ in range(2)] == ["json", "sse"]


def test_the_control_page_lists_the_whole_answer_as_any_other() -> None:
    """Its plan is its own, and one command makes it again."""
    served = engine(say("Hello"))
    script = served.answer(asked(HI))
    assert not isinstance(script, str)
    plan = served.planners[0].plan(1, served.settings.profile, given=Given(whole=True))
    assert script.told["plan"] == plan.plan_id
    assert json.dumps(script.told)
