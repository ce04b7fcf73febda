"""AG-UI."""

from __future__ import annotations

import json

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import claimed
from streamsim.dialects.said import Error, Reasoning, Say, Text, ToolCall
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage
from streamsim.rng import Rng
from streamsim.sse import parse
from tests.dialects.events import event

AG_UI = BY_NAME["ag-ui"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"type": "RUN_STARTED", "runId": "r"}, Told(id="r")),
        ({"type": "TEXT_MESSAGE_CONTENT", "delta": "Hi"}, Told((Piece("text", "Hi"),))),
        ({"type": "TEXT_MESSAGE_CHUNK", "delta": "Hi"}, Told((Piece("text", "Hi"),))),
        ({"type": "REASONING_MESSAGE_CONTENT", "delta": "hm"}, Told((Piece("reasoning", "hm"),))),
        (
            {"type": "TOOL_CALL_START", "toolCallId": "c", "toolCallName": "f"},
            Told((Piece("tool", "", call="c", name="f", id="c"),)),
        ),
        ({"type": "TOOL_CALL_ARGS", "toolCallId": "c", "delta": "{"}, Told((Piece("tool", "{", call="c"),))),
        ({"type": "STATE_DELTA", "delta": [{"op": "add"}]}, NOTHING),
        ({"type": "CUSTOM", "delta": "x"}, NOTHING),
        (
            {"type": "RUN_FINISHED", "runId": "r", "usage": [{"model": "m", "inputTokens": 1, "outputTokens": 2}]},
            Told(usage=Usage(1, 2), stops=((0, "success"),), model="m", id="r", terminal=True),
        ),
        (
            {"type": "RUN_FINISHED", "outcome": {"type": "interrupt"}},
            Told(stops=((0, "interrupt"),), terminal=True),
        ),
        ({"type": "RUN_ERROR", "message": "no", "code": "c"}, Told(failure=Failure("no", code="c"), terminal=True)),
        ("x", NOTHING),
    ],
)
def test_events_are_told(data: object, told: Told) -> None:
    """Messages, thoughts, calls, and how the run ended; states are not the answer."""
    assert AG_UI.tell(event(data)) == told


def test_it_owns_its_own_types() -> None:
    """The types in capitals are AG-UI's."""
    assert claimed(event({"type": "RUN_STARTED"})).name == "ag-ui"
    assert not AG_UI.owns(event({"type": "SOMETHING"}))
    assert [problem.rule for problem in AG_UI.problems([event("x")])] == [
        "no_message_start",
        "unknown_event",
        "finish_missing",
    ]


@pytest.mark.parametrize("last", [Text("Hi"), Error("no", "code")])
def test_the_official_models_take_what_is_written(last: Text | Error) -> None:
    """Every event is one of the SDK's."""
    core = pytest.importorskip("ag_ui.core")
    pydantic = pytest.importorskip("pydantic")
    adapter = pydantic.TypeAdapter(core.Event)
    assert AG_UI.writer is not None
    say = Say((Reasoning("hm"), ToolCall("f", '{"a":1}'), last))
    for one in parse(b"".join(one.data for one in AG_UI.writer.write(say, Rng(1)))):
        told = adapter.validate_python(json.loads(one.data))
        assert told.type.value == json.loads(one.data)["type"]
