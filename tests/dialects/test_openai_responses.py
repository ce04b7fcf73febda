from __future__ import annotations

import json

import pytest

from streamsim.dialects.known.openai_responses import OpenAIResponses
from streamsim.sse import Event

DIALECT = OpenAIResponses()


def both(kind: str, **more: object) -> list[Event]:
    """Return an event of ``kind`` with an event line, and the same without."""
    data = json.dumps({"type": kind, **more})
    return [Event(data, kind), Event(data)]


@pytest.mark.parametrize(
    "kind",
    [
        "response.output_text.delta",
        "response.reasoning_summary_text.delta",
        "response.function_call_arguments.delta",
        "response.refusal.delta",
    ],
)
def test_every_delta_is_content(kind: str) -> None:
    """What a delta event adds is content, whether or not the type has a line of its own."""
    assert [DIALECT.tell(event).content for event in both(kind, delta="Hi")] == ["Hi", "Hi"]


@pytest.mark.parametrize(
    "event",
    [
        *both("response.created", response={"id": "r1"}),
        *both("response.output_text.done", text="Hi"),
        *both("response.output_text.delta", delta=""),
        *both("response.output_text.delta"),
        *both("response.output_text.delta", delta={"no": "text"}),
        Event("{", "response.output_text.delta"),
        Event("{"),
        Event("[DONE]"),
    ],
)
def test_all_else_is_no_content(event: Event) -> None:
    """Events that repeat or announce, and what cannot be read, are not content."""
    assert DIALECT.tell(event).content == ""


def test_it_owns_what_has_its_type() -> None:
    """A type that begins with ``response.`` names the dialect."""
    assert all(DIALECT.owns(event) for event in both("response.in_progress"))
    assert not any(
        DIALECT.owns(event) for event in [*both("error"), *both("message_start"), Event("hello"), Event("{}")]
    )


@pytest.mark.parametrize("kind", ["response.completed", "response.incomplete", "response.failed", "error"])
def test_it_ends_well_or_badly(kind: str) -> None:
    """Completed, incomplete, failed and error end the answer."""
    assert all(DIALECT.tell(event).terminal for event in both(kind))


def test_done_alone_does_not_end_it() -> None:
    """This dialect has no ``[DONE]``, and a finished item is not the end."""
    assert not any(DIALECT.tell(event).terminal for event in [Event("[DONE]"), *both("response.output_item.done")])
