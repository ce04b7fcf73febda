"""The UI message stream of Vercel's AI SDK."""

from __future__ import annotations

import json

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import answered, claimed
from streamsim.dialects.told import NOTHING, Failure, Piece, Told
from streamsim.rng import Rng
from tests.dialects.events import event

UI = BY_NAME["ui-messages"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"type": "start", "messageId": "m"}, Told(id="m")),
        ({"type": "text-delta", "id": "1", "delta": "Hi"}, Told((Piece("text", "Hi"),))),
        ({"type": "reasoning-delta", "id": "1", "delta": "hm"}, Told((Piece("reasoning", "hm"),))),
        (
            {"type": "tool-input-start", "toolCallId": "c", "toolName": "f"},
            Told((Piece("tool", "", call="c", name="f", id="c"),)),
        ),
        ({"type": "tool-input-delta", "toolCallId": "c", "inputTextDelta": "{"}, Told((Piece("tool", "{", call="c"),))),
        (
            {"type": "tool-input-available", "toolCallId": "c", "toolName": "f", "input": {"a": 1}},
            Told((Piece("tool", '{"a": 1}', call="c", name="f", id="c", whole=True),)),
        ),
        ({"type": "source-url", "url": "u"}, Told((Piece("citation", '{"type": "source-url", "url": "u"}'),))),
        ({"type": "file", "url": "u"}, Told((Piece("media", '{"type": "file", "url": "u"}'),))),
        ({"type": "finish"}, Told(stops=((0, "finish"),))),
        ({"type": "finish", "finishReason": "stop"}, Told(stops=((0, "stop"),))),
        ({"type": "abort"}, Told(stops=((0, "abort"),))),
        ({"type": "error", "errorText": "no"}, Told(failure=Failure("no"))),
        ({"type": "data-weather", "data": {}}, NOTHING),
        ("[DONE]", Told(terminal=True)),
        ("x", NOTHING),
    ],
)
def test_parts_are_told(data: object, told: Told) -> None:
    """Texts, thoughts, inputs, sources and files are told; how it finished, and the end."""
    assert UI.tell(event(data)) == told


def test_a_whole_input_takes_the_place_of_what_grew() -> None:
    """An input is told once, whether it grew before or came whole only."""
    grown = [{"type": "tool-input-start", "toolCallId": "c", "toolName": "f"}]
    grown += [{"type": "tool-input-delta", "toolCallId": "c", "inputTextDelta": '{"a":1}'}]
    whole = {"type": "tool-input-available", "toolCallId": "c", "toolName": "f", "input": {"a": 1}}
    for parts in ([*grown, whole], [whole]):
        (call,) = answered(UI, list(map(event, parts))).first.calls
        assert (call.name, call.id, call.text) == ("f", "c", '{"a": 1}')


@pytest.mark.parametrize(
    ("data", "owned"),
    [
        ({"type": "start"}, True),
        ({"type": "start", "messageId": "m"}, True),
        ({"type": "start-step"}, True),
        ({"type": "start", "projectName": "x", "more": 1}, False),
        ({"type": "finish"}, False),
        ({"type": 5}, False),
    ],
)
def test_it_owns_its_own_parts(data: object, owned: bool) -> None:  # noqa: FBT001 - a table
    """Its types are its own but for words that all use."""
    assert (claimed(event(data)).name == "ui-messages") is owned


def test_a_whole_message_has_texts_and_tools() -> None:
    """Of a message that is told at once sources are no part."""
    assert UI.writer is not None
    answer = answered(UI, [event({"type": "source-url", "url": "u"}), event({"type": "text-delta", "delta": "Hi"})])
    parts = json.loads(UI.writer.whole(answer, Rng(1)))["parts"]
    assert parts == [{"type": "step-start"}, {"type": "text", "text": "Hi", "state": "done"}]


def test_data_of_an_app_stands_anywhere() -> None:
    """Parts that an app adds break no rule; what is no part does."""
    parts = [{"type": "start"}, {"type": "data-x"}, {"type": "finish"}]
    assert UI.problems([*map(event, parts), event("[DONE]")]) == []
    rules = [problem.rule for problem in UI.problems([event({"type": "start"}), event("x")])]
    assert rules == ["unknown_event", "finish_missing", "missing_done"]
