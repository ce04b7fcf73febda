from __future__ import annotations

import pytest

from streamsim.engine.turns import aside, is_result, labels, reference, references, turn
from tests.engine.conversations import USER, call, calling, result, use, used

OUTPUT = {"type": "function_call_output", "call_id": "c", "output": "rain"}


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (USER, "user"),
        ("text", "text"),
        ({}, ""),
        (calling(call("now", "1"), call("then", "2")), "assistant calls now calls then"),
        (result("1"), "tool result"),
        ({"role": "assistant", "content": [{"type": "text"}, use("now", "1")]}, "assistant calls now"),
        ({"role": "user", "content": [used("1"), used("2")]}, "user result result"),
        ({"type": "function_call", "name": "now", "call_id": "c"}, "calls now"),
        (OUTPUT, "result"),
        ({"role": "model", "parts": [{"functionCall": {"name": "now"}}]}, "model calls now"),
        ({"role": "user", "parts": [{"functionResponse": {"name": "now"}}]}, "user result"),
        ({"role": "assistant", "content": [{"toolUse": {"name": "now", "toolUseId": "1"}}]}, "assistant calls now"),
        ({"role": "user", "content": [{"toolResult": {"toolUseId": "1"}}]}, "user result"),
        ({"role": "assistant", "parts": [{"type": "tool-now", "toolCallId": "1"}]}, "assistant calls tool-now"),
        ({"role": "assistant", "parts": [{"type": "tool-now", "output": 1}]}, "assistant result"),
        ({"role": "assistant", "toolCalls": [call("now", "1"), 3]}, "assistant calls now"),
        ({"role": ["odd"], "type": {}, "content": [3, {"type": []}], "tool_calls": 5}, ""),
    ],
)
def test_a_turn_in_words(item: object, told: str) -> None:
    """Who speaks, which tools are called and what brings a result is told alike in all forms; nothing odd raises."""
    assert turn(item) == told


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ({"role": "system"}, "system"),
        ({"role": "developer"}, "system"),
        ({"type": "reasoning"}, "thought"),
        ({"type": "thinking"}, "thought"),
        ({"thought": True, "text": "hm"}, "thought"),
        (USER, ""),
        ("text", ""),
    ],
)
def test_what_only_accompanies(item: object, kind: str) -> None:
    """Instructions and thoughts are no turns."""
    assert aside(item) == kind


def test_references_are_numbered_as_they_come() -> None:
    """A call has one number wherever its id stands."""
    told = references([USER, calling(call("a", "x"), call("b", "y")), result("y"), result("x"), result("z")])
    assert told == {"x": 0, "y": 1, "z": 2}
    assert reference({"name": "now"}) == ""


def test_results_stand_in_the_order_of_their_calls() -> None:
    """Results that come together, in any order, have the places of their calls; what accompanies has its own."""
    items = [{"role": "system"}, USER, {"role": "system"}, calling(), result("y"), result("x"), USER, result("z")]
    assert labels(items, {"x": 0, "y": 1}) == ["system", "0", "system 1", "1", "3", "2", "4", "5"]


def test_what_is_a_result() -> None:
    """A result is one in any form, and nothing else is."""
    items: list[object] = [result("1"), used("1"), OUTPUT, {"toolResult": {}}, USER, "text"]
    assert [is_result(item) for item in items] == [True, True, True, True, False, False]
