"""Cohere's Chat v2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.said import Reasoning, Say, Text
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage
from streamsim.rng import Rng
from tests.dialects.events import event

if TYPE_CHECKING:
    from streamsim.sse import Event

COHERE = BY_NAME["cohere"]


def said(kind: str, message: object, index: int | None = None) -> Event:
    """Return an event of this kind."""
    return event({"type": kind, "index": index, "delta": {"message": message}}, kind)


@pytest.mark.parametrize(
    ("one", "pieces"),
    [
        (said("content-delta", {"content": {"text": "Hi"}}), [Piece("text", "Hi")]),
        (said("content-delta", {"content": {"thinking": "hm"}}), [Piece("reasoning", "hm")]),
        (said("content-delta", {"content": [{"text": "a"}, {"text": "b"}]}), [Piece("text", "a"), Piece("text", "b")]),
        (said("tool-plan-delta", {"tool_plan": "I will"}), [Piece("reasoning", "I will")]),
        (
            said("tool-call-start", {"tool_calls": {"id": "c", "function": {"name": "f", "arguments": ""}}}, 1),
            [Piece("tool", "", call="1", name="f", id="c")],
        ),
        (
            said("tool-call-delta", {"tool_calls": {"function": {"arguments": "{"}}}, 1),
            [Piece("tool", "{", call="1")],
        ),
        (said("tool-call-start", {"tool_calls": {}}), [Piece("tool")]),
        (said("citation-start", {"citations": {"start": 0}}), [Piece("citation", '{"start": 0}')]),
        (said("citation-start", {}), []),
        (said("message-start", {"content": [], "tool_plan": "", "tool_calls": []}), []),
        (event({"type": "content-end", "index": 0}, "content-end"), []),
        (event({"type": "content-delta", "delta": {}}, "content-delta"), []),
    ],
)
def test_deltas_are_pieces(one: Event, pieces: list[Piece]) -> None:
    """Text, thoughts, plans, calls and citations are told; the frames around them are not."""
    assert COHERE.tell(one).pieces == tuple(pieces)


@pytest.mark.parametrize(
    ("delta", "told"),
    [
        (
            {"finish_reason": "COMPLETE", "usage": {"tokens": {"input_tokens": 5.0, "output_tokens": 2.0}}},
            Told(usage=Usage(5, 2, 7), stops=((0, "COMPLETE"),)),
        ),
        ({"finish_reason": "ERROR", "error": "no"}, Told(stops=((0, "ERROR"),), failure=Failure("no", "ERROR"))),
        ({"usage": {"tokens": {"input_tokens": 5}}}, Told(usage=Usage(5))),
        ({"usage": {"billed_units": {}}}, NOTHING),
    ],
)
def test_the_end_tells_reason_and_counts(delta: object, told: Told) -> None:
    """``message-end`` has the reason, the tokens used, and the error."""
    assert COHERE.tell(event({"type": "message-end", "delta": delta}, "message-end")) == told


def test_an_error_instead_of_a_stream_is_told() -> None:
    """An object with nothing but a message is an error; what is neither is nothing."""
    assert COHERE.tell(event({"id": "x", "message": "no"})) == Told(failure=Failure("no"), terminal=True)
    assert COHERE.tell(event({})) == NOTHING
    assert COHERE.tell(event("nonsense")) == NOTHING


def test_thoughts_without_tools_are_a_content() -> None:
    """Where no tool is called there is no plan: thoughts are a content of their own, whole ones too."""
    assert COHERE.writer is not None
    stream = b"".join(one.data for one in COHERE.writer.write(Say((Reasoning("hm"), Text("Hi"))), Rng(1)))
    assert b"tool-plan" not in stream
    assert b'{"type":"thinking","thinking":""}' in stream


def test_errors_have_a_type_where_one_is_told() -> None:
    """An error's type is in its body, without one only the message is."""
    assert COHERE.writer is not None
    assert COHERE.writer.error(Failure("x", "TOO_MANY_TOKENS"), 400)[1].startswith(b'{"error_type":"TOO_MANY_TOKENS"')
    assert b"error_type" not in COHERE.writer.error(Failure("x"), 400)[1]
