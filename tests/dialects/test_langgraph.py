"""LangGraph's server."""

from __future__ import annotations

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.protocol import Problem
from streamsim.dialects.reading import answered, claimed
from streamsim.dialects.said import Error, Say, Text, ToolCall
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage
from streamsim.rng import Rng
from tests.dialects.answering import answering, bodies
from tests.dialects.events import event

LANGGRAPH = BY_NAME["langgraph"]
PARTS = [{"type": "text", "text": "a"}, "b", {"type": "thinking", "thinking": "hm"}]


@pytest.mark.parametrize(
    ("data", "kind", "told"),
    [
        ({"run_id": "r"}, "metadata", Told(id="r")),
        ({"x": 1}, "metadata", NOTHING),
        (
            [{"type": "ai", "id": "m", "content": "Hi"}],
            "messages/partial",
            Told((Piece("text", "Hi", id="m", whole=True),)),
        ),
        (
            [{"type": "ai", "id": "m", "content": PARTS}],
            "messages/complete|sub:1",
            Told((Piece("reasoning", "hm", id="m", whole=True), Piece("text", "ab", id="m", whole=True))),
        ),
        ([{"type": "human", "id": "m", "content": "Hi"}], "messages/partial", NOTHING),
        ([{"type": "AIMessageChunk", "id": "m", "content": "Hi"}, {"x": 1}], "messages", Told((Piece("text", "Hi"),))),
        (
            [
                {
                    "type": "AIMessageChunk",
                    "id": "m",
                    "tool_call_chunks": [{"name": "f", "args": "{", "id": "c", "index": 0}],
                }
            ],
            "messages",
            Told((Piece("tool", "{", call="m/0", name="f", id="c"),)),
        ),
        (
            [{"type": "ai", "id": "m", "tool_calls": [{"name": "f", "args": {"a": 1}, "id": "c"}]}],
            "messages/partial",
            Told((Piece("tool", '{"a": 1}', call="m/0", name="f", id="c", whole=True),)),
        ),
        (
            [{"type": "ai", "response_metadata": {"finish_reason": "stop", "model_name": "x"}, "usage_metadata": {}}],
            "messages/partial",
            Told(usage=Usage(), stops=((0, "stop"),), model="x"),
        ),
        ({"error": "Bad", "message": "no"}, "error", Told(failure=Failure("no"), terminal=True)),
        ("null", "end", Told(terminal=True)),
        ({"messages": []}, "values", NOTHING),
        ("x", "messages/partial", NOTHING),
    ],
)
def test_messages_are_told(data: object, kind: str, told: Told) -> None:
    """What a model says is told, whole or in chunks; states, and what people say, are not."""
    assert LANGGRAPH.tell(event(data, kind)) == told


def test_each_message_is_told_once() -> None:
    """A message that is told anew takes its own place, and no other one's."""
    events = [
        event([{"type": "ai", "id": identity, "content": text}], "messages/partial")
        for identity, text in (("m", "a"), ("m", "ab"), ("n", "c"), ("m", "abc"))
    ]
    assert answered(LANGGRAPH, events).first.text == "abcc"


def test_its_names_tell_it() -> None:
    """Names with a bar or a slash, and a run's id in the metadata, are its own."""
    assert claimed(event({"run_id": "r"}, "metadata")).name == "langgraph"
    assert claimed(event([], "messages/partial")).name == "langgraph"
    assert not LANGGRAPH.owns(event("x", "metadata"))
    assert LANGGRAPH.problems([event({}, "values")]) == [
        Problem(0, "no_message_start", "the first event is no metadata")
    ]
    assert LANGGRAPH.problems([event({"run_id": "r"}, "metadata")]) == []


@pytest.mark.parametrize("last", [ToolCall("f", '{"a": 1}'), Error("no")])
def test_the_official_sdk_takes_what_is_written(last: ToolCall | Error) -> None:
    """Its SDK gives the same events, with the same data, as we read."""
    sdk = pytest.importorskip("langgraph_sdk")
    assert LANGGRAPH.writer is not None
    say = Say((Text("Hi there"), last))
    writes = list(LANGGRAPH.writer.write(say, Rng(1)))
    headers = LANGGRAPH.writer.headers(Rng(1), stream=True)
    with answering("/runs/stream", bodies(writes), headers) as url, sdk.get_sync_client(url=url, api_key="x") as client:
        parts = list(client.runs.stream(None, "agent", input={}, stream_mode=["messages"]))
    assert [part.event for part in parts][:3] == ["metadata", "messages/metadata", "messages/partial"]
    partial = [part.data for part in parts if part.event == "messages/partial"]
    assert partial[-1][0]["content"] == "Hi there"
    if isinstance(last, ToolCall):
        assert partial[-1][0]["tool_calls"][0]["args"] == {"a": 1}
    else:
        assert (parts[-1].event, parts[-1].data) == ("error", {"error": "Error", "message": "no"})
