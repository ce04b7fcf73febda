"""Amazon Bedrock: Converse, and what models and agents say in chunks."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import claimed
from streamsim.dialects.said import Say, Text
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage
from streamsim.rng import Rng
from tests.dialects.events import event

if TYPE_CHECKING:
    from streamsim.sse import Event

CONVERSE = BY_NAME["bedrock-converse"]
INVOKE = BY_NAME["bedrock-invoke"]


def delta(told: object) -> Event:
    return event({"contentBlockIndex": 1, "delta": told}, "contentBlockDelta")


def chunk(told: object) -> Event:
    """Return a chunk with bytes: JSON, or the text it is."""
    text = told if isinstance(told, str) else json.dumps(told)
    return event({"bytes": b64encode(text.encode()).decode()}, "chunk")


@pytest.mark.parametrize(
    ("one", "pieces"),
    [
        (delta({"text": "Hi"}), [Piece("text", "Hi")]),
        (delta({"reasoningContent": {"text": "hm"}}), [Piece("reasoning", "hm")]),
        (delta({"reasoningContent": {"signature": "x"}}), []),
        (delta({"toolUse": {"input": "{"}}), [Piece("tool", "{", call="1")]),
        (delta({"citation": {"title": "t"}}), [Piece("citation", '{"title": "t"}')]),
        (delta({"toolResult": [{"text": "x"}]}), [Piece("media", '[{"text": "x"}]')]),
        (
            event({"start": {"toolUse": {"name": "f", "toolUseId": "c"}}}, "contentBlockStart"),
            [Piece("tool", name="f", id="c")],
        ),
        (event({"start": {"toolResult": {"toolUseId": "c"}}}, "contentBlockStart"), []),
    ],
)
def test_blocks_are_pieces(one: Event, pieces: list[Piece]) -> None:
    """Text, thoughts, calls by their block, citations, and what tools of the provider gave."""
    assert CONVERSE.tell(one).pieces == tuple(pieces)


def test_the_counts_come_last() -> None:
    """``metadata`` ends the stream, after the reason."""
    counts = {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3, "cacheReadInputTokens": 1}
    assert CONVERSE.tell(event({"stopReason": "end_turn"}, "messageStop")).stops == ((0, "end_turn"),)
    assert CONVERSE.tell(event({"usage": counts}, "metadata")) == Told(usage=Usage(1, 2, 3, cached=1), terminal=True)


@pytest.mark.parametrize("data", ['{"message":"slow down"}', "nonsense"])
def test_an_exception_is_an_error(data: str) -> None:
    """An exception's name is the error's type, in both dialects."""
    wrong = event(data, "throttlingException")
    message = "slow down" if data.startswith("{") else ""
    told = Told(failure=Failure(message, "throttlingException"), terminal=True)
    assert (CONVERSE.tell(wrong), INVOKE.tell(wrong)) == (told, told)
    assert CONVERSE.complete([wrong])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"generation": "Hi"}, Told((Piece("text", "Hi"),))),
        ({"outputText": "Hi", "completionReason": "FINISH"}, Told((Piece("text", "Hi"),), stops=((0, "FINISH"),))),
        ({"completion": "Hi"}, Told((Piece("text", "Hi"),))),
        ({"type": "message_start", "message": {"id": "i", "model": "m"}}, Told(id="i", model="m")),
        (
            {"index": 1, "content_block": {"type": "tool_use", "name": "f", "id": "c"}},
            Told((Piece("tool", "", call="1", name="f", id="c"),)),
        ),
        ({"index": 1, "delta": {"partial_json": "{"}}, Told((Piece("tool", "{", call="1"),))),
        ({"delta": {"thinking": "hm"}}, Told((Piece("reasoning", "hm"),))),
        ({"delta": {"text": "Hi"}}, Told((Piece("text", "Hi"),))),
        ({"delta": {"stop_reason": "end_turn"}}, Told(stops=((0, "end_turn"),))),
        (
            {"amazon-bedrock-invocationMetrics": {"inputTokenCount": 1, "outputTokenCount": 2}},
            Told(usage=Usage(1, 2), terminal=True),
        ),
        ("An agent's text", Told((Piece("text", "An agent's text"),), terminal=True)),
        ("", Told(terminal=True)),
        ("{broken", NOTHING),
    ],
)
def test_bytes_are_what_makers_say(told: object, expected: Told) -> None:
    """Llama, Titan, Anthropic and agents are read in their own words."""
    assert INVOKE.tell(chunk(told)) == expected


def test_what_holds_no_bytes_tells_nothing() -> None:
    """A trace, and a chunk whose bytes are no base64, tell nothing."""
    trace = event({"agentId": "a"}, "trace")
    assert INVOKE.tell(trace) == NOTHING
    assert INVOKE.tell(event({"bytes": "é"}, "chunk")) == NOTHING
    assert claimed(trace).name == "bedrock-invoke"
    assert claimed(event({"x": 1}, "chunk")).name == "generic"


def test_metadata_is_its_own() -> None:
    """An event named ``metadata`` is Bedrock's only with what Bedrock tells in it."""
    assert claimed(event({"metrics": {"latencyMs": 5}}, "metadata")).name == "bedrock-converse"
    assert claimed(event({"x": 5}, "metadata")).name == "generic"


def test_padding_is_a_beginning_of_the_alphabet() -> None:
    """Every event is padded, keys in order, as Bedrock does."""
    assert CONVERSE.writer is not None
    frames = [one.data for one in CONVERSE.writer.write(Say((Text("Hi"),)), Rng(1))]
    assert all(b',"p":"a' in one or b'{"p":"a' in one for one in frames)
