from __future__ import annotations

import msgspec
import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.engine.match import candidates
from streamsim.engine.requests import Request
from streamsim.engine.scripted import answering, answers_in, places_of, written_in
from streamsim.plan.planner import Planner
from streamsim.plan.say import say, writable
from tests.builders import recording


def asked(target: str, body: object = None, method: str = "POST") -> Request:
    data = b"" if body is None else msgspec.json.encode(body)
    return Request(method, target, [], {}, data, "1.1", keep_alive=True)


def found(dialect: str, request: Request, answers: int = 1) -> list[int]:
    planner = Planner(say(*map(str, range(answers)), dialect=dialect))
    return [candidate.exchange.number for candidate in answering(candidates([planner]), request)]


@pytest.mark.parametrize("dialect", writable())
def test_every_endpoint_of_a_dialect_is_known(dialect: str) -> None:
    """Whatever the model is called, whatever the query."""
    writer = BY_NAME[dialect].writer
    assert writer is not None
    for method, target in writer.endpoints:
        path = target.replace("{model}", "any-model%2F1").replace("{thread}", "t")
        assert found(dialect, asked(path + ("&" if "?" in path else "?") + "a=b", method=method)) == [1]


@pytest.mark.parametrize(
    ("dialect", "path", "known"),
    [
        ("openai-chat", "/chat/completions", True),
        ("openai-chat", "/openai/v1/chat/completions", True),
        ("openai-chat", "/some/proxy/chat/completions", True),
        ("openai-chat", "/v1/completions", False),
        ("openai-completions", "/completions", True),
        ("openai-completions", "/chat/completions", False),
        ("openai-completions", "/v1/chat/completions", False),
        ("openai-responses", "/responses", True),
        ("anthropic", "/anthropic/v1/messages", True),
        ("anthropic", "/messages", True),
        ("anthropic", "/v1/messages/count_tokens", False),
        ("gemini", "/models/m:streamGenerateContent", True),
        ("gemini", "/v1alpha/models/m:generateContent", True),
        ("gemini", "/v1beta/models/m:countTokens", False),
        ("vertex", "/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent", True),
        ("azure-openai", "/openai/deployments/d/chat/completions?api-version=1", True),
        ("cohere", "/api/chat", False),
        ("ag-ui", "/my/agent", True),
        ("ollama", "/chat", False),
    ],
)
def test_clients_with_another_base_are_answered(dialect: str, path: str, known: bool) -> None:  # noqa: FBT001 - a table
    """With or without a version, behind a prefix, unless the path is that of something else."""
    assert bool(found(dialect, asked(path))) is known


def test_the_very_path_goes_before_one_that_is_like_it() -> None:
    """So several dialects can be said at once."""
    planners = [Planner(say("a", dialect=dialect), name=dialect) for dialect in ("ag-ui", "openai-chat", "groq")]
    known = candidates(planners)
    labels = {
        path: [candidate.label for candidate in answering(known, asked(path))]
        for path in ("/v1/chat/completions", "/openai/v1/chat/completions", "/other")
    }
    assert labels == {
        "/v1/chat/completions": ["openai-chat:1"],
        "/openai/v1/chat/completions": ["groq:1"],
        "/other": ["ag-ui:1"],
    }


def test_another_method_is_not_answered() -> None:
    """Endpoints are posted to."""
    assert found("openai-chat", asked("/v1/chat/completions", method="GET")) == []


def test_a_dialect_that_is_not_known_has_no_endpoints() -> None:
    """Nor has one that is only read."""
    assert places_of("no-such") == places_of("mcp") == ()


def test_what_was_recorded_was_not_written() -> None:
    """Only a header that says so makes it written."""
    (one,) = candidates([Planner(recording())])
    assert written_in(one) == ""


USER = {"role": "user", "content": "Hi"}
CALL = {"role": "assistant", "tool_calls": []}
RESULT = {"role": "tool", "content": "4"}


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"messages": [USER]}, 0),
        ({"messages": [USER, CALL, RESULT]}, 1),
        ({"messages": [USER, CALL, CALL, RESULT, USER]}, 1),
        ({"messages": [USER, CALL, RESULT, CALL, USER]}, 2),
        ({"contents": [{"role": "user"}, {"role": "model"}, {"role": "user"}]}, 1),
        ({"input": [USER, {"type": "reasoning"}, {"type": "function_call"}, {"type": "function_call_output"}]}, 1),
        ({"messages": ["Hi", {"role": 3}]}, 0),
        ({"input": "Hi"}, None),
        ({"prompt": "Hi"}, None),
        ([USER], None),
        (None, None),
    ],
)
def test_a_request_tells_how_often_it_was_answered(body: object, count: int | None) -> None:
    """By the runs of what the model said; a request that repeats nothing does not tell."""
    assert answers_in(asked("/x", body).body) == count


def test_the_turn_is_that_after_what_was_said() -> None:
    """The last answer stands for all later; who does not tell gets all, in order."""
    path = "/v1/chat/completions"
    turns = [[USER], [USER, CALL, RESULT], [USER, CALL, RESULT, CALL, USER], [USER, CALL, USER, CALL, USER, CALL, USER]]
    assert [found("openai-chat", asked(path, {"messages": turn}), 3) for turn in turns] == [[1], [2], [3], [3]]
    assert found("openai-completions", asked("/v1/completions", {"prompt": "Hi"}), 3) == [1, 2, 3]


def test_each_conversation_has_its_own_turns() -> None:
    """Those of two recordings are not mixed."""
    planners = [Planner(say("a", "b"), name="one"), Planner(say("c"), name="two")]
    request = asked("/v1/chat/completions", {"messages": [USER, CALL, USER]})
    assert [candidate.label for candidate in answering(candidates(planners), request)] == ["one:2", "two:1"]
