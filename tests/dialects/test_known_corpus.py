"""Dialects against what providers really sent: detection, completeness, cuts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import read_chunks
from tests.dialects.answering import CONTENT_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamsim.wire import Headers

pytestmark = pytest.mark.corpus

EXPECTED = {
    "a2a": {"a2a"},
    "bedrock": {"bedrock-converse", "bedrock-invoke"},
    "cohere": {"cohere"},
    "gemini": {"gemini", "gemini-array"},
    "gemini-interactions": {"gemini-interactions"},
    "langgraph": {"langgraph"},
    "mcp": {"mcp"},
    "mistral": {"mistral"},
    "ollama": {"ollama", "ollama-generate"},
    "replicate": {"replicate"},
    # Its models of other makers speak their makers' dialects.
    "vertex": {"vertex", "gemini", "gemini-array", "anthropic"},
    "watsonx": {"watsonx"},
}
# An HTTP error with the content type of a stream: a JSON object and no event.
NO_STREAM = "gemini/crewAI--test_google_streaming_returns_usage_metrics-0.sse"
# An error as bare JSON behind whole events, of which each tells a reason to finish: no reader of events can see it.
BARE_ERROR = "vertex/vertexai-sdk-t--streaming-failure-error-mid-stream.sse"


class Stream(NamedTuple):
    """One recorded stream."""

    name: str
    provider: str
    headers: Headers
    data: bytes


def streams(corpus: Path) -> Iterator[Stream]:
    """Yield the streams of the dialects tested here."""
    for entry in json.loads((corpus / "streams" / "index.json").read_bytes()):
        if entry["provider"] in EXPECTED:
            headers = (("Content-Type", CONTENT_TYPES[entry["stream"]]),)
            yield Stream(entry["file"], entry["provider"], headers, (corpus / "streams" / entry["file"]).read_bytes())


def test_every_stream_is_of_its_own_dialect(corpus: Path) -> None:
    """A stream is read in a dialect of its provider, known by its events alone."""
    told = {one.name: (one.provider, read_chunks(one.headers, [one.data]).dialect) for one in streams(corpus)}
    assert len(told) == 83
    assert {name: pair for name, pair in told.items() if pair[1] not in EXPECTED[pair[0]]} == {
        NO_STREAM: ("gemini", "generic")
    }


def test_every_whole_stream_is_complete(corpus: Path) -> None:
    """Every recorded stream ended as its dialect says, and breaks no rule of it."""
    for one in streams(corpus):
        reading = read_chunks(one.headers, [one.data])
        whole = one.name != NO_STREAM
        assert reading.answer().complete is whole, one.name
        assert reading.spoken.problems(reading.events) == [], one.name


def test_a_stream_cut_off_is_not_complete(corpus: Path) -> None:
    """Without its last events no stream is complete, but for those of which each event could be the last."""
    for one in streams(corpus):
        reading = read_chunks(one.headers, [one.data])
        dialect = reading.spoken
        if one.name in (NO_STREAM, BARE_ERROR) or dialect.name == "langgraph":
            continue
        last = next(nth for nth, item in enumerate(reading.landed) if item.told.terminal or item.told.stops)
        assert not dialect.complete(reading.events[:last]), one.name


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_every_stream_reads_the_same_in_pieces(corpus: Path, size: int) -> None:
    """However the bytes are cut, the events tell the same, and so does the answer."""
    for one in streams(corpus):
        if size == 1 and len(one.data) > 30_000:
            continue
        whole = read_chunks(one.headers, [one.data])
        pieces = [one.data[start : start + size] for start in range(0, len(one.data), size)]
        cut = read_chunks(one.headers, pieces)
        assert [(item.event, item.told) for item in cut.landed] == [(item.event, item.told) for item in whole.landed]
        assert (cut.dialect, cut.answer()) == (whole.dialect, whole.answer()), one.name


def test_every_growing_text_can_be_put_again(corpus: Path) -> None:
    """With the text it has put in its place, an event's data is the same; with another it tells that one."""
    changed = 0
    for one in streams(corpus):
        reading = read_chunks(one.headers, [one.data])
        for item in reading.landed:
            dialect = BY_NAME.get(reading.dialect)
            told = dialect.with_text(item.event, '☃ "x"') if dialect is not None else None
            if dialect is None or told is None:
                continue
            changed += 1
            again = dialect.tell(type(item.event)(told, item.event.type, item.event.id))
            assert '☃ "x"' in [piece.text for piece in again.pieces], one.name
            assert len(again.pieces) == len(item.told.pieces), one.name
            assert again.stops == item.told.stops
    assert changed > 1000
