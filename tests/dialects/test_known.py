"""What holds for every dialect that is known."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from streamsim.dialects import known
from streamsim.dialects.generic import GENERIC
from streamsim.dialects.known import BY_NAME, WHOLE_AT, Known
from streamsim.dialects.known._signs import SIGNS
from streamsim.dialects.protocol import Clues
from streamsim.dialects.reading import claimed, comments_of, read_chunks
from streamsim.sse import Event
from tests.builders import EVENT_STREAM, chat, sse

MODULES = sorted(Path(known.__path__[0]).glob("[a-z]*.py"))
VARIATIONS = [dialect for dialect in BY_NAME.values() if dialect.family]
CHUNK = Event('{"object":"chat.completion.chunk","choices":[]}')


def test_every_module_here_is_known() -> None:
    """A file is all that a dialect needs to be found, and names are its own."""
    assert {type(dialect).__module__.rpartition(".")[2] for dialect in BY_NAME.values()} == {
        module.stem for module in MODULES
    }
    assert list(BY_NAME) == sorted(BY_NAME) == [dialect.name for dialect in BY_NAME.values()]
    assert len(BY_NAME) == len(set(BY_NAME))
    assert all(BY_NAME[dialect.family].family == "" for dialect in VARIATIONS)


def test_every_dialect_here_has_a_sign() -> None:
    """All are loaded when somebody asks for them, and what is said of them before is what they say."""
    assert set(SIGNS) == set(BY_NAME)
    pairs = {pair for dialect in BY_NAME.values() for pair in dialect.whole_at}
    assert set(WHOLE_AT) == pairs
    assert len(WHOLE_AT) == len(pairs)
    assert "parrot" not in BY_NAME
    with pytest.raises(KeyError):
        BY_NAME["parrot"]


def test_without_a_sign_a_dialect_is_always_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is enough: it is loaded at once, and may own whatever comes."""
    monkeypatch.delitem(SIGNS, "mcp")
    known = Known()
    assert list(known) == list(BY_NAME)
    assert known["mcp"] is BY_NAME["mcp"]
    assert known["mcp"] in known.near(Event("hello"), Clues())
    assert known["a2a"] not in known.near(Event("hello"), Clues())


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_dialect_knows_no_other_but_its_family(module: Path) -> None:
    """Of the public modules here it imports that of the dialect it varies, or none."""
    prefix = f"{known.__name__}."
    imported = {
        node.module.removeprefix(prefix)
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith(prefix)
    }
    families = {
        type(BY_NAME[dialect.family]).__module__.removeprefix(prefix)
        for dialect in VARIATIONS
        if type(dialect).__module__ == prefix + module.stem
    }
    assert {name for name in imported if not name.startswith("_")} <= families


@pytest.mark.parametrize(
    ("clues", "name"),
    [
        (Clues(), "openai-chat"),
        (Clues(host="api.openai.com"), "openai-chat"),
        (Clues(host="api.deepseek.com"), "deepseek"),
        (Clues(host="x.openai.azure.com"), "azure-openai"),
        (Clues(response=(("X-Ms-Region", "East US"),)), "azure-openai"),
        (Clues(host="api.groq.com"), "groq"),
        (Clues(response=(("x-groq-region", "fra"),)), "groq"),
        (Clues(host="api.x.ai"), "xai"),
        (Clues(host="api.perplexity.ai"), "perplexity"),
        (Clues(host="openrouter.ai"), "openrouter"),
        (Clues(comments=("OPENROUTER PROCESSING",)), "openrouter"),
        (Clues(response=(("x-generation-id", "gen-1"),)), "openrouter"),
    ],
)
def test_clues_tell_the_variation(clues: Clues, name: str) -> None:
    """What the event leaves open, the host, a header or a comment decides."""
    assert claimed(CHUNK, clues).name == name


def test_clues_count_more_than_marks() -> None:
    """A provider that passes on another one's events is told by its host; without clues the event decides."""
    event = Event('{"object":"chat.completion.chunk","model":"grok-4","choices":[]}')
    assert claimed(event).name == "xai"
    assert claimed(event, Clues(host="x.services.ai.azure.com")).name == "azure-openai"
    assert claimed(Event("hello"), Clues(host="api.groq.com")) is GENERIC


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_comments_before_the_first_event_are_clues(size: int) -> None:
    """However they were cut, the reader has seen them when the first event comes; later ones are none."""
    body = b": OPENROUTER PROCESSING\n\n" + b"".join(chat("Hi"))
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    assert read_chunks(EVENT_STREAM, pieces).dialect == "openrouter"
    assert read_chunks(EVENT_STREAM, [*chat("Hi"), b": OPENROUTER PROCESSING\n\n"]).dialect == "openai-chat"


def test_comments_are_read_without_their_colon() -> None:
    """A colon and one space go; what follows the first other line is not looked at."""
    assert comments_of(b": a\r\n:b\n\n:\ndata: x\n: c\n") == ("a", "b", "")


def test_a_stream_is_asked_for_its_dialect_only_so_often() -> None:
    """After 64 events that nobody owns it stays generic."""
    early, late = [*sse("x") * 63, *chat("Hi")], [*sse("x") * 64, *chat("Hi")]
    assert read_chunks(EVENT_STREAM, early).dialect == "openai-chat"
    assert read_chunks(EVENT_STREAM, late).dialect == "generic"
