from __future__ import annotations

from streamsim.dialects.generic import Generic
from streamsim.sse import Event


def test_all_data_is_content() -> None:
    """Without knowing more, every event with data is content, but for the customary last one."""
    assert [Generic().tell(Event(data)).content for data in ("hi", "", "[DONE]", '{"a":1}')] == [
        "hi",
        "",
        "",
        '{"a":1}',
    ]


def test_it_claims_nothing_and_ends_with_done() -> None:
    """It is what is left when no dialect owns an event."""
    assert not Generic().owns(Event("[DONE]"))
    assert Generic().tell(Event("[DONE]")).terminal
    assert not Generic().tell(Event("done")).terminal
