"""Faults of meaning in forms that no written answer shows."""

from __future__ import annotations

import json

from tests.builders import exchange, sse
from tests.plan.faults.bodies import stream
from tests.plan.faults.spoken import faulty, written
from tests.plan.faults.test_meaning import objects


def test_a_reason_to_finish_can_go_with_its_key() -> None:
    """``form=missing`` takes the key out, and nothing else."""
    before, after = (
        objects(faulty(written("openai-chat"))),
        objects(faulty(written("openai-chat"), "finish_missing:form=missing")),
    )
    for chunk in before:
        for choice in chunk["choices"]:
            if choice["finish_reason"]:
                del choice["finish_reason"]
    assert after == before


def test_a_call_that_is_told_twice_in_one_event_grows_twice() -> None:
    """Two increments of one call in one event are one call, whose event is counted once."""
    calls = [
        {"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"a":'}},
        {"index": 0, "function": {"arguments": "1}"}},
    ]
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"tool_calls": calls}}]}
    reading = faulty(stream(*sse(json.dumps(chunk), "[DONE]")), "tool_index_missing")
    assert [call.get("index") for call in objects(reading)[0]["choices"][0]["delta"]["tool_calls"]] == [None, None]


def test_watsonx_tells_an_error_as_it_does() -> None:
    """A dialect that is only read has its own form, too."""
    result = {"model_id": "m", "results": [{"generated_text": "Hi", "stop_reason": "not_finished"}]}
    told = faulty(stream(*sse(*[json.dumps(result)] * 3)), "error_event:at_event=1").events[-1]
    assert told.type == "error"
    assert json.loads(told.data)["errors"][0]["code"] == "server_error"


def test_lines_of_nobody_tell_an_error_on_a_line() -> None:
    """JSON lines of no known dialect get one line more, an object with an error."""
    lines = (b'{"x":1}\n', b'{"x":2}\n')
    headers = (("content-type", "application/x-ndjson"), ("transfer-encoding", "chunked"))
    told = faulty(exchange(headers=headers, chunks=lines), "error_event:at_event=1").events
    assert [json.loads(event.data) for event in told[:1]] == [{"x": 1}]
    assert json.loads(told[1].data)["error"]["type"] == "server_error"
