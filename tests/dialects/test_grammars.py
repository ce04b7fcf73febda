"""What each grammar finds wrong in an answer that was written well and then spoilt in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.said import Say, Text, ToolCall
from streamsim.rng import Rng
from streamsim.sse import Event, parse

if TYPE_CHECKING:
    from collections.abc import Callable

SAY = Say((Text("Well"), ToolCall("look", "{}")))


def events(name: str) -> list[Event]:
    writer = BY_NAME[name].writer
    assert writer is not None
    return parse(b"".join(item.data for item in writer.write(SAY, Rng(1))))


def rules(name: str, told: list[Event]) -> list[tuple[int | None, str]]:
    return [(problem.event, problem.rule) for problem in BY_NAME[name].problems(told)]


def without(*gone: int) -> Callable[[list[Event]], list[Event]]:
    return lambda told: [event for nth, event in enumerate(told) if nth not in {at % len(told) for at in gone}]


def put(at: int, data: str, kind: str = "message") -> Callable[[list[Event]], list[Event]]:
    return lambda told: [*told[:at], Event(data, kind), *told[at:]]


def changed(at: int, old: str, new: str) -> Callable[[list[Event]], list[Event]]:
    return lambda told: [
        Event(event.data.replace(old, new) if nth == at % len(told) else event.data, event.type)
        for nth, event in enumerate(told)
    ]


def again(at: int) -> Callable[[list[Event]], list[Event]]:
    return lambda told: [*told[: at % len(told)], told[at], *told[at % len(told) :]]


TOLD = '{"choices":[{"index":0,"delta":{"content":"x"}}]}'
CHAT = [
    (lambda told: told, []),
    (without(-1), [(None, "missing_done")]),
    (without(-3), [(None, "finish_missing")]),
    (again(-1), [(7, "duplicate_done")]),
    (again(-3), [(5, "finish_repeated")]),
    (lambda told: [*told, Event(TOLD)], [(7, "data_after_done")]),
    (put(5, TOLD), [(5, "content_after_finish")]),
    (put(1, "null"), [(1, "null_chunk")]),
    (put(1, "{"), [(1, "not_json")]),
    (put(1, '{"choices":null}'), [(1, "choices_null")]),
    (put(1, '{"choices":[{"delta":null}]}'), [(1, "delta_null")]),
    (put(1, '{"a":NaN}'), [(1, "not_json")]),
    (changed(3, '"index":0,"function"', '"function"'), [(3, "tool_index_missing"), (3, "tool_name_late")]),
    (without(2), [(2, "tool_name_late")]),
]
MESSAGES = [
    (lambda told: told, []),
    (without(-1), [(None, "no_message_stop")]),
    (without(-2), [(None, "no_message_delta")]),
    (without(0), [(0, "no_message_start")]),
    (lambda _: [], [(None, "no_message_start"), (None, "no_message_delta"), (None, "no_message_stop")]),
    (again(0), [(1, "message_start_repeated")]),
    (without(1), [(2, "delta_before_start"), (3, "stop_before_start"), (4, "block_index_gap")]),
    (without(4), [(4, "block_not_stopped"), (8, "block_not_stopped")]),
    (without(-3), [(8, "block_not_stopped")]),
    (changed(-2, '"tool_use"', "null"), [(None, "finish_missing")]),
    (again(-2), [(10, "finish_repeated")]),
    (lambda told: [*told, told[3]], [(11, "data_after_stop")]),
    (put(10, '{"type":"content_block_delta","index":0}', "content_block_delta"), [(10, "content_after_finish")]),
    (put(1, "{}", "novelty"), [(1, "unknown_event")]),
    (put(1, "{", "content_block_stop"), [(1, "not_json"), (1, "stop_before_start")]),
    (changed(-1, "message_stop", "else"), [(10, "type_mismatch")]),
    (lambda told: [*told[:4], Event("{}", "error")], []),
]
RESPONSES = [
    (lambda told: told, []),
    (without(-1), [(None, "no_last_event")]),
    (without(3), [(3, "sequence_gap")]),
    (without(0), [(0, "no_created")]),
    (without(2), [(2, "sequence_gap"), (3, "delta_before_start"), (6, "done_before_added")]),
    (without(7), [(7, "sequence_gap"), (11, "item_not_done")]),
    (lambda told: told[:6], [(None, "item_not_done"), (None, "no_last_event")]),
    (lambda told: [*told, told[4]], [(13, "data_after_end")]),
    (put(1, '{"type":"novelty"}'), [(1, "unknown_event")]),
    (put(1, "{"), [(1, "not_json")]),
    (put(3, '{"type":"response.output_item.added","output_index":0}'), [(3, "item_repeated")]),
    (put(8, '{"type":"response.output_text.delta","output_index":0}'), [(8, "content_after_done")]),
    (changed(4, '"type":"response.output_text.delta"', '"type":"response.x"'), [(4, "type_mismatch")]),
    (lambda told: [*told[:4], Event('{"type":"error"}', "error"), Event('{"type":"response.failed"}')], []),
]


@pytest.mark.parametrize(
    ("name", "spoil", "found"),
    [
        (name, *case)
        for name, cases in (("openai-chat", CHAT), ("anthropic", MESSAGES), ("openai-responses", RESPONSES))
        for case in cases
    ],
)
def test_what_is_wrong_is_named_where_it_is(
    name: str, spoil: Callable[[list[Event]], list[Event]], found: list[tuple[int | None, str]]
) -> None:
    """Each breach of the grammar has its rule and event, what is missing none; a good answer has none."""
    assert rules(name, spoil(events(name))) == found


@pytest.mark.parametrize("name", sorted(BY_NAME))
@pytest.mark.parametrize(
    "data", ["", "{", "null", "[]", "5", '"x"', '{"choices":5}', '{"delta":5}', '{"error":5}', '{"delta":"\\ud800"}']
)
def test_no_body_makes_reading_raise(name: str, data: str) -> None:
    """Whatever an event says, a dialect tells something of it, or nothing."""
    dialect = BY_NAME[name]
    for kind in ("message", "error", "content_block_delta", "response.completed", "response.output_text.delta"):
        event = Event(data, kind)
        dialect.owns(event)
        dialect.marks(event)
        dialect.tell(event)
        dialect.with_text(event, "x")
        dialect.problems([event])
        dialect.complete([event])
