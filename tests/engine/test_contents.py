from __future__ import annotations

import json

import pytest

from streamsim.engine.contents import Contents, Portion
from tests.builders import chat, sse
from tests.engine.answers import script


def contents(*chunks: bytes) -> Contents:
    return Contents(script(chunks).wires)


def test_contents_are_read_from_the_bytes() -> None:
    """Head, body pieces, dialect and events are what a client finds in the bytes of each step."""
    found = contents(*chat("a", "b"))
    assert (found.status, found.dialect) == (200, "openai-chat")
    assert found.headers == (("content-type", "text/event-stream"), ("transfer-encoding", "chunked"))
    assert found.bodies == [b"", *chat("a", "b"), b""]
    assert [(item.chunk, item.content) for item in found.landed] == [(1, ""), (2, "a"), (3, "b"), (4, ""), (5, "")]
    assert found.content_steps == [2, 3]


def test_events_belong_to_the_step_that_completes_them() -> None:
    """An event that is cut over chunks comes with the last of them, and one chunk may bring several."""
    found = contents(b"data: o", b"ne\n\ndata: two\n\n", b"data: three\n\n")
    assert [(item.chunk, item.content) for item in found.landed] == [(2, "one"), (2, "two"), (3, "three")]
    assert found.content_steps == [2, 3]
    assert [len(found.events(steps)) for steps in range(5)] == [0, 0, 0, 2, 3]


def test_the_last_event_is_the_first_terminal_one() -> None:
    """The last event is found once its step is done."""
    found = contents(*chat("a"))
    assert found.last(4) is None
    last = found.last(5)
    assert last is not None
    assert last.event.data == "[DONE]"


def test_portions_add_up_by_usage() -> None:
    """Where the answer counts its tokens, parts share them by deltas, and together they are all of them."""
    frames = [
        *chat("a", "b", "c")[:4],
        b'data: {"object":"chat.completion.chunk","choices":[],"usage":{"completion_tokens":10}}\n\n',
    ]
    found = contents(*frames)
    assert found.portion(0, 4, 9) == Portion(9, 3, 2, 6, "usage", "ab")
    assert found.portion(4, 7, 1) == Portion(1, 2, 1, 4, "usage", "c")
    assert found.portion(0, 7, 10) == Portion(10, 5, 3, 10, "usage", "abc")


def test_portions_count_deltas_where_there_is_no_usage() -> None:
    """Where it does not, each delta counts as one token."""
    assert contents(*chat("a", "b", "c")).portion(0, 4, 9) == Portion(9, 3, 2, 2, "deltas", "ab")


def test_tokens_without_content_are_not_shared() -> None:
    """Tokens that no delta shows are counted for no part."""
    found = contents(b'data: {"object":"chat.completion.chunk","choices":[],"usage":{"completion_tokens":10}}\n\n')
    assert found.portion(0, 3, 9) == Portion(9, 1, 0, 0, "usage", "")


def test_what_is_no_event_stream_has_no_events() -> None:
    """Of a body that is no event stream only its bytes are told."""
    found = Contents(script([b"{}"], headers=(("content-type", "application/json"),)).wires)
    assert (found.landed, found.bodies) == ((), [b"", b"{}", b""])


@pytest.mark.parametrize(
    ("dialect", "chunks", "tokens"),
    [
        (
            "openai-chat",
            ['{"choices":[{"delta":{"content":"a"}}]}', '{"choices":[],"usage":{"completion_tokens":7}}'],
            7,
        ),
        (
            "anthropic",
            [
                '{"type":"message_start","message":{"usage":{"output_tokens":1}}}',
                '{"type":"content_block_delta","delta":{"text":"a"}}',
                '{"type":"message_delta","delta":{},"usage":{"output_tokens":8}}',
            ],
            8,
        ),
        (
            "anthropic",
            [
                '{"type":"message_start","message":{"usage":{"output_tokens":1}}}',
                '{"type":"content_block_delta","delta":{"text":"a"}}',
            ],
            None,
        ),
        (
            "openai-responses",
            [
                '{"type":"response.output_text.delta","delta":"a"}',
                '{"type":"response.completed","response":{"usage":{"input_tokens":1,"output_tokens":9}}}',
            ],
            9,
        ),
        (
            "gemini",
            [
                '{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":4}}',
                '{"candidates":[],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":10}}',
            ],
            10,
        ),
        ("openai-chat", ['{"choices":[{"delta":{"content":"\\"usage\\""}}],"usage":null}'], None),
        ("openai-chat", ['{"choices":[{"delta":{"content":"a"}}],"usage":{"completion_tokens":"many"}}'], None),
        ("generic", ['{"usage":'], None),
    ],
)
def test_tokens_are_the_last_that_were_told(dialect: str, chunks: list[str], tokens: int | None) -> None:
    """Each provider's count of output tokens counts, but for what is told before there is any output."""
    frames = [sse(data, event=_type(data) if dialect == "anthropic" else "")[0] for data in chunks]
    found = contents(*frames)
    assert (found.dialect, found.usage) == (dialect, tokens)


def _type(data: str) -> str:
    told: dict[str, str] = json.loads(data)
    return told["type"]


def test_a_chunk_that_says_nothing() -> None:
    """Comments and pings are no events."""
    assert contents(b": ping\n\n", *sse("x")).content_steps == [2]
