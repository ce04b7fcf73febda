from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from streamsim.engine.ignoring import ignoring
from streamsim.engine.match import Mode, asked_by, candidates, find, turns_apart
from streamsim.plan.planner import Planner
from tests.builders import HELLO, exchange, recording, sse
from tests.engine.asking import asked
from tests.engine.conversations import USER, body, call, calling, chat, result

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange

KNOWN = candidates(
    [
        Planner(
            recording(
                exchange(body=b'{"model":"a","messages":["hi"]}'),
                exchange(body=b'{"model":"b","messages":["hi"],"key":"[redacted]"}'),
                exchange(method="GET", target="/models?limit=1", body=b""),
                exchange(method="GET", target="/models?limit=2", body=b""),
                exchange(body=b'{"model":"a","messages":["hi"]}', status=429, reason="Slow Down"),
            ),
            name="known",
        )
    ]
)


CALL = {"index": 0, "id": "x", "function": {"name": "now", "arguments": "{}"}}


def found(mode: Mode, method: str = "POST", target: str = "/v1/chat/completions", body: bytes = b"") -> list[int]:
    return [one.exchange.number for one in find(KNOWN, asked(method, target, body), mode)]


def test_auto_takes_the_closest_body() -> None:
    """``auto`` takes the exchanges whose bodies differ least, all that are equally close, in recorded order."""
    assert found("auto", body=b'{"model":"a","messages":["hi"]}') == [1, 5]
    assert found("auto", body=b'{"model":"b","messages":["bye"],"key":"secret"}') == [2]


def test_auto_takes_the_closest_query() -> None:
    """``auto`` compares the query, too."""
    assert found("auto", "GET", "/models?limit=2") == [4]


def test_auto_takes_the_only_one_whatever_its_body() -> None:
    """Where method and path leave one exchange, ``auto`` takes it."""
    only = [KNOWN[1]]
    assert find(only, asked(body=b"anything at all"), "auto") == only


@pytest.mark.parametrize("mode", ["auto", "strict"])
@pytest.mark.parametrize(("method", "target"), [("PUT", "/v1/chat/completions"), ("POST", "/v1/completions")])
def test_method_and_path_must_agree(mode: Mode, method: str, target: str) -> None:
    """Another method or another path is another request."""
    assert found(mode, method, target) == []


def numbers(known: list[bytes], body: bytes, *ignored: str, mode: Mode = "auto") -> list[int]:
    """Return which of the recorded bodies answer a body."""
    what = ignoring(ignored)
    told = candidates([Planner(recording(*(exchange(body=each) for each in known)))], what)
    return [one.exchange.number for one in find(told, asked_by(asked(body=body), what), mode)]


def test_the_course_of_a_conversation_goes_before_all_else() -> None:
    """A request is answered where the conversation had come as far, however much else differs."""
    known = [chat(USER), chat(USER, calling(call("now", "x")), result("x")), chat(USER, {**USER, "role": "assistant"})]
    other = chat({"role": "user", "content": "other"}, calling(call("now", "y", "{}")), result("y", "snow"), seed=3)
    assert numbers(known, other) == [2]
    assert numbers(known, chat(USER, temperature=1, user="me")) == [1]


def test_words_go_before_parameters() -> None:
    """Of conversations that have come as far, what was said decides, and then all the rest."""
    known = [chat(USER, seed=1), chat({**USER, "content": "Bye"}, seed=2), chat(USER, seed=3)]
    assert numbers(known, chat({**USER, "content": "Bye"}, seed=1)) == [2]
    assert numbers(known, chat(USER, seed=3, n=1)) == [3]


def test_links_go_before_words() -> None:
    """An id that the provider gave out leads to where it was sent back."""
    known = [body(previous_response_id=f"resp_{n}", input=text) for n, text in enumerate(("go on", "stop"))]
    assert numbers(known, body(previous_response_id="resp_1", input="go on")) == [2]


def test_a_tools_result_is_not_answered_with_its_call() -> None:
    """Where only the call was recorded nothing answers its result: a client would go round for ever."""
    told = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"tool_calls": [CALL]}}]}
    calls = sse(json.dumps(told), "[DONE]")
    request = asked(body=chat(USER, calling(call("now", "x")), result("x")))
    for chunks, found_ in ((calls, []), (HELLO, [1])):
        known = candidates([Planner(recording(exchange(chunks=chunks, body=chat(USER))))])
        assert [one.exchange.number for one in find(known, request, "auto")] == found_
        assert len(find(known, asked(body=chat(USER, USER)), "auto")) == 1


def test_a_result_is_answered_with_the_next_call_if_it_was_recorded_so() -> None:
    """A call that was recorded as the answer to a result answers one."""
    assert numbers([chat(USER, calling(call("now", "x")), result("x"))], chat(USER, calling(), result("y"))) == [1]


def test_what_varies_does_not_keep_equals_apart() -> None:
    """Requests that differ in what clients make anew, or in what is ignored, match strictly."""
    known = [chat(USER, nonce=1, user="a"), chat(USER, nonce=2, user="b")]
    assert numbers(known, chat(USER, nonce=3, user="b"), mode="strict") == [2]
    assert numbers(known, chat(USER, nonce=3, user="c"), "user", mode="strict") == [1, 2]
    assert numbers(known, chat(USER, nonce=3), "user", mode="strict") == [1, 2]
    assert numbers(known, chat(USER), "messages", "user", mode="strict") == [1, 2]


def test_a_parameter_of_the_query_can_be_ignored() -> None:
    """What varies in the query, by itself or by name, does not count."""
    what = ignoring(["query:session"])
    planner = Planner(recording(exchange(method="GET", target="/a?session=1&nonce=1&k=v", body=b"")))
    known = candidates([planner], what)
    assert find(known, asked_by(asked("GET", "/a?session=2&nonce=2&k=v", b""), what), "strict") == known
    assert find(known, asked_by(asked("GET", "/a?k=w", b""), what), "strict") == []


@pytest.mark.parametrize(
    ("recorded", "wanted", "apart"),
    [((), (), 0), (("a",), (), 1), (("a", "b"), ("a", "c"), 1), (("*", "b"), ("a", "b"), 0), (None, ("a",), 0)],
)
def test_how_far_conversations_are_apart(
    recorded: tuple[str, ...] | None, wanted: tuple[str, ...] | None, apart: int
) -> None:
    """They differ in each turn that differs or is missing; ignored ones differ in nothing."""
    assert turns_apart(recorded, wanted) == turns_apart(wanted, recorded) == apart


def test_strict_takes_equal_ones_only() -> None:
    """``strict`` takes equal JSON values in any spelling, with anything where the recording is redacted."""
    assert found("strict", body=b'{"messages": ["hi"], "model": "a"}') == [1, 5]
    assert found("strict", body=b'{"model":"b","messages":["hi"],"key":"secret"}') == [2]
    assert found("strict", body=b'{"model":"c","messages":["hi"]}') == []
    assert found("strict", "GET", "/models?limit=3") == []


def test_order_takes_all() -> None:
    """``order`` does not look at the request."""
    assert found("order", "PATCH", "/nothing") == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_head_is_answered_by_a_get(mode: Mode) -> None:
    """A HEAD request finds the recorded GET, and no POST."""
    assert found(mode, "HEAD", "/models?limit=1") == [3]
    assert found(mode, "HEAD") == []


@pytest.mark.parametrize("prefix", ["http://api.example.test", "https://api.example.test:8443"])
def test_whole_url_is_its_path(prefix: str) -> None:
    """A target that is a whole URL, as a proxy gets it, finds what its path finds."""
    assert found("strict", "GET", f"{prefix}/models?limit=1") == [3]


def test_url_inside_a_query_is_a_value() -> None:
    """A URL in the path or query is not taken for the target."""
    known = candidates([Planner(recording(exchange(method="GET", target="/go?to=http://a/b", body=b"")))])
    assert find(known, asked("GET", "/go?to=http://a/b", b""), "strict") == known
    assert find(known, asked("GET", "/b", b""), "strict") == []


@pytest.mark.parametrize(
    ("one", "succeeds"),
    [
        (exchange(), True),
        (exchange(end="fin"), False),
        (exchange(end=None), False),
        (exchange(status=429), False),
        (exchange(status=0, chunks=(), end="reset"), False),
    ],
)
def test_candidate_knows_whether_it_succeeded(one: Exchange, *, succeeds: bool) -> None:
    """A candidate succeeds that was recorded whole, with a 2xx."""
    (candidate,) = candidates([Planner(recording(one))])
    assert candidate.succeeds is succeeds
