"""Dialects against streams that providers really sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from streamsim.dialects.reading import read_chunks
from tests.builders import EVENT_STREAM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.corpus

BY_PATH = {
    "/chat/completions": "openai-chat",
    "/completions": "openai-completions",
    "/responses": "openai-responses",
    "/messages": "anthropic",
}
BY_PROVIDER = {name: name for name in BY_PATH.values()}


def streams(corpus: Path) -> Iterator[tuple[str, str | None, bytes]]:
    """Yield name, expected dialect and bytes of each stream; None where the provider has no dialect of its own here."""
    for entry in json.loads((corpus / "streams" / "index.json").read_bytes()):
        path = urlsplit(entry["url"]).path
        by_path = next((dialect for end, dialect in BY_PATH.items() if path.endswith(end)), None)
        if entry["stream"] == "sse":
            data = (corpus / "streams" / entry["file"]).read_bytes()
            yield entry["file"], BY_PROVIDER.get(entry["provider"], by_path), data


def test_the_dialect_of_every_real_stream_is_found(corpus: Path) -> None:
    """A stream from an endpoint whose dialect is known is read in that dialect."""
    told = [(name, read_chunks(EVENT_STREAM, [data]).dialect, dialect) for name, dialect, data in streams(corpus)]
    assert len(told) > 200
    assert [item for item in told if item[2] is not None and item[1] != item[2]] == []


def test_every_real_stream_reads_the_same_in_pieces(corpus: Path) -> None:
    """Cut into pieces of 97 bytes each stream has the same events and the same content."""
    for name, _, data in streams(corpus):
        whole = read_chunks(EVENT_STREAM, [data])
        pieces = read_chunks(EVENT_STREAM, [data[start : start + 97] for start in range(0, len(data), 97)])
        assert [(item.event, item.content, item.terminal) for item in pieces.landed] == [
            (item.event, item.content, item.terminal) for item in whole.landed
        ], name
        assert pieces.dialect == whole.dialect, name


def test_every_real_answer_has_content(corpus: Path) -> None:
    """No stream of a known dialect is without content, but one that says that the provider refused."""
    empty = [
        name
        for name, dialect, data in streams(corpus)
        if dialect is not None and not read_chunks(EVENT_STREAM, [data]).content_chunks
    ]
    assert [name for name in empty if "refus" not in name] == []


def test_no_frame_without_text_is_content(corpus: Path) -> None:
    """A chat chunk without choices is never content, on whatever side of the first real chunk it stands."""
    wrong = [
        name
        for name, dialect, data in streams(corpus)
        if dialect == "openai-chat"
        for item in read_chunks(EVENT_STREAM, [data]).landed
        if item.content and '"choices":[]' in item.event.data
    ]
    assert wrong == []
