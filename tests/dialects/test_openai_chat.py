from __future__ import annotations

import json

import pytest

from streamsim.dialects.known.openai_chat import OpenAIChat
from streamsim.sse import Event

DIALECT = OpenAIChat()


def chunk(delta: object, **more: object) -> Event:
    """Return a chunk with one choice."""
    told = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": None}], **more}
    return Event(json.dumps(told))


def call(name: str | None, arguments: str | None) -> dict[str, object]:
    return {"tool_calls": [{"index": 0, "function": {"name": name, "arguments": arguments}}]}


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        ({"content": "Hi"}, "Hi"),
        ({"role": "assistant", "content": "Hi"}, "Hi"),
        ({"content": "☃\n"}, "☃\n"),
        ({"refusal": "No."}, "No."),
        ({"reasoning_content": "hm"}, "hm"),
        ({"reasoning": "hm", "content": ""}, "hm"),
        ({"reasoning": "hm", "reasoning_content": "hm"}, "hm"),
        ({"reasoning_content": "hm", "content": "Hi"}, "hmHi"),
        (call("look", ""), "look"),
        (call(None, '{"a":'), '{"a":'),
        ({"content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "!"}]}, "Hi!"),
        ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]}, "hm"),
    ],
)
def test_what_a_reader_sees_grow_is_content(delta: object, text: str) -> None:
    """Text, reasoning, refusals, tool names and arguments are content, each counted once."""
    assert DIALECT.tell(chunk(delta)).content == text


@pytest.mark.parametrize(
    "delta",
    [
        {},
        None,
        {"role": "assistant"},
        {"role": "assistant", "content": None},
        {"role": "assistant", "content": ""},
        {"content": []},
        {"content": [{"type": "reference", "ids": [1]}]},
        {"tool_calls": None},
        {"tool_calls": [{"index": 0, "function": None}]},
        call(None, None),
    ],
)
def test_what_shows_nothing_is_no_content(delta: object) -> None:
    """Role-only, finish-only and empty deltas are not content."""
    assert DIALECT.tell(chunk(delta)).content == ""


def test_all_choices_count() -> None:
    """With several choices the texts of all are content."""
    choices = [{"index": number, "delta": {"content": text}} for number, text in enumerate("ab")]
    assert DIALECT.tell(Event(json.dumps({"choices": choices}))).content == "ab"


@pytest.mark.parametrize(
    "data",
    [
        '{"object":"chat.completion.chunk","choices":[],"usage":{"total_tokens":5}}',
        '{"object":"chat.completion.chunk","choices":null}',
        '{"object":"chat.completion.chunk"}',
        "[DONE]",
        "",
        "{",
        "[1]",
        '{"choices":[{"delta":{"content":5}}]}',
    ],
)
def test_usage_the_end_and_broken_json_are_no_content(data: str) -> None:
    """A chunk without choices has none, and what cannot be read is no error."""
    assert DIALECT.tell(Event(data)).content == ""


@pytest.mark.parametrize(
    ("data", "owned"),
    [
        ('{"object":"chat.completion.chunk","choices":[]}', True),
        ('{"choices":[{"delta":{"content":"x"}}]}', True),
        ('{"object":"","choices":[],"prompt_filter_results":[]}', False),
        ('{"object":"text_completion","choices":[{"text":"x"}]}', False),
        ('{"object":"chat.completion","choices":[{"message":{"content":"x"}}]}', False),
        ('{"error":{"message":"x"}}', False),
        ("[DONE]", False),
        ("plain", False),
    ],
)
def test_it_owns_its_own_chunks(data: str, owned: bool) -> None:  # noqa: FBT001 - a table
    """``object`` or a choice's ``delta`` names the dialect; what others say too does not."""
    assert DIALECT.owns(Event(data)) is owned


@pytest.mark.parametrize(
    ("data", "terminal"),
    [
        ("[DONE]", True),
        ('{"error":{"message":"overloaded"}}', True),
        ('{"error":"overloaded"}', True),
        ('{"error":null,"choices":[]}', False),
        ('{"choices":[{"delta":{"content":"an \\"error\\""}}]}', False),
        ('{"error":{"code":502},"choices":[{"delta":{},"finish_reason":"error"}]}', False),
        ('{"choices":[{"delta":{},"finish_reason":"stop"}]}', False),
        ('{"error"', False),
    ],
)
def test_the_end_is_done_or_an_error(data: str, terminal: bool) -> None:  # noqa: FBT001 - a table
    """``[DONE]`` ends the answer, an error instead of choices does; a finish reason does not, for usage may follow."""
    assert DIALECT.tell(Event(data)).terminal is terminal


@pytest.mark.parametrize(
    ("delta", "changed"),
    [
        (
            {"tool_calls": [{"index": 0, "function": {"name": "f"}}, {"index": 1, "function": {"arguments": "x"}}]},
            {"tool_calls": [{"index": 0, "function": {"name": "f"}}, {"index": 1, "function": {"arguments": "new"}}]},
        ),
        ({"content": "x"}, {"content": "new"}),
        (
            {"reasoning": "x", "reasoning_details": [{"text": "x"}]},
            {"reasoning": "new", "reasoning_details": [{"text": "new"}]},
        ),
        (
            {"content": [{"type": "thinking", "thinking": [{"text": ""}, {"text": "x"}]}]},
            {"content": [{"type": "thinking", "thinking": [{"text": ""}, {"text": "new"}]}]},
        ),
    ],
)
def test_the_text_that_grows_is_replaced_beside_what_does_not(delta: object, changed: object) -> None:
    """What tells no text beside it stays as it is; where the text is told twice, both change."""
    told = DIALECT.with_text(chunk(delta), "new")
    assert told is not None
    assert json.loads(told) == json.loads(chunk(changed).data)
