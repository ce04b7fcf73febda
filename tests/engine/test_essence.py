from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.engine import essence as module
from streamsim.engine.essence import Essence, essence
from streamsim.engine.ignoring import ignoring
from streamsim.engine.match import bodies_apart
from tests.engine.conversations import ARGUMENTS, USER, body, call, calling, chat, result, use, used

DEEP = b"[" * 100_000 + b"]" * 100_000
UUID = "0b9f8a5e-3c57-4c5e-9d5e-7a1b2c3d4e5f"


def same(one: bytes, other: bytes, *ignored: str) -> bool:
    """Tell whether two bodies are the same request."""
    left, right = (essence(each, ignoring(ignored)) for each in (one, other))
    return left.key() == right.key()


@pytest.mark.parametrize("told", [b"plain", b"\xff\xfe", b'"\xff"', b"1e999", DEEP])
def test_what_is_no_json_is_one_leaf(told: bytes) -> None:
    """Bytes that are no JSON, or nested beyond reading, count as they are."""
    assert essence(told).rest == {"": told.decode("utf-8", "replace")}


def test_nothing_is_nothing() -> None:
    """An empty body has no leaves."""
    assert essence(b"") == Essence()


def test_leaves_have_paths() -> None:
    """Every scalar and every empty container is a leaf with its path, in order."""
    told = b'{"a":{"b":[1,true,null,"x"]},"c":[],"d":{},"e":[[2.5]]}'
    assert list(essence(told).rest.items()) == [
        ("a.b[0]", "1"),
        ("a.b[1]", "true"),
        ("a.b[2]", "null"),
        ("a.b[3]", "x"),
        ("c", "[]"),
        ("d", "{}"),
        ("e[0][0]", "2.5"),
    ]
    assert essence(b"3").rest == {"": "3"}


def test_body_that_would_take_too_much_is_one_leaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the room for paths a body counts whole, in its one spelling."""
    monkeypatch.setattr(module, "ROOM", 400)
    assert essence(b"[1, 2, 3, 4, 5, 6]").rest == {"": "[1,2,3,4,5,6]"}
    assert essence(chat(*[USER] * 9)).turns == ()


@pytest.mark.parametrize(
    "told", [body(messages=[{}] * 10), body(messages=[{"content": [{}] * 10}]), body(a={"input": {"b": [1] * 10}})]
)
def test_nothing_is_looked_at_that_takes_too_much(told: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long conversations, long turns and long arguments count whole, too."""
    monkeypatch.setattr(module, "ROOM", 600)
    assert list(essence(told).rest) == [""]


def test_a_conversation_is_sorted_by_what_it_is() -> None:
    """Turns, links, words and the rest are told apart."""
    told = essence(chat({"role": "system", "content": "Be brief."}, USER, calling(call("now", "x")), result("x")))
    assert told.turns == ("user", "assistant calls now", "tool result")
    assert told.words == {
        "messages[0].role": "user",
        "messages[0].content": "Is it raining?",
        "messages[1].role": "assistant",
        "messages[1].tool_calls[0].id": "#0",
        "messages[1].tool_calls[0].type": "function",
        "messages[1].tool_calls[0].function.name": "now",
        "messages[1].tool_calls[0].function.arguments": ARGUMENTS,
        "messages[2].role": "tool",
        "messages[2].tool_call_id": "#0",
    }
    assert told.rest == {
        "model": "m",
        "stream": "true",
        "messages[system].role": "system",
        "messages[system].content": "Be brief.",
        "messages[2].content": "rain",
    }
    assert [told.place(path) for path in ("messages[2].content", "messages[system]", "model")] == [
        "messages[3].content",
        "messages[0]",
        "model",
    ]
    assert essence(body(previous_response_id="resp_1", input="and now?")) == Essence(
        links={"previous_response_id": "resp_1"}, words={"input": "and now?"}
    )


TURN = (USER, calling(call("now", "call_1"), call("then", "call_2")), result("call_1", "a"), result("call_2", "b"))


@pytest.mark.parametrize(
    "again",
    [
        chat(USER, calling(call("now", "x"), call("then", "y")), result("x", "a"), result("y", "b")),
        chat(USER, calling(call("now", "x"), call("then", "y")), result("y", "b"), result("x", "a")),
        chat(
            *TURN[:1],
            calling(call("now", "x", '{ "city": "Oslo" }'), call("then", "y")),
            *[
                result("x", "a"),
                result("y", "b"),
            ],
        ),
        chat(USER, calling(*TURN[1]["tool_calls"], refusal=None, annotations=[]), *TURN[2:]),  # type: ignore[misc]
        chat({**USER, "content": [{"type": "text", "text": USER["content"]}]}, *TURN[1:]),
        chat({**USER, "id": "m1", "createdAt": 5}, *TURN[1:]),
        chat(*TURN[:3], result("call_2", [{"type": "text", "text": "b"}])),
    ],
)
def test_the_same_turn_in_other_words(again: bytes) -> None:
    """Ids of calls, the order of parallel results, spelling and empty fields make no other request."""
    assert essence(again).key() == essence(chat(*TURN)).key()


@pytest.mark.parametrize(
    "other",
    [
        chat(USER, calling(call("now", "x"), call("then", "y")), result("x", "b"), result("y", "a")),
        chat(USER, calling(call("now", "x")), result("x", "a")),
        chat(*TURN, USER),
        chat(*TURN[:3], result("call_2", "other")),
    ],
)
def test_another_turn(other: bytes) -> None:
    """Results of other calls, fewer or more turns, other texts make another request."""
    assert essence(other).key() != essence(chat(*TURN)).key()


def test_anthropic() -> None:
    """Blocks are matched like messages: ids are renamed, results come in any order, thoughts may be left out."""
    asked = {"role": "assistant", "content": [use("a", "1", id=7), use("b", "2")]}
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}
    again = {"role": "assistant", "content": [thought, use("a", "x", id=7), use("b", "y")]}
    one = essence(body(messages=[USER, asked, {"role": "user", "content": [used("1", "r"), used("2", "s")]}]))
    two = essence(body(messages=[USER, again, {"role": "user", "content": [used("y", "s"), used("x", "r")]}]))
    assert (one.turns, one.words) == (two.turns, two.words)
    assert two.rest == one.rest | {
        "messages[1].content[thought].type": "thinking",
        "messages[1].content[thought].thinking": "hm",
        "messages[1].content[thought].signature": "s",
    }
    assert one.words["messages[1].content[0].input.id"] == "7"
    assert two.place("messages[1].content[0].name") == "messages[1].content[1].name"


def test_json_rpc() -> None:
    """A call's id does not count, nor what follows its progress; method and tool are its turn."""
    told: dict[str, Any] = {"jsonrpc": "2.0", "method": "tools/call"}
    first = body(**told, id=1, params={"name": "add", "arguments": {"timestamp": 1}, "_meta": {"progressToken": 1}})
    again = body(**told, id=2, params={"name": "add", "arguments": {"timestamp": 1}, "_meta": {"progressToken": 2}})
    other = body(**told, id=1, params={"name": "add", "arguments": {"timestamp": 2}})
    assert essence(first).key() == essence(again).key() != essence(other).key()
    assert essence(first).turns == ("tools/call add",)
    assert essence(body(jsonrpc="2.0", method="ping", id=1)).turns == ("ping",)


@pytest.mark.parametrize(
    ("name", "value", "counts"),
    [
        ("user", UUID, False),
        ("run", f"run-{UUID}", False),
        ("previous_response_id", UUID, True),
        ("since", "2026-11-22T08:00:00.123Z", False),
        ("day", "2026-11-22", True),
        ("prompt", UUID, True),
        ("ref", "msg_01XFDUDYJgAACzvnptvVoYEL", False),
        ("ref", "call_weather_service", True),
        ("ref", "call_center1", True),
        ("nonce", 5, False),
        ("timestamp", 1764000000, False),
        ("timestamp", {"a": 1}, True),
        ("seed", 3, True),
    ],
)
def test_what_clients_make_anew(name: str, value: object, *, counts: bool) -> None:
    """Nonces, times and ids of a client's own do not count; what was said, what was chosen and links do."""
    assert (essence(body(**{name: value})).key() != essence(b"{}").key()) is counts


def test_what_is_ignored() -> None:
    """Texts, parts, turns, whole conversations can be ignored; results by their role."""
    other = chat(*TURN[:2], result("call_1", "c"), result("call_2", "d"))
    assert same(chat(*TURN), other, "messages[role=tool].content")
    assert same(chat(USER), chat({**USER, "content": "other"}), "messages.*.content")
    assert essence(chat(USER), ignoring(["messages"])).turns is None
    assert essence(chat(*TURN), ignoring(["messages.1"])).turns == ("user", "*", "tool result", "tool result")
    text = {"role": "user", "content": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}]}
    assert essence(chat(text), ignoring(["messages.*.content.*.text"])).hidden == {"messages[0].content"}
    for place in ("messages.*.content", "messages.*.content.0"):
        assert essence(chat(text), ignoring([place])).hidden == {"messages[0].content"}
    two = {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}
    assert essence(chat(two), ignoring(["messages.*.content.1"])).hidden == {"messages[0].content[1]"}
    assert essence(chat(two), ignoring(["messages.*.content.1.text"])).hides("messages[0].content[1].text.x")


def test_what_held_only_what_is_ignored_is_nothing() -> None:
    """An object that is left empty, or was, or is not there, is the same."""
    bodies = [body(), body(metadata={}), body(metadata={"session": 1})]
    assert len({essence(one, ignoring(["metadata.session"])).key() for one in bodies}) == 1


# Names and texts that mean something to the reader, and some that do not.
NAMES = st.sampled_from(
    [
        "messages",
        "role",
        "content",
        "tool_calls",
        "id",
        "tool_call_id",
        "type",
        "text",
        "input",
        "name",
        "a",
        "b.c",
        "x",
    ]
)
TEXTS = st.sampled_from(["user", "system", "tool", "text", "tool_use", "tool_result", "call_1", "call_2", "word", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
MESSAGES = st.lists(st.dictionaries(NAMES, VALUES, max_size=4), max_size=4)
BODIES = st.fixed_dictionaries({}, optional={"messages": MESSAGES, "model": TEXTS, "metadata": VALUES})
STEPS = st.sampled_from(["messages", "content", "metadata", "*", "**", "0", "1", "role", "id", "text", "a", r"b\.c"])
PLACES = st.lists(STEPS, min_size=1, max_size=4).filter(lambda steps: steps[-1] != "**").map(".".join)
FILTERED = st.builds("messages[{}={}]{}".format, NAMES, TEXTS, st.sampled_from(["", ".content", ".*"]))


def apart(one: object, other: object, *ignored: str) -> int:
    left, right = (essence(json.dumps(each).encode(), ignoring(ignored)) for each in (one, other))
    return sum(map(len, bodies_apart(left, right)))


@given(BODIES, BODIES, st.lists(PLACES | FILTERED, max_size=2), PLACES | FILTERED)
def test_ignoring_never_makes_two_requests_differ_more(
    one: object, other: object, before: list[str], place: str
) -> None:
    """Whatever is ignored already, one place more leaves at most as many differences."""
    assert apart(one, other, *before, place) <= apart(one, other, *before)


@given(BODIES, VALUES)
def test_a_request_that_differs_in_what_is_ignored_is_the_same(told: dict[str, object], value: object) -> None:
    """Another value at an ignored place makes no other request."""
    one, other = (essence(json.dumps({**told, "salt": salt}).encode(), ignoring(["salt"])) for salt in ("s", value))
    assert one.key() == other.key()


@given(VALUES)
def test_any_json_can_be_read(value: object) -> None:
    """No JSON makes reading raise, and a body differs from itself in nothing."""
    assert apart(value, value) == apart({"messages": value}, {"messages": value}) == 0
    assert apart({"messages": [value]}, {"messages": [value]}) == 0
