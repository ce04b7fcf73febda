"""Gemini, as an event stream, as an array, and on Vertex."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.protocol import Clues, Problem
from streamsim.dialects.reading import claimed, read_chunks
from streamsim.dialects.said import Error, Say, Text, ToolCall
from streamsim.dialects.told import Failure, Piece, Told, Usage
from streamsim.rng import Rng
from tests.dialects.events import event

if TYPE_CHECKING:
    from streamsim.sse import Event

GEMINI = BY_NAME["gemini"]
ARRAY = BY_NAME["gemini-array"]


def chunk(*parts: object, **more: object) -> Event:
    """Return a response with one candidate."""
    return event({"candidates": [{"content": {"parts": parts, "role": "model"}, **more}]})


@pytest.mark.parametrize(
    ("parts", "pieces"),
    [
        ([{"text": "Hi"}], [Piece("text", "Hi")]),
        ([{"text": "hm", "thought": True}, {"text": "Hi"}], [Piece("reasoning", "hm"), Piece("text", "Hi")]),
        ([{"text": ""}, {"thoughtSignature": "x"}], []),
        ([{"functionCall": {"name": "f", "args": {"a": 1}}}], [Piece("tool", '{"a": 1}', name="f")]),
        ([{"functionCall": {"name": "f", "id": "c"}}], [Piece("tool", "{}", call="c", name="f", id="c")]),
        ([{"inlineData": {"data": "eA=="}}], [Piece("media", '{"inlineData":{"data": "eA=="}}')]),
        ([{"executableCode": {"code": "1"}}], [Piece("media", '{"executableCode":{"code": "1"}}')]),
    ],
)
def test_parts_are_pieces(parts: list[object], pieces: list[Piece]) -> None:
    """Text, thoughts, whole calls, and what is neither: as it was spelt."""
    assert GEMINI.tell(chunk(*parts)).pieces == tuple(pieces)


def test_sources_are_citations() -> None:
    """What an answer is grounded on, and what it recites, is told in citations."""
    grounded = chunk(groundingMetadata={"groundingChunks": [{"web": {"uri": "u"}}]})
    recited = chunk(citationMetadata={"citationSources": [{"uri": "v"}], "citations": [{"uri": "w"}]})
    assert GEMINI.tell(grounded).pieces == (Piece("citation", '{"web": {"uri": "u"}}'),)
    assert [piece.text for piece in GEMINI.tell(recited).pieces] == ['{"uri": "v"}', '{"uri": "w"}']


def test_counts_are_sums() -> None:
    """Thoughts are part of the output, and what tools asked part of the input."""
    counts = {"promptTokenCount": 1, "toolUsePromptTokenCount": 2, "candidatesTokenCount": 4, "thoughtsTokenCount": 8}
    told = GEMINI.tell(event({"usageMetadata": counts | {"totalTokenCount": 15, "cachedContentTokenCount": 1}}))
    assert told == Told(usage=Usage(3, 12, 15, 8, 1))


@pytest.mark.parametrize(
    ("reason", "word"), [("STOP", "STOP"), (1, "STOP"), (2, "MAX_TOKENS"), (12, "12"), ("OTHER", "OTHER")]
)
def test_reasons_have_names(reason: str | int, word: str) -> None:
    """A reason is the provider's word, also where a client asked for numbers; it ends the answer."""
    told = GEMINI.tell(chunk({"text": "x"}, finishReason=reason))
    assert (told.stops, told.terminal) == (((0, word),), True)


def test_a_blocked_prompt_is_an_end() -> None:
    """Where the prompt was blocked that is the reason, and there is no candidate."""
    blocked = event({"promptFeedback": {"blockReason": "SAFETY"}})
    assert GEMINI.tell(blocked).stops == ((0, "SAFETY"),)
    assert GEMINI.complete([blocked])
    assert GEMINI.owns(blocked)


def test_an_error_is_told() -> None:
    """An error object ends the answer badly."""
    wrong = event({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}})
    assert GEMINI.tell(wrong) == Told(failure=Failure("overloaded", "UNAVAILABLE", "503"), terminal=True)
    assert GEMINI.problems([chunk({"text": "x"}), wrong]) == []


def test_problems() -> None:
    """An event that is no response, and an end without a reason, break the grammar; reasons all along do not."""
    words = [chunk({"text": "a"}, finishReason="STOP"), chunk({"text": "b"}, finishReason="STOP")]
    assert GEMINI.problems(words) == []
    assert GEMINI.problems([event("nonsense"), chunk({"text": "a"})]) == [
        Problem(0, "not_json", "the event is no JSON object"),
        Problem(None, "finish_missing", "the last event has no finishReason, blockReason or error"),
    ]
    assert GEMINI.complete([*words, event({"usageMetadata": {}})])
    assert not GEMINI.complete([event({"usageMetadata": {}})])


@pytest.mark.parametrize("parts", [[{"text": "a"}, {"text": "b"}], [{"functionCall": {"name": "f"}}], []])
def test_only_one_text_can_be_put_anew(parts: list[object]) -> None:
    """Two texts are not one, and a call's arguments are no text."""
    assert GEMINI.with_text(chunk(*parts), "x") is None
    assert GEMINI.with_text(event("nonsense"), "x") is None


@pytest.mark.parametrize(
    ("clues", "dialect"),
    [
        (Clues(), "gemini"),
        (Clues(host="us-central1-aiplatform.googleapis.com"), "vertex"),
        (Clues(target="/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent"), "vertex"),
        (Clues(response=(("Content-Type", "application/json; charset=UTF-8"),)), "gemini-array"),
    ],
)
def test_clues_tell_the_variation(clues: Clues, dialect: str) -> None:
    """The host, the target or the content type tells who speaks."""
    assert claimed(chunk({"text": "x"}), clues).name == dialect


def test_vertex_is_known_by_its_events_too() -> None:
    """Traffic and time are only told on Vertex."""
    assert claimed(event({"candidates": [], "createTime": "2026"})).name == "vertex"


def test_an_array_is_one_json_value() -> None:
    """What is written without ``alt=sse`` is an array, with an error as its last element too."""
    writer = ARRAY.writer
    assert writer is not None
    for say in (Say((Text("a b"),)), Say((Text("a"), Error("x"))), Say((Error("x"),)), Say((ToolCall("f", id="c"),))):
        body = b"".join(one.data for one in writer.write(say, Rng(1)))
        told = read_chunks((("content-type", "application/json"),), [body])
        assert body.startswith(b"[{")
        assert body.endswith(b"}\n]")
        assert told.answer().complete
    assert (writer.error_event(Failure("x"), []) or b"").startswith(b"[{")


def test_a_whole_answer_keeps_media_citations_and_ids() -> None:
    """Pictures, sources and ids of calls are in a whole answer where they are in the stream."""
    picture = {"inlineData": {"mimeType": "image/png", "data": "eA=="}}
    call = {"functionCall": {"name": "f", "args": {}, "id": "c"}}
    events = [
        chunk({"text": "a"}, picture, groundingMetadata={"groundingChunks": [{"web": {"uri": "u"}}]}),
        chunk(call, finishReason="STOP"),
    ]
    read = read_chunks((("content-type", "text/event-stream"),), [f"data: {one.data}\n\n".encode() for one in events])
    assert GEMINI.writer is not None
    body = GEMINI.writer.whole(read.answer(), Rng(1)).decode()
    whole = GEMINI.tell(event(body))
    assert [piece.kind for piece in whole.pieces] == ["text", "media", "tool", "citation"]
    assert whole.pieces[2].id == "c"
