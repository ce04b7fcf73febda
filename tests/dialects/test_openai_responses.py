from __future__ import annotations

import json

import pytest

from streamsim.dialects.answer import gather
from streamsim.dialects.known._responses_writing import ResponsesWriter
from streamsim.dialects.known.openai_responses import OpenAIResponses
from streamsim.dialects.told import Failure, Piece, Told
from streamsim.rng import Rng
from streamsim.sse import Event, Parser

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


def test_an_error_goes_on_from_what_came() -> None:
    """The error and the failed response are numbered on, and the response is the one that was created."""
    writer = DIALECT.writer
    assert writer is not None
    before = [Event('{"type":"response.created","response":{"id":"r1","status":"in_progress"}}'), Event("{}")]
    told = writer.error_event(Failure("it broke", "rate_limit"), before)
    assert told is not None
    first, last = (json.loads(data) for data in _data(told))
    assert (first["type"], first["code"], first["sequence_number"]) == ("error", "rate_limit", 2)
    assert (last["type"], last["sequence_number"]) == ("response.failed", 3)
    assert (last["response"]["id"], last["response"]["status"]) == ("r1", "failed")
    unknown = writer.error_event(Failure("it broke"), [])
    assert unknown is not None
    assert [json.loads(data)["sequence_number"] for data in _data(unknown)] == [0, 1]


def test_an_incomplete_end_says_why() -> None:
    """The response that was created is incomplete for a reason, and numbered on."""
    told = ResponsesWriter().incomplete_event("max_output_tokens", [Event('{"response":{"id":"r1"}}')])
    (last,) = (DIALECT.tell(event) for event in Parser().feed(told))
    assert (last.id, last.stops, last.terminal) == ("r1", ((0, "max_output_tokens"),), True)


def test_what_an_item_cannot_say_is_left_out_of_a_whole_answer() -> None:
    """References and pictures of another dialect's answer have no item of their own."""
    answer = gather([Told((Piece("citation", "{}"), Piece("text", "Hi"), Piece("media", "x")))])
    whole = json.loads(ResponsesWriter().whole(answer, Rng(1, "x")))
    assert [item["type"] for item in whole["output"]] == ["message"]


def test_only_a_growing_text_is_replaced() -> None:
    """A delta gets another one; what has none stays."""
    (event, _) = both("response.output_text.delta", delta="x")
    assert DIALECT.with_text(event, "new") == event.data.replace('"x"', '"new"')
    assert DIALECT.with_text(both("response.created", response={"id": "r1"})[0], "new") is None


def _data(frames: bytes) -> list[str]:
    return [event.data for event in Parser().feed(frames)]
