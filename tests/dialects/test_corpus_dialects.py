"""Dialects against streams that providers really sent: those of OpenAI, Anthropic and whoever speaks as they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import read_chunks
from tests.dialects.real import Real, real

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.corpus

BY_PATH = {
    "/chat/completions": "openai-chat",
    "/v1/chat": "openai-chat",
    "/completions": "openai-completions",
    "/responses": "openai-responses",
    "/messages": "anthropic",
}
FAMILIES = [dialect for dialect in BY_NAME.values() if not dialect.family]
VARIATIONS = [dialect for dialect in BY_NAME.values() if dialect.family]
OWN = ("azure-openai", "openrouter", "deepseek", "groq", "xai", "perplexity")
# Whose streams are, by what they say, those of somebody else.
PASSED_ON = {
    "crusoe/": "vllm",  # it runs vLLM
    "huggingface-router/": "groq",  # it passed Groq's bytes on
    "openai-chat/llm--test_tools_streaming_variant_d": "openrouter",  # a hand-made answer in OpenRouter's words
}
# Streams that do not end as their dialect does, and why.
INCOMPLETE = {
    "anthropic/anthropic-sdk---refusal_response.sse": "a fixture without its last blank line: no message_stop comes",
    "gpustack/ruby_llm": "the server leaves [DONE] out",
    "litellm-proxy/dd-trace-py--completion_stream_multiple_choices_proxy.sse": "one choice has no finish_reason",
    "snowflake/": "the server leaves finish_reason out",
    "writer/": "the server leaves [DONE] out",
}


def expected(one: Real) -> str | None:
    """Return whose stream it is by its address; None where that is no dialect of this page."""
    by_path = next((name for end, name in BY_PATH.items() if one.clues.path.endswith(end)), None)
    if by_path != "openai-chat" or one.provider == "mistral":
        return by_path if one.provider != "mistral" else None
    return one.provider if one.provider in OWN else "vllm" if one.provider == "vllm-local" else by_path


def streams(corpus: Path) -> list[Real]:
    return [one for one in real(corpus) if one.kind == "sse" and expected(one) is not None]


def test_the_dialect_of_every_real_stream_is_found(corpus: Path) -> None:
    """A stream from an endpoint whose dialect is known is read in that dialect, or as whose bytes it passes on."""
    assert len(streams(corpus)) > 150
    wrong = [(one.name, one.reading.dialect) for one in streams(corpus) if one.reading.dialect != expected(one)]
    assert [one for one in wrong if not any(one[0].startswith(start) for start in PASSED_ON)] == []
    assert {start: dialect for name, dialect in wrong for start in PASSED_ON if name.startswith(start)} == PASSED_ON


def test_who_claims_an_event_has_a_word_in_it(corpus: Path) -> None:
    """Whoever owns one of the first events, is marked by it or suits the clues is among those that are asked."""
    for one in real(corpus):
        clues = msgspec.structs.replace(one.clues, response=one.headers)
        for event in one.reading.events[:8]:
            claims = {each.name for each in FAMILIES if each.owns(event)}
            claims |= {each.name for each in VARIATIONS if each.marks(event) or each.suits(clues)}
            assert claims <= {each.name for each in BY_NAME.near(event, clues)}, one.name


def test_one_family_claims_a_stream(corpus: Path) -> None:
    """No two families own an event of the same stream, and no event marks two variations."""
    for one in streams(corpus):
        events = one.reading.events[:8]
        families = {each.name for each in FAMILIES for event in events if each.owns(event)}
        marked = {each.name for each in VARIATIONS for event in events if each.marks(event)}
        assert len(families) == 1, (one.name, families)
        assert len(marked) <= 1, (one.name, marked)


def test_a_stream_is_complete_exactly_when_it_is(corpus: Path) -> None:
    """Every recorded answer ended as its dialect says, but for those listed with their reasons."""
    incomplete = [one.name for one in streams(corpus) if not one.reading.answer().complete]
    assert [name for name in incomplete if not name.startswith(tuple(INCOMPLETE))] == []
    assert [start for start in INCOMPLETE if not any(name.startswith(start) for name in incomplete)] == []


def test_a_stream_cut_short_is_not_complete(corpus: Path) -> None:
    """Without its terminal event, and what may come after it, no answer is complete."""
    for one in streams(corpus):
        if one.reading.answer().complete and one.reading.answer().failure is None:
            last = next(nth for nth, item in enumerate(one.reading.landed) if item.terminal)
            assert not one.reading.spoken.complete(one.reading.events[:last]), one.name


def test_every_real_stream_reads_the_same_byte_by_byte(corpus: Path) -> None:
    """However a stream was cut, it has the same dialect, and its events tell the same."""
    for one in streams(corpus):
        size = 1 if len(one.body) < 12_000 else 97
        cut = [one.body[start : start + size] for start in range(0, len(one.body), size)]
        pieces = read_chunks(one.headers, cut, one.clues)
        assert pieces.dialect == one.reading.dialect, one.name
        assert [(item.event, item.told) for item in pieces.landed] == [
            (item.event, item.told) for item in one.reading.landed
        ], one.name


def test_every_real_answer_has_content(corpus: Path) -> None:
    """No stream of a known dialect is without content, but one that says that the provider refused."""
    empty = [one.name for one in streams(corpus) if not one.reading.content_chunks]
    assert [name for name in empty if "refus" not in name] == []


def test_no_frame_without_text_is_content(corpus: Path) -> None:
    """A chat chunk without choices is never content, on whatever side of the first real chunk it stands."""
    wrong = [
        one.name
        for one in streams(corpus)
        if "chat" in (one.reading.spoken.family or one.reading.dialect)
        for item in one.reading.landed
        if item.content and '"choices":[]' in item.event.data
    ]
    assert wrong == []


def test_text_can_be_replaced_in_every_delta(corpus: Path) -> None:
    """A delta with one growing text tells another one once that is put in, and nothing else."""
    replaced = 0
    for one in streams(corpus):
        for event in one.reading.events:
            data = one.reading.spoken.with_text(event, 'ab"☃')
            before = one.reading.spoken.tell(event)
            growing = [piece for piece in before.pieces if piece.text and piece.kind not in ("citation", "media")]
            assert (data is not None) == (len(growing) == 1), (one.name, event)
            if data is not None:
                after = one.reading.spoken.tell(type(event)(data, event.type))
                assert [piece.text for piece in after.pieces if piece.kind == growing[0].kind] == ['ab"☃'], event
                assert one.reading.spoken.with_text(type(event)(data, event.type), growing[0].text) is not None
                replaced += 1
    assert replaced > 5_000
