from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import read
from streamsim.dialects.said import Say, Text, ToolCall
from streamsim.errors import PlanError, UsageError
from streamsim.plan.faults import CATALOGUE, parse_fault
from streamsim.plan.faults.catalogue import GROUPS
from tests.builders import chat, sse
from tests.plan.faults.bodies import CHAT, GZIPPED, NO_STREAM, data, sent, stream
from tests.plan.faults.scenes import plan
from tests.plan.faults.spoken import WRITTEN, faulty, real, summed, written

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [*GROUPS["Meaning"], *GROUPS["Tool calls"], *GROUPS["Sequence"]]
GEMINI, ARRAY, OLLAMA = written("gemini"), written("gemini-array"), written("ollama")
ANTHROPIC, COHERE, RESPONSES = written("anthropic"), written("cohere"), written("openai-responses")
CALLS = Say((ToolCall("f", '{"x": "pqrstuvw"}'), ToolCall("g", '{"y": 1}')))
# What of the written answer of each dialect has room for what.
WITH_LISTS = (
    "azure-openai deepseek gemini groq mistral openai-chat openai-completions openrouter perplexity vertex vllm xai"
)
WITH_BLOCKS = "anthropic bedrock-converse cohere openai-responses gemini-interactions"


def objects(reading: Any) -> list[Any]:
    """Return the JSON of each event."""
    return [
        json.loads(event.data) for event in reading.events if event.data[:1] in ("{", "[") and event.data != "[DONE]"
    ]


def outcome(name: str, fault: str) -> str:
    return plan(written(name), fault).outcomes[0]


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("fault", NAMES)
def test_every_dialect_can_be_asked_for_every_fault(name: str, fault: str) -> None:
    """It strikes, or misses with a reason and changes nothing; twice it is the same."""
    one = written(name)
    result = plan(one, fault)
    assert result == plan(one, fault)
    if result.outcomes == ["missed"]:
        assert result.applied[0].problem
        assert result.timeline == one.timeline()


@pytest.mark.corpus
@pytest.mark.parametrize("fault", NAMES)
def test_real_streams_can_be_asked_for_every_fault(corpus: Path, fault: str) -> None:
    """Of every provider: what is not struck stays as it was, and something is in some streams."""
    struck = 0
    for name, one in list(real(corpus))[::5]:
        result = plan(one, fault)
        struck += result.outcomes == ["applied"]
        assert result.outcomes == ["applied"] or result.timeline == one.timeline(), name
    assert struck


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        ("choices_empty", WITH_LISTS),
        ("choices_null", WITH_LISTS),
        ("finish_every_chunk", f"{WITH_LISTS} ollama ollama-generate"),
        ("block_index_gap", "anthropic bedrock-converse cohere openai-responses gemini-interactions"),
        ("delta_before_start", f"{WITH_BLOCKS} ag-ui ui-messages"),
        ("no_message_start", f"{WITH_BLOCKS} ag-ui ui-messages"),
        ("no_message_delta", "anthropic"),
        ("tool_interleaved", f"{WITH_BLOCKS} ag-ui azure-openai deepseek openai-chat openrouter perplexity vllm"),
        (
            "tool_args_truncated",
            f"{WITH_BLOCKS} ag-ui deepseek groq mistral openai-chat openrouter perplexity vllm xai",
        ),
    ],
)
def test_where_a_fault_makes_sense_it_strikes(fault: str, names: str) -> None:
    """In these dialects."""
    assert {name: outcome(name, fault) for name in names.split()} == dict.fromkeys(names.split(), "applied")


@pytest.mark.parametrize("name", NAMES)
def test_a_compressed_recording_has_nothing_to_say(name: str) -> None:
    """It is left alone, and the plan says why."""
    for one in (GZIPPED, NO_STREAM):
        result = plan(one, name)
        assert result.outcomes == ["missed"]
        assert result.timeline == one.timeline()
        assert result.applied[0].problem


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("choices_null:at_event=5", "choices_null: event 5 is none with a list of choices; give one of 0, 1, 2, 3, 4"),
        ("finish_missing:at_event=0", "finish_missing: event 0 is none with a reason to finish; give one of 3"),
        ("no_message_start:at_event=0", "no_message_start: event 0 is none that opens the answer; give no place"),
        ("cumulative_delta:at=headers", "cumulative_delta: event 0 is none that grows by one text; give one of 1, 2"),
    ],
)
def test_a_place_where_nothing_can_be_struck_is_an_error(fault: str, message: str) -> None:
    """It says which events could be."""
    with pytest.raises(PlanError) as raised:
        plan(CHAT, fault)
    assert str(raised.value) == message


def test_many_events_that_could_be_struck_are_not_all_listed() -> None:
    """Five are enough to see the point."""
    with pytest.raises(PlanError, match=r"give one of 0, 1, 2, 3, 4, …$"):
        plan(stream(*chat(*"abcdef")), "choices_null:at=terminal")


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("choices_empty", "no event has a list of choices"),
        ("content_key_absent", "no event grows by one text"),
        ("content_after_finish", "no event only grows by one text"),
        ("tool_index_collision", "the recording has no two tool calls with an index each"),
        ("tool_delta_dropped", "there is no event between others that add to a tool call's arguments"),
    ],
)
def test_what_is_missing_is_said(fault: str, problem: str) -> None:
    """A stream of which nothing is known has none of it."""
    assert plan(stream(*sse("one", "two", "[DONE]")), fault).applied[0].problem == problem


def test_there_must_be_an_end_for_something_to_come_after_it() -> None:
    """Else a place must be given."""
    one = stream(*chat("a", "b")[:3])
    assert plan(one, "content_after_finish").applied[0].problem == "no event tells the end"
    assert data(plan(one, "content_after_finish:at_event=3"))[-1] == data(plan(one))[-1]


def test_what_lies_behind_a_closing_is_not_struck() -> None:
    """Whether it has a place or not."""
    for fault in ("finish_missing", "tool_args_truncated", "resplit", "missing_done", "block_index_gap"):
        one = ANTHROPIC
        assert plan(one, fault, "reset_peer:at_event=1").outcomes == ["not reached", "applied"]
    assert plan(ANTHROPIC, "cumulative_delta", "reset_peer:at_event=8").outcomes == ["applied", "applied"]


def test_what_was_dropped_before_is_not_struck() -> None:
    """Nothing comes back, and nothing breaks."""
    for fault in NAMES:
        for one in (CHAT, ANTHROPIC, written("openai-chat")):
            assert plan(one, "drop:probability=1", fault).outcomes[0] == "applied"


def test_gemini_has_candidates() -> None:
    """Its lists, contents and reasons are spelt otherwise."""
    null = objects(faulty(GEMINI, "choices_null:at_event=1"))[1]
    assert null["candidates"] is None
    assert "content" not in objects(faulty(GEMINI, "delta_null:form=missing,at_event=1"))[1]["candidates"][0]
    assert all(told["candidates"][0].get("finishReason") for told in objects(faulty(GEMINI, "finish_every_chunk"))[:3])
    usage = objects(faulty(GEMINI, "choices_empty:form=usage,at_event=0"))[0]
    assert usage["candidates"] == []
    assert usage["usageMetadata"]["totalTokenCount"] == 2
    nan = next(event.data for event in faulty(GEMINI, "nonfinite_json:value=nan").events if "NaN" in event.data)
    assert '"avgLogprobs": NaN' in nan


@pytest.mark.parametrize("fault", ["choices_empty", "content_key_absent", "content_after_finish", "duplicate_done"])
def test_an_array_stays_one(fault: str) -> None:
    """What is inserted or repeated stands between brackets and commas."""
    result = plan(ARRAY, fault)
    assert result.outcomes == ["applied"]
    assert len(json.loads(result.body)) == len(json.loads(plan(ARRAY).body)) + 1


@pytest.mark.parametrize("fault", ["resplit:by=all", "resplit", "missing_done", "choices_null:at_event=0"])
def test_an_array_begins_with_its_first_element(fault: str) -> None:
    """Also where that is another one."""
    assert isinstance(json.loads(plan(ARRAY, fault).body), list)


def test_what_an_array_has_no_room_for() -> None:
    """Its elements are objects without a name."""
    for fault in ("null_chunk", "unknown_event"):
        assert plan(ARRAY, fault).applied[0].problem.endswith(", and the recorded body is a JSON array")


def test_json_lines_are_lines() -> None:
    """Ollama's."""
    assert sent(plan(OLLAMA, "null_chunk:at_event=0"))[0].startswith(b'null\n{"model"')
    assert sent(plan(OLLAMA, "unknown_event:at_event=0"))[0].startswith(b'{"type":"brand_new"}\n{"model"')
    assert objects(faulty(OLLAMA, "delta_null:at_event=1"))[1]["message"] is None
    told = objects(faulty(OLLAMA, "finish_every_chunk"))
    assert (told[0]["done"], told[0]["done_reason"]) == (False, told[-1]["done_reason"])


def test_a_binary_stream_keeps_its_checksums() -> None:
    """Of AWS event streams every frame is an event still."""
    one = written("bedrock-converse")
    for fault in ("delta_null", "unknown_event", "cumulative_delta", "content_after_finish", "block_index_gap"):
        assert len(faulty(one, fault).events) == len(read(one).events) + (
            fault in ("unknown_event", "content_after_finish")
        )
    assert faulty(one, "unknown_event:at_event=0").events[0].type == "brand_new"


def test_calls_in_blocks_collide_whole() -> None:
    """Opening, increments and end of the second call have the number of the first."""
    told = objects(faulty(ANTHROPIC, "tool_index_collision"))
    numbers = [each["index"] for each in told if each["type"].startswith("content_block")]
    assert numbers == sorted(numbers)
    assert max(numbers) == 2
    assert "{" in faulty(ANTHROPIC, "tool_index_collision").answer().first.calls[0].text


@pytest.mark.parametrize(
    ("name", "index", "block", "kind"),
    [
        ("anthropic", "index", "content_block", "tool_use"),
        ("openai-responses", "output_index", "item", "function_call"),
    ],
)
def test_calls_in_blocks_lose_their_index_whole(name: str, index: str, block: str, kind: str) -> None:
    """Nothing about a call's block says which it is, not its opening, its end or an empty increment; others do."""
    told = objects(read(written(name)))
    calls = {each[index] for each in told if each.get(block, {}).get("type") == kind}
    assert len(calls) == 2
    lost = [{key: each[key] for key in each if key != index or each[key] not in calls} for each in told]
    assert objects(faulty(written(name), "tool_index_missing")) == lost


@pytest.mark.parametrize(
    "name", ["anthropic", "cohere", "openai-responses", "openai-chat", "ag-ui", "bedrock-converse"]
)
def test_interleaved_calls_are_the_same_calls(name: str) -> None:
    """Each is whole, from its opening to its end, and Responses' numbers stay in order."""
    one = written(name, CALLS)
    told = faulty(one, "tool_interleaved")
    assert summed(told.answer()) == summed(read(one).answer())
    # One block is open while another one grows: in Anthropic's grammar that is wrong already.
    assert {problem.rule for problem in told.spoken.problems(told.events)} <= {"block_not_stopped"}
    keys = [piece.call for item in told.landed for piece in item.told.pieces if piece.kind == "tool"]
    assert keys[:4] in ([keys[0], keys[1]] * 2, [keys[0], keys[1], keys[0], keys[0]])


def test_calls_that_share_an_event_cannot_be_interleaved() -> None:
    """Mistral's come in one."""
    assert outcome("mistral", "tool_interleaved") == "missed"


@pytest.mark.parametrize("name", ["anthropic", "openai-chat", "mistral", "openai-responses", "cohere", "groq", "ag-ui"])
def test_truncated_arguments_are_a_beginning(name: str) -> None:
    """Of the last call, in the end as it is told on the way; the first one is whole."""
    one = written(name, CALLS)
    before, after = (reading.answer().first.calls for reading in (read(one), faulty(one, "tool_args_truncated")))
    assert after[0].text == before[0].text
    assert after[1].text == before[1].text[: len(before[1].text) // 2]
    assert json.dumps(before[1].text)[1:-1].encode() not in plan(one, "tool_args_truncated").body


@pytest.mark.parametrize("name", ["anthropic", "openai-chat", "openai-responses", "cohere"])
def test_what_is_left_without_an_increment_is_valid(name: str) -> None:
    """A shorter string inside, and nothing to see."""
    one = written(name, CALLS)
    before, after = (reading.answer().first.calls for reading in (read(one), faulty(one, "tool_delta_dropped")))
    assert len(after[0].text) + len(after[1].text) < len(before[0].text) + len(before[1].text)
    assert {*json.loads(after[0].text), *json.loads(after[1].text)} == {"x", "y"}


def test_where_no_increment_can_be_spared_any_is_lost() -> None:
    """The arguments are broken then."""
    call = '{"object":"chat.completion.chunk","choices":[{"delta":{"tool_calls":[{"index":0,"function":{%s}}]}}]}'
    parts = ('"name":"f","arguments":""', r'"arguments":"{\"a\""', r'"arguments":":1,"', r'"arguments":"\"b\":2}"')
    result = plan(stream(*sse(*(call % part for part in parts))), "tool_delta_dropped")
    assert data(result) == [call % part for part in (parts[0], parts[1], parts[3])]


def test_a_block_that_opens_late_opens_all_the_same() -> None:
    """The next delta comes first; what was dropped stays so."""
    told = [event.type for event in faulty(ANTHROPIC, "delta_before_start:start=late").events][:4]
    assert told == ["message_start", "content_block_delta", "ping", "content_block_start"]
    gone = plan(ANTHROPIC, "drop:at_event=1", "delta_before_start:start=late")
    assert gone.outcomes == ["applied", "missed"]
    last = written("anthropic", Say((Text("x"),)))
    opened = stream(*(step for step in sent(plan(last))[:2]))
    assert plan(opened, "delta_before_start:start=late").outcomes == ["missed"]


def test_only_a_name_that_comes_first_can_come_late() -> None:
    """Calls in one event, or without a name, stay; and so do those that were dropped."""
    assert outcome("groq", "tool_name_late") == "missed"
    assert plan(written("openai-chat"), "drop:probability=1", "tool_name_late").outcomes == ["applied", "missed"]
    calls = faulty(written("openai-chat", CALLS), "tool_name_late")
    assert summed(calls.answer()) == summed(read(written("openai-chat", CALLS)).answer())
    assert {problem.rule for problem in calls.spoken.problems(calls.events)} == {"tool_name_late"}


def test_what_one_event_has_that_finishes_and_speaks_goes_on_doing_both() -> None:
    """A reason given with the last text is kept; the text before it is what comes again."""
    told = faulty(GEMINI, "content_after_finish")
    assert told.answer().first.stop == read(GEMINI).answer().first.stop


def test_azures_first_chunk() -> None:
    """The neighbour's members, the list empty, usage left out."""
    usage = stream(*sse('{"object":"chat.completion.chunk","choices":[{"delta":{"content":"a"}}],"usage":{"x":1}}'))
    told = '"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]'
    assert data(plan(usage, "choices_empty"))[0] == f'{{"object":"chat.completion.chunk","choices":[],{told}}}'
    assert plan(usage, "choices_empty:form=usage").body.endswith(b'"total_tokens":2}}\n\n')


def test_logprobs_that_are_there_become_infinite() -> None:
    """All of an event; nothing is added."""
    event = '{"object":"chat.completion.chunk","choices":[{"delta":{"content":"a"},"logprobs":{"content":[%s]}}]}'
    one = stream(*sse(event % '{"token":"a","logprob":-0.5},{"logprob":0}'))
    assert data(plan(one, "nonfinite_json:value=inf")) == [
        event % '{"token":"a","logprob":Infinity},{"logprob":Infinity}'
    ]


def test_a_reason_of_their_own() -> None:
    """Each provider's word for a text that is over, and none where the answer calls no tool."""
    assert faulty(ANTHROPIC, "finish_stop_with_tools").answer().first.stop == "end_turn"
    assert faulty(COHERE, "finish_stop_with_tools").answer().first.stop == "COMPLETE"
    assert plan(CHAT, "finish_stop_with_tools").outcomes == ["missed"]


def test_where_the_stream_gives_no_reason_every_chunk_says_stop() -> None:
    """It has to say something."""
    one = stream(*chat("a", "b")[1:3])
    assert [item.told.stops for item in faulty(one, "finish_every_chunk").landed] == [((0, "stop"),)] * 2


def test_names_in_the_data_are_names() -> None:
    """Of events that have no other: Responses without event lines, AG-UI, Gemini's interactions."""
    bare = stream(*(b"data: " + frame.partition(b"data: ")[2] for frame in sent(plan(RESPONSES))))
    assert data(plan(bare, "no_message_start"))[0] == data(plan(bare))[1]
    assert plan(stream(*sse('{"type":7}')), "no_message_start").outcomes == ["missed"]
    assert plan(stream(*sse('[{"type":"message_start"}]')), "no_message_start").outcomes == ["missed"]


def test_cumulative_text_has_a_limit() -> None:
    """Far too much is refused before it is made."""
    frames = chat(*["x" * 200_000] * 60)
    with pytest.raises(PlanError, match=r"its events would be larger than \d+ bytes; strike fewer$"):
        plan(stream(*frames), "cumulative_delta")


@pytest.mark.parametrize(
    "fault",
    ["unknown_event:type=a\\nb", "content_after_finish:text=a\\rb", "duplicate_done:times=1", "block_index_gap:by=0"],
)
def test_parameters_that_mean_nothing_are_refused(fault: str) -> None:
    """Before anything is planned."""
    with pytest.raises(UsageError):
        parse_fault(fault)


@pytest.mark.parametrize("name", WRITTEN)
def test_an_error_after_content_is_told_in_every_dialect(name: str) -> None:
    """In the form of its provider, with the message where that has room for one."""
    told = faulty(written(name), "error_event:message=ouch")
    assert told.dialect == name
    answer = told.answer()
    assert answer.complete
    assert ("ouch" if answer.failure is None else answer.failure.message) == "ouch"
    assert answer.failure is not None or answer.first.stop == "error"


@pytest.mark.parametrize("name", sorted(set(BY_NAME) - set(WRITTEN)))
@pytest.mark.corpus
def test_an_error_is_told_where_nothing_is_written(corpus: Path, name: str) -> None:
    """Dialects that are only read have their errors too."""
    ones = [one for _, one in real(corpus) if read(one).dialect == name]
    for one in ones[:3]:
        count = len(read(one).events)
        failure = faulty(one, f"error_event:message=ouch,at_event={max(1, count // 2)}").answer().failure
        assert failure is not None
        assert "ouch" in failure.message


def test_the_catalogue_has_its_groups() -> None:
    """Every fault is in one of them."""
    assert set(NAMES) <= set(CATALOGUE)
