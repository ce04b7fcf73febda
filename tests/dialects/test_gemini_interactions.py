"""Gemini's Interactions API."""

from __future__ import annotations

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import claimed
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage
from tests.dialects.events import event

INTERACTIONS = BY_NAME["gemini-interactions"]


def delta(told: object) -> dict[str, object]:
    return {"index": 1, "delta": told, "event_type": "step.delta"}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (delta({"type": "text", "text": "Hi"}), Told((Piece("text", "Hi"),))),
        (delta({"type": "thought_summary", "content": {"text": "hm"}}), Told((Piece("reasoning", "hm"),))),
        (delta({"type": "thought_signature", "signature": "x"}), NOTHING),
        (delta({"type": "arguments_delta", "arguments": "{"}), Told((Piece("tool", "{", call="1"),))),
        (delta({"type": "arguments_delta", "arguments": {"a": 1}}), Told((Piece("tool", '{"a": 1}', call="1"),))),
        (delta({"type": "text_annotation", "annotations": [{"url": "u"}]}), Told((Piece("citation", '{"url": "u"}'),))),
        (
            {"index": 1, "step": {"type": "function_call", "id": "c", "name": "f"}, "event_type": "step.start"},
            Told((Piece("tool", "", call="1", name="f", id="c"),)),
        ),
        (
            {"interaction": {"id": "i", "model": "m", "status": "in_progress"}, "event_type": "interaction.created"},
            Told(id="i", model="m"),
        ),
        (
            {
                "interaction": {"status": "completed", "usage": {"total_input_tokens": 1, "total_thought_tokens": 2}},
                "event_type": "interaction.completed",
            },
            Told(usage=Usage(1, 2, reasoning=2), stops=((0, "completed"),)),
        ),
        (
            {"error": {"message": "no", "code": "c"}, "event_type": "error"},
            Told(failure=Failure("no", code="c"), terminal=True),
        ),
        ("[DONE]", Told(terminal=True)),
        ("x", NOTHING),
    ],
)
def test_steps_are_told(data: object, told: Told) -> None:
    """Texts, summaries of thoughts, calls and sources; at the end status and sums."""
    assert INTERACTIONS.tell(event(data)) == told


def test_pictures_are_media() -> None:
    """A picture is told as it was given."""
    picture = event(delta({"type": "image", "data": "eA=="}))
    assert INTERACTIONS.tell(picture).pieces == (Piece("media", picture.data),)


def test_its_types_tell_it() -> None:
    """``event_type`` names interactions and steps; nothing else is its own."""
    assert claimed(event({"event_type": "step.stop", "index": 0})).name == "gemini-interactions"
    assert not INTERACTIONS.owns(event({"event_type": "other"}))
    rules = [problem.rule for problem in INTERACTIONS.problems([event("x")])]
    assert rules == ["no_message_start", "unknown_event", "finish_missing", "missing_done"]
