"""Streams that providers really sent, linted: complete exactly when they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from streamsim.dialects.reading import read_chunks
from streamsim.dialects.units import frames, kind_of
from tests.analysis.lint.linted import one
from tests.builders import exchange
from tests.dialects.answering import CONTENT_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamsim.analysis.lint import ExchangeLint
    from streamsim.wire import Headers

pytestmark = pytest.mark.corpus

# What is not complete, and why that is so.
NOT_COMPLETE = {
    # Made by hand for a test of an SDK, without the last blank line: the last event is lost.
    "anthropic/anthropic-sdk---refusal_response.sse": "truncated",
    "fixtures-other/ai--anthropic-fallback-tool-call.sse": "truncated",
    # An HTTP error.
    "gemini/crewAI--test_google_streaming_returns_usage_metrics-0.sse": "failed",
    # The provider tells an error: as an event, or as bare JSON.
    "groq/pydantic-ai--test_tool_use_failed_error_streaming-0.sse": "failed",
    "groq/pydantic-ai--test_tool_use_failed_error_streaming_with_text-0.sse": "failed",
    "openrouter/pydantic-ai--test_openrouter_stream_error.sse": "failed",
    "vertex/vertexai-sdk-t--streaming-failure-error-mid-stream.sse": "failed",
    # These servers claim to speak OpenAI Chat, and never send [DONE].
    "gpustack/ruby_llm--chat_streaming_responses_gpustack_qwen3_supports_streaming_r.sse": "truncated",
    "writer/openllmetry--test_writer_async_streaming_chat_multiple_tool_call_requests.sse": "truncated",
    "writer/openllmetry--test_writer_async_streaming_chat_tool_call_request_legacy.sse": "truncated",
    # This one never tells a reason to finish.
    "snowflake/pydantic-ai--test_snowflake_model_streaming.sse": "truncated",
    "snowflake/pydantic-ai--test_snowflake_thinking_streaming.sse": "truncated",
    # The proxy lost the reason to finish of the second choice.
    "litellm-proxy/dd-trace-py--completion_stream_multiple_choices_proxy.sse": "truncated",
}
# Streams that are complete and break a rule all the same: their providers do.
BREAKS = {
    # OpenRouter adds [DONE] to OpenAI's responses.
    "openrouter/llm-openrouter--test_tool_calls-1.sse": ["not_json"],
    # A tool call grows after the reason to finish was told the first time.
    "together/openllmetry-js--should-set-function_call-attributes-in-span-for-stream-compl.sse": [
        "content_after_finish"
    ],
}
# Of these each event could be the last one.
ANY_LAST = ("generic", "langgraph")


class Stream(NamedTuple):
    """One recorded stream."""

    name: str
    headers: Headers
    status: int
    data: bytes


def streams(corpus: Path) -> Iterator[Stream]:
    """Yield all streams."""
    for entry in json.loads((corpus / "streams" / "index.json").read_bytes()):
        headers = (("content-type", CONTENT_TYPES[entry["stream"]]),)
        data = (corpus / "streams" / entry["file"]).read_bytes()
        yield Stream(entry["file"], headers, entry["status"] or 200, data)


def linted(stream: Stream, data: bytes) -> ExchangeLint:
    """Return the report on a stream of these bytes."""
    return one(exchange(chunks=[data], headers=stream.headers, status=stream.status))


def test_every_real_stream_is_complete_exactly_when_it_is(corpus: Path) -> None:
    """All are, but for those that are listed, each with its reason."""
    told = {stream.name: linted(stream, stream.data) for stream in streams(corpus)}
    assert len(told) > 270
    assert {name: report.verdict for name, report in told.items() if report.verdict != "complete"} == NOT_COMPLETE
    whole = {name: report for name, report in told.items() if name not in NOT_COMPLETE}
    errors = {
        name: [found.rule for found in report.findings if found.severity == "error"]
        for name, report in whole.items()
        if not report.passed
    }
    assert errors == BREAKS


def test_a_real_stream_without_its_end_is_truncated(corpus: Path) -> None:
    """Cut before the event that tells its end, and cut within that event, it is called truncated."""
    checked = 0
    for stream in streams(corpus):
        reading = read_chunks(stream.headers, [stream.data])
        if stream.name in NOT_COMPLETE or reading.dialect in ANY_LAST:
            continue
        last = next(nth for nth, item in enumerate(reading.landed) if item.told.terminal or item.told.stops)
        start = _start(stream, last)
        for cut in (start, start + 5):
            assert linted(stream, stream.data[:cut]).verdict in ("truncated", "no stream"), (stream.name, cut)
        checked += 1
    assert checked > 250


def _start(stream: Stream, event: int) -> int:
    """Return where the frame of an event begins."""
    kind = kind_of(stream.headers)
    assert kind is not None
    byte = seen = 0
    for frame, count in frames(kind, stream.data):
        seen += count
        if seen > event:
            break
        byte += len(frame)
    return byte
