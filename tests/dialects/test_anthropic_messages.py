from __future__ import annotations

import json

import pytest

from streamsim.dialects.known.anthropic_messages import AnthropicMessages
from streamsim.dialects.told import Piece
from streamsim.sse import Event

DIALECT = AnthropicMessages()


def delta(**fields: object) -> Event:
    return Event(json.dumps({"type": "content_block_delta", "index": 0, "delta": fields}), "content_block_delta")


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (delta(type="text_delta", text="Hi"), "Hi"),
        (delta(type="thinking_delta", thinking="hm"), "hm"),
        (delta(type="input_json_delta", partial_json='{"a"'), '{"a"'),
        (delta(type="input_json_delta", partial_json=""), ""),
        (delta(type="signature_delta", signature="c2ln"), ""),
        (delta(type="citations_delta", citation={"cited_text": "x"}), ""),
        (Event('{"type":"content_block_delta"}', "content_block_delta"), ""),
        (Event('{"delta":5}', "content_block_delta"), ""),
        (Event("", "content_block_delta"), ""),
        (Event('{"type":"message_delta","delta":{"stop_reason":"end_turn"}}', "message_delta"), ""),
        (Event('{"type":"content_block_start","content_block":{"text":""}}', "content_block_start"), ""),
        (Event('{"type": "ping"}', "ping"), ""),
    ],
)
def test_what_a_block_grows_by_is_content(event: Event, text: str) -> None:
    """Text, thinking and tool arguments are content; signatures, pings and frames around blocks are not."""
    assert DIALECT.tell(event).content == text


def test_it_owns_what_has_its_types() -> None:
    """Its own event types name the dialect; pings and errors, which others have too, do not."""
    own = ["message_start", "content_block_start", "content_block_delta", "message_delta", "message_stop"]
    assert all(DIALECT.owns(Event("{}", kind)) for kind in own)
    assert not any(DIALECT.owns(Event("{}", kind)) for kind in ("ping", "error", "message", "response.created"))


def test_it_ends_well_or_badly() -> None:
    """The last event is ``message_stop``, or ``error``."""
    kinds = ["message_start", "message_delta", "ping", "message_stop", "error"]
    assert [kind for kind in kinds if DIALECT.tell(Event("{}", kind)).terminal] == ["message_stop", "error"]


@pytest.mark.parametrize("kind", ["message_start", "content_block_start", "content_block_delta", "message_delta"])
def test_what_is_missing_tells_nothing(kind: str) -> None:
    """An event without its body is taken for one that says nothing."""
    told = DIALECT.tell(Event("{}", kind))
    assert (told.content, told.usage, told.stops, told.failure) == ("", None, (), None)


def test_a_citation_is_told_whole() -> None:
    """A reference is the provider's own JSON; one that is null is none."""
    assert DIALECT.tell(delta(type="citations_delta", citation={"cited_text": "x"})).pieces == (
        Piece("citation", '{"cited_text": "x"}'),
    )
    assert DIALECT.tell(delta(type="citations_delta", citation=None)).pieces == ()


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (delta(type="text_delta", text="x"), delta(type="text_delta", text="new")),
        (delta(type="input_json_delta", partial_json="x"), delta(type="input_json_delta", partial_json="new")),
        (delta(type="signature_delta", signature="x"), None),
        (Event("{}", "content_block_delta"), None),
        (Event("{}", "message_start"), None),
    ],
)
def test_only_a_growing_text_is_replaced(event: Event, told: Event | None) -> None:
    """A delta of text, thought or arguments gets another one; what has none stays."""
    assert DIALECT.with_text(event, "new") == (told.data if told else None)
