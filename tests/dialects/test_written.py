"""The official SDKs take what streamsim writes for their provider's own, streamed or not, errors too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anthropic
import openai
import pytest

from streamsim.dialects.answer import Answer
from streamsim.dialects.known import BY_NAME
from streamsim.dialects.protocol import Clues
from streamsim.dialects.reading import read_chunks
from streamsim.dialects.said import Error, Pause, Reasoning, Refusal, Say, Text, ToolCall
from streamsim.dialects.told import Failure, Usage
from streamsim.rng import Rng
from tests.clients.sdks import Answering, Heard, parsed, told

if TYPE_CHECKING:
    from streamsim.dialects.protocol import Writer
    from streamsim.dialects.reading import Reading

CHATS = ("openai-chat", "azure-openai", "openrouter", "deepseek", "groq", "xai", "perplexity", "vllm")
ALL = (*CHATS, "openai-completions", "openai-responses", "anthropic")
SAYS = {
    "text": Say((Text("Hello, wörld ☃! 👩‍👩‍👧"),)),
    "all": Say(
        (
            Reasoning("I should look."),
            Text("Let me see."),
            Pause(5),
            ToolCall("get_weather", '{"city": "Paris", "days": [1, 2]}'),
            ToolCall("get_time", "{}", "call_mine"),
        ),
        model="my-model",
        usage=Usage(input=12, cached=3),
        prompt="What is the weather?",
    ),
    "call": Say((ToolCall("get_time"),)),
    "refusal": Say((Refusal("I can't help with that."),)),
    "length": Say((Text("Cut off"),), stop="length"),
    "filter": Say((Text("Cut off"),), stop="filter"),
    "silence": Say(()),
}
STOPS = {
    "anthropic": {
        "stop": "end_turn",
        "length": "max_tokens",
        "tool": "tool_use",
        "refusal": "refusal",
        "filter": "refusal",
    },
    "openai-responses": {"length": "max_output_tokens", "filter": "content_filter"},
}
CHAT_STOPS = {"tool": "tool_calls", "filter": "content_filter", "refusal": "stop"}

HOSTS = {"xai": "api.x.ai"}  # its chunks show it by the model's name alone

each = pytest.mark.parametrize("name", ALL)
each_say = pytest.mark.parametrize("said", SAYS)


def writer_of(name: str) -> Writer:
    writer = BY_NAME[name].writer
    assert writer is not None
    return writer


def written(name: str, said: Say) -> tuple[Answering, Reading]:
    """Return an answer as ``name`` writes it, and what streamsim reads in it."""
    writer, dice = writer_of(name), Rng(1, name)
    frames = [item.data for item in writer.write(said, dice)]
    headers = writer.headers(dice, stream=True)
    return Answering(b"".join(frames), headers), read_chunks(headers, frames, Clues(host=HOSTS.get(name, "")))


def wanted(name: str, said: Say) -> Heard:
    """Return what shall be heard of a script, as far as the dialect has words for it."""
    text = "".join(part.text for part in said.parts if isinstance(part, Text))
    thoughts = "".join(part.text for part in said.parts if isinstance(part, Reasoning))
    refusal = "".join(part.text for part in said.parts if isinstance(part, Refusal))
    calls = [part for part in said.parts if isinstance(part, ToolCall)]
    if name in ("openai-completions", "deepseek", "anthropic"):
        text, refusal = text + refusal, ""
    if name == "openai-completions":
        calls = []
    if name in ("openai-chat", "azure-openai", "perplexity", "openai-completions"):
        thoughts = ""
    usage = said.counted()
    output = (usage.output or 0) - ((usage.reasoning or 0) if name == "xai" else 0)
    return Heard(
        {0: text} if text else {},
        {0: thoughts} if thoughts else {},
        {0: refusal} if refusal else {},
        {0: [("", call.name, call.arguments) for call in calls]} if calls else {},
        {0: stop(name, said.reason)},
        (usage.input, output),
    )


def stop(name: str, reason: str) -> str:
    if name == "openai-responses":
        return STOPS[name].get(reason, "completed")
    if name == "openai-completions" and reason == "tool":
        return "stop"
    return STOPS.get(name, CHAT_STOPS).get(reason, reason)


def nameless(heard: Heard) -> Heard:
    """Return the same without the ids of calls."""
    return heard._replace(calls={number: [("", *one[1:]) for one in found] for number, found in heard.calls.items()})


@each
@each_say
def test_a_written_stream_says_what_the_script_says(name: str, said: str) -> None:
    """Text, thoughts, refusal, tool calls, reason and usage reach the SDK, which reads what streamsim reads."""
    answering, reading = written(name, SAYS[said])
    heard = answering.heard(name)
    plain, ours = wanted(name, SAYS[said]), told(reading.answer())
    if name == "anthropic":
        plain, ours = parsed(plain), parsed(ours)
    assert nameless(heard) == plain
    assert heard == ours


@each
@each_say
def test_a_written_stream_is_its_dialects_own(name: str, said: str) -> None:
    """It is detected by what it says, has no problem, is complete, and each write says truly whether it has content."""
    _, reading = written(name, SAYS[said])
    assert reading.dialect == name
    assert reading.spoken.problems(reading.events) == []
    assert reading.answer().complete
    contents = [item.content for item in writer_of(name).write(SAYS[said], Rng(1, name))]
    assert contents == [index in reading.content_chunks for index in range(len(contents))]


@each
@each_say
def test_an_answer_that_is_no_stream_says_the_same(name: str, said: str) -> None:
    """What the stream added up to comes out of the whole body too."""
    answering, reading = written(name, SAYS[said])
    writer, dice = writer_of(name), Rng(1, name)
    whole = Answering(writer.whole(reading.answer(), dice), writer.headers(dice, stream=False))
    assert whole.whole(name) == answering.heard(name)


@each
def test_nothing_but_the_dice_decides(name: str) -> None:
    """The same script and dice make the same bytes, other dice others; a pause is made where it was asked for."""
    writer, said = writer_of(name), SAYS["all"]
    first = list(writer.write(said, Rng(1, name)))
    assert first == list(writer.write(said, Rng(1, name)))
    assert [item.data for item in first] != [item.data for item in writer.write(said, Rng(2, name))]
    assert [item.pause_ns for item in first if item.pause_ns] == [5]


@each
def test_an_error_inside_a_stream_is_raised(name: str) -> None:
    """What came before it is read; then the SDK raises, or for some dialects hands the error out."""
    answering, reading = written(name, Say((Text("Well"), Error("it broke", "overloaded_error"))))
    failure = reading.answer().failure
    assert failure is not None
    assert failure.message == "it broke"
    assert reading.answer().first.text == "Well"
    assert reading.answer().complete
    if name == "vllm":  # the SDK takes its error for a chunk
        assert answering.heard(name).text == {0: "Well"}
    elif name == "openai-responses":  # the SDK hands out the event
        assert answering.heard(name).stops == {0: "failed"}
    elif name == "anthropic":
        with pytest.raises(anthropic.APIStatusError, match="it broke"):
            answering.heard(name)
    else:
        with pytest.raises(openai.APIError, match="it broke"):
            answering.heard(name)


@each
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (429, "RateLimitError"),
        (500, "InternalServerError"),
    ],
)
def test_an_error_before_a_stream_is_raised_by_its_status(name: str, status: int, kind: str) -> None:
    """The SDK raises the exception of the status, with the message."""
    headers, body = writer_of(name).error(Failure("no such luck"), status)
    module: Any = anthropic if name == "anthropic" else openai
    with pytest.raises(getattr(module, kind), match="no such luck"):
        Answering(body, headers, status).heard(name)


@each
def test_a_whole_answer_of_nothing_is_one(name: str) -> None:
    """An answer of which nothing is known is a whole answer that says nothing."""
    writer = writer_of(name)
    body = writer.whole(Answer(), Rng(1, name))
    heard = Answering(body, writer.headers(Rng(1, name), stream=False)).whole(name)
    assert (heard.text, heard.calls, heard.usage) == ({}, {}, (0, 0))
