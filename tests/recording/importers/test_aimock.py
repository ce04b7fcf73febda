"""aimock's fixtures: what a model says becomes a stream that a client of OpenAI's reads."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import pytest

from streamsim.dialects.reading import read
from tests.recording.importers.inputs import gaps, header, imported, only

if TYPE_CHECKING:
    from streamsim.dialects.answer import Choice
    from streamsim.recording.model import Exchange


def fixture(response: object, **told: object) -> dict[str, object]:
    return {"match": {"userMessage": "hello"}, "response": response, **told}


def said(exchange: Exchange) -> Choice:
    """Return the one answer of a stream."""
    return read(exchange).answer().choices[0]


def test_a_text() -> None:
    """It is read as it was written, after a request that the fixture would match."""
    match = {"userMessage": "weather", "systemMessage": "You", "model": "m"}
    told = imported({"fixtures": [fixture({"content": "Sunny and warm.", "model": "big"}, match=match)]})
    exchange = only(told)
    assert header(told).imported == "aimock"
    assert header(told).lacks == ("boundaries", "times", "framing", "request", "head")
    assert (exchange.request.method, exchange.request.target) == ("POST", "/v1/chat/completions")
    assert msgspec.json.decode(exchange.request.data) == {
        "model": "m",
        "messages": [{"role": "system", "content": "You"}, {"role": "user", "content": "weather"}],
        "stream": True,
    }
    reading = read(exchange)
    assert (reading.dialect, reading.answer().model, reading.answer().complete) == ("openai-chat", "big", True)
    assert (said(exchange).text, said(exchange).stop) == ("Sunny and warm.", "stop")


def test_tool_calls() -> None:
    """Arguments are text or JSON; a call without any takes none; thoughts have no place in this dialect."""
    calls = [{"name": "a", "arguments": {"x": 1}, "id": "call_1"}, {"name": "b", "arguments": '{"y":2}'}, {"name": "c"}]
    choice = said(only(imported({"fixtures": [fixture({"toolCalls": calls, "reasoning": "hm"})]})))
    assert [(call.name, call.text) for call in choice.calls] == [("a", '{"x":1}'), ("b", '{"y":2}'), ("c", "{}")]
    assert (choice.calls[0].id, choice.stop) == ("call_1", "tool_calls")


def test_blocks_keep_their_order_and_a_content_may_be_json() -> None:
    """Text before, between or after calls."""
    blocks = [{"type": "toolCall", "name": "a", "arguments": "{}"}, {"type": "text", "text": "done"}]
    choice = said(only(imported({"fixtures": [fixture({"blocks": blocks})]})))
    assert [part.kind for part in choice.parts] == ["tool", "text"]
    assert said(only(imported({"fixtures": [fixture({"content": {"a": [1]}})]}))).text == '{"a":[1]}'


@pytest.mark.parametrize(
    ("told", "stop"), [("length", "length"), ("tool_calls", "tool_calls"), ("content_filter", "content_filter")]
)
def test_the_reason_to_stop_is_said(told: str, stop: str) -> None:
    """In OpenAI's words, which aimock takes."""
    assert said(only(imported({"fixtures": [fixture({"content": "a", "finishReason": told})]}))).stop == stop


def test_usage_is_as_told() -> None:
    """In OpenAI's words or in Anthropic's."""
    for usage in ({"prompt_tokens": 7, "completion_tokens": 9}, {"input_tokens": 7, "output_tokens": 9}):
        found = read(only(imported({"fixtures": [fixture({"content": "a", "usage": usage})]}))).answer().usage
        assert found is not None
        assert (found.input, found.output, found.total) == (7, 9, 16)


def test_an_error_is_an_answer_without_a_stream() -> None:
    """With its status, in OpenAI's form."""
    error = {"message": "Slow down", "type": "rate_limit_error", "code": "rate_limit"}
    exchange = only(imported({"fixtures": [fixture({"error": error, "status": 429})]}))
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.framing) == (429, "content-length")
    told = msgspec.json.decode(exchange.body)["error"]
    assert (told["message"], told["type"], told["code"]) == ("Slow down", "rate_limit_error", "rate_limit")


def test_what_is_no_chat_is_left_out() -> None:
    """Embeddings, images, sounds."""
    told = imported({"fixtures": [fixture({"content": "a"}), fixture({"embedding": [0.1]})]})
    assert told.notes == ("left out 1 exchange without an answer",)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({"latency": 20}, [20_000, 20_000, 20_000]),
        ({"streamingProfile": {"ttft": 300, "tps": 50}}, [300_000, 20_000, 20_000]),
        ({"streamingProfile": {"ttft": 300}}, [300_000, 0, 0]),
        (
            {"recordedTimings": {"ttftMs": 250.5, "interChunkDelaysMs": [10], "totalDurationMs": 0}},
            [250_500, 10_000, 0],
        ),
    ],
)
def test_times_are_those_of_the_fixture(times: dict[str, object], expected: list[int]) -> None:
    """For each content; what is none waits for nothing."""
    told = imported({"fixtures": [fixture({"content": "one two three"}, **times)]})
    exchange = only(told)
    content = read(exchange).content_chunks
    assert header(told).lacks == ("boundaries", "framing", "request", "head")
    assert [gaps(exchange)[chunk] for chunk in content][:3] == expected
    assert sum(gaps(exchange)) == sum(gaps(exchange)[chunk] for chunk in content)


def test_the_same_file_gives_the_same_bytes_and_no_two_fixtures_the_same_ids() -> None:
    """Ids are drawn, from the place in the file."""
    document = {"fixtures": [fixture({"content": "a"})] * 3}
    once, again = imported(document).recording, imported(document).recording
    assert once.entries == again.entries
    assert all(one.body != other.body for one, other in pairwise(once.exchanges))
