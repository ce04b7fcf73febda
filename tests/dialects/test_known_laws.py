"""What holds of every dialect, whatever it is given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.protocol import Clues
from streamsim.dialects.reading import answered, claimed, read_chunks
from streamsim.dialects.said import Error, Reasoning, Say, Text, ToolCall
from streamsim.rng import Rng
from streamsim.sse import Event

if TYPE_CHECKING:
    from streamsim.dialects.protocol import Dialect

# Words of all dialects, so that nonsense comes near to sense.
KEYS = [
    "candidates", "content", "parts", "text", "thought", "functionCall", "name", "args", "finishReason",
    "usageMetadata", "promptFeedback", "error", "message", "delta", "type", "id", "index", "choices", "model",
    "created_at", "done", "response", "tool_calls", "function", "arguments", "jsonrpc", "result", "method", "kind",
    "task", "statusUpdate", "artifact", "status", "state", "final", "taskId", "messageId", "toolCallId",
    "toolCallName", "event_type", "step", "interaction", "usage", "token", "generated_text", "details", "results",
    "model_id", "contentBlockIndex", "start", "toolUse", "stopReason", "bytes", "citation", "run_id", "outcome",
    "input", "inputTextDelta", "errorText", "reason", "errors", "object", "usage_metadata", "groundingMetadata",
    "groundingChunks",
]  # fmt: skip
TYPES = [
    "message", "metadata", "messages", "messages/partial", "error", "end", "done", "output", "chunk", "trace",
    "messageStart", "contentBlockStart", "contentBlockDelta", "messageStop", "throttlingException", "message-start",
    "content-delta", "tool-call-start", "message-end", "values",
]  # fmt: skip
WORDS = [
    "RUN_STARTED", "RUN_ERROR", "RUN_FINISHED", "TEXT_MESSAGE_CONTENT", "TOOL_CALL_ARGS", "text-delta",
    "tool-input-available", "start", "finish", "error", "data-x", "file", "step.delta", "interaction.completed",
    "text", "thought_summary", "arguments_delta", "function_call", "ai", "message-end", "content-delta",
    "citation-start", "text_delta", "tool_use", "STOP", "task", "status-update", "completed", "TASK_STATE_FAILED",
    "2.0", "eyJhIjoxfQ==",
]  # fmt: skip
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 3), st.floats(allow_nan=False), st.sampled_from(WORDS), st.text()
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)),
    max_leaves=12,
)
bodies = st.one_of(
    values.map(json.dumps), st.text(max_size=40), st.sampled_from(("[DONE]", "", "{", "null", "{}", "[[]]"))
)
events = st.builds(Event, bodies, st.sampled_from(TYPES), st.sampled_from(("", "1:2")))
all_clues = st.builds(
    Clues,
    target=st.sampled_from(("/api/generate?x", "/v1/projects/p/publishers/google/models/m:streamGenerateContent", "/")),
    host=st.sampled_from(
        (
            "x.openai.azure.com", "x.services.ai.azure.com", "api.deepseek.com", "api.groq.com", "api.mistral.ai",
            "openrouter.ai", "api.perplexity.ai", "us-aiplatform.googleapis.com", "api.x.ai", "localhost",
        )
    ),
    response=st.lists(
        st.sampled_from(
            (
                ("Content-Type", "Application/JSON; charset=utf-8"), ("X-MS-Region", " East"), ("x-groq-region", "fra"),
                ("Mistral-Correlation-Id", "1"), ("x-generation-id", "Gen-1"), ("content-type", "text/event-stream"),
            )
        ),
        max_size=3,
    ).map(tuple),
    comments=st.lists(st.sampled_from(("OPENROUTER PROCESSING", "ping")), max_size=2).map(tuple),
)  # fmt: skip

each = pytest.mark.parametrize("dialect", BY_NAME.values(), ids=lambda dialect: dialect.name)


@each
@given(st.lists(events, max_size=4))
def test_no_body_makes_reading_raise(dialect: Dialect, stream: list[Event]) -> None:
    """Whatever the events, there is an answer, a verdict, and a list of problems."""
    for event in stream:
        dialect.owns(event)
        dialect.marks(event)
        told = dialect.with_text(event, "x")
        assert told is None or isinstance(told, str)
    assert isinstance(answered(dialect, stream).complete, bool)
    for problem in dialect.problems(stream):
        assert problem.event is None or 0 <= problem.event < len(stream)
        assert problem.rule
        assert problem.message


@each
@pytest.mark.parametrize("kind", ["message", "messages", "chunk", "error"])
def test_no_depth_makes_reading_raise(dialect: Dialect, kind: str) -> None:
    """Brackets without end are nothing to be read."""
    for head in (
        '{"candidates":',
        '{"jsonrpc":"2.0","result":',
        '{"choices":[{"delta":',
        '{"error":',
        '{"type":"error","x":',
    ):
        event = Event(head + "[" * 200_000, kind)
        dialect.tell(event)
        dialect.problems([event])
        assert not dialect.owns(event) or kind != "message"


@given(bodies.map(Event))
@example(
    Event('{"jsonrpc":"2.0","id":1,"result":{"kind":"task","id":"t","contextId":"c","status":{"state":"working"}}}')
)
def test_no_two_families_own_an_event(event: Event) -> None:
    """What one family owns no other one does, so that their order does not matter.

    An event that is named as one family's and holds another's data is nonsense, and anybody's.
    """
    assert len([dialect.name for dialect in BY_NAME.values() if not dialect.family and dialect.owns(event)]) <= 1


def claims(event: Event, clues: Clues) -> set[Dialect]:
    families = {each for each in BY_NAME.values() if not each.family and each.owns(event)}
    return families | {each for each in BY_NAME.values() if each.family and (each.marks(event) or each.suits(clues))}


@given(events, all_clues)
@example(Event(r'{"\u006fbject":"chat.completion\u002echunk"}'), Clues())
def test_who_claims_an_event_has_a_word_in_it(event: Event, clues: Clues) -> None:
    """Whoever owns an event, is marked by it or suits its clues is among those that are asked."""
    assert claims(event, clues) <= set(BY_NAME.near(event, clues))


@pytest.mark.parametrize("name", [name for name, dialect in BY_NAME.items() if dialect.writer is not None])
def test_who_writes_an_event_has_a_word_in_it(name: str) -> None:
    """The same of what each dialect writes itself, an error among it."""
    writer = BY_NAME[name].writer
    assert writer is not None
    said = Say((Reasoning("hm"), Text("Hi"), ToolCall("look", '{"a":"b"}'), Error("no", "x")))
    dice = Rng(1)
    clues = Clues(response=writer.headers(dice, stream=True))
    for item in read_chunks(clues.response, [one.data for one in writer.write(said, dice)]).landed:
        assert claims(item.event, clues) <= set(BY_NAME.near(item.event, clues))


@each
def test_no_events_are_no_answer(dialect: Dialect) -> None:
    """A stream without events is of no dialect complete."""
    assert not dialect.complete([])
    assert claimed(Event("")).name == "generic"


@each
def test_a_variation_has_a_family(dialect: Dialect) -> None:
    """A variation varies a dialect that varies none; it alone has clues."""
    assert dialect.family == "" or BY_NAME[dialect.family].family == ""
    assert dialect.family != "" or not dialect.suits(Clues())
