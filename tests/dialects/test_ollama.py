"""Ollama's own API."""

from __future__ import annotations

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.protocol import Clues, Problem
from streamsim.dialects.reading import claimed
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage
from tests.dialects.events import event

OLLAMA = BY_NAME["ollama"]
HEAD = {"model": "m", "created_at": "2026"}
LAST = event(HEAD | {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"})
CALL = {"function": {"name": "f", "arguments": {"a": 1}}}
FIRST_CALL = {"id": "c", "function": {"index": 0, "name": "f", "arguments": {}}}


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ({"message": {"content": "Hi"}}, [Piece("text", "Hi")]),
        ({"message": {"content": "", "thinking": "hm"}}, [Piece("reasoning", "hm")]),
        ({"response": "Hi", "thinking": "hm"}, [Piece("reasoning", "hm"), Piece("text", "Hi")]),
        ({"message": {"tool_calls": [CALL]}}, [Piece("tool", '{"a": 1}', name="f")]),
        ({"message": {"tool_calls": [FIRST_CALL]}}, [Piece("tool", "{}", call="c", name="f", id="c")]),
        ({"message": {"images": ["eA=="]}}, [Piece("media", "eA==")]),
        ({"image": "eA=="}, [Piece("media", "eA==")]),
    ],
)
def test_lines_are_pieces(line: dict[str, object], pieces: list[Piece]) -> None:
    """Chat and generate tell text, thoughts, whole calls and pictures."""
    assert OLLAMA.tell(event(HEAD | line | {"done": False})) == Told(tuple(pieces), model="m")


def test_the_last_line_has_all_else() -> None:
    """Reason and counts come with ``done: true``."""
    line = HEAD | {"response": "", "done": True, "done_reason": "length", "prompt_eval_count": 3, "eval_count": 5}
    assert OLLAMA.tell(event(line)) == Told(usage=Usage(3, 5), stops=((0, "length"),), model="m", terminal=True)


def test_an_error_is_a_line() -> None:
    """A line with nothing but an error ends the answer."""
    assert OLLAMA.tell(event({"error": "no"})) == Told(failure=Failure("no"), terminal=True)


@pytest.mark.parametrize(
    ("data", "dialect"),
    [
        (HEAD | {"message": {"content": "x"}, "done": False}, "ollama"),
        (HEAD | {"response": "x", "done": False}, "ollama-generate"),
        ({"status": "pulling manifest"}, "ollama"),
        ({"status": "pulling x", "digest": "x", "total": 1, "completed": 0}, "ollama"),
        ({"status": "ok", "else": 1}, "generic"),
        ({"model": "m", "done": True}, "generic"),
        ({"model": "m"}, "generic"),
        ("nonsense", "generic"),
    ],
)
def test_its_lines_are_known(data: object, dialect: str) -> None:
    """A line is known by ``done``, model and time, a pull by its fields."""
    assert claimed(event(data)).name == dialect


def test_the_target_tells_generate() -> None:
    """A stream of ``/api/generate`` is its own variation."""
    assert claimed(LAST, Clues(target="/api/generate")).name == "ollama-generate"


def test_problems() -> None:
    """What is no object, what follows the last line, and a last line that is missing break the grammar."""
    assert OLLAMA.problems([LAST]) == []
    assert OLLAMA.problems([event("x"), LAST, LAST]) == [
        Problem(0, "not_json", "the line is no JSON object"),
        Problem(2, "content_after_finish", "a line comes after the last one"),
    ]
    assert OLLAMA.problems([]) == [Problem(None, "finish_missing", "no line has done: true")]
    assert OLLAMA.tell(event("x")) == NOTHING
