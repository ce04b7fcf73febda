"""What the dialects write: read back it says what was to be said, and official SDKs accept it, streamed and whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import answered, read_chunks
from streamsim.dialects.said import Error, Pause, Reasoning, Refusal, Say, Text, ToolCall
from streamsim.dialects.told import Failure, Usage
from streamsim.rng import Rng
from tests.dialects.answering import answering, bodies
from tests.dialects.heard import (
    ASK,
    PATHS,
    WHOLE_PATHS,
    Heard,
    heard,
    value,
)

if TYPE_CHECKING:
    from streamsim.dialects.protocol import Writer, Written
    from streamsim.dialects.reading import Reading

NAMES = [
    "a2a",
    "ag-ui",
    "bedrock-converse",
    "cohere",
    "gemini",
    "gemini-array",
    "gemini-interactions",
    "langgraph",
    "mistral",
    "ollama",
    "ollama-generate",
    "tgi",
    "ui-messages",
    "vertex",
]
TEXT = Say((Text("Hello, wörld! ☃ 👩‍👩‍👧 <b>it's</b>\n\nDone."),), usage=Usage(input=11))
TOOLS = Say((ToolCall("look_up", '{"city": "Oslo", "days": 3}'), ToolCall("look_up", '{"city": "Bergen"}')))
THOUGHT = Say((Reasoning("Let me think about it."), Text("It is 4.")), model="some-model-1", prompt="What is 2 + 2?")
LONG = Say((Text("word " * 300),), stop="length")
PLANNED = Say((Reasoning("I will look it up."), ToolCall("look_up")), usage=Usage(input=9, cached=4))
REFUSED = Say((Refusal("No, I can't."),))
SCRIPTS = {"text": TEXT, "tools": TOOLS, "thought": THOUGHT, "planned": PLANNED, "long": LONG, "refused": REFUSED}
NO_TOOLS = {"a2a", "ollama-generate", "tgi"}
NO_THOUGHTS = {"a2a", "langgraph", "tgi"}
UNCOUNTED = {"a2a", "ui-messages"}
UNNAMED = {"a2a", "ag-ui", "cohere", "bedrock-converse", "tgi", "ui-messages", "langgraph"}

each_name = pytest.mark.parametrize("name", NAMES)
each_script = pytest.mark.parametrize("script", SCRIPTS)


def dice() -> Rng:
    return Rng(7, "say")


def writer_of(name: str) -> Writer:
    writer = BY_NAME[name].writer
    assert writer is not None
    return writer


def written(name: str, say: Say) -> list[Written]:
    return list(writer_of(name).write(say, dice()))


def reading(name: str, say: Say) -> Reading:
    """Return what is read of what is written, in the chunks in which it is written."""
    return read_chunks(writer_of(name).headers(dice(), stream=True), bodies(written(name, say)))


def meant(name: str, say: Say) -> Heard:
    """Return what an SDK has to report of a script, but for the reason, which has a word of its own everywhere."""
    usage = say.counted()
    return Heard(
        "".join(part.text for part in say.parts if isinstance(part, Text | Refusal)),
        "".join(part.text for part in say.parts if isinstance(part, Reasoning) and name not in NO_THOUGHTS),
        tuple(
            (part.name, value(part.arguments))
            for part in say.parts
            if isinstance(part, ToolCall) and name not in NO_TOOLS
        ),
        (None, None) if name in UNCOUNTED else (usage.input, usage.output),
    )


def without_stop(said: Heard) -> Heard:
    return Heard(said.text, said.reasoning, said.calls, said.usage)


def test_every_dialect_of_these_that_writes_is_tested() -> None:
    """A dialect with a writer that is not OpenAI's or Anthropic's is in the table."""
    others = {"anthropic", "openai-chat", "openai-completions", "openai-responses"}
    theirs = {name for name, each in BY_NAME.items() if name in others or each.family in others} - {"mistral"}
    assert {name for name, dialect in BY_NAME.items() if dialect.writer is not None} - theirs == set(NAMES)


@each_name
@each_script
def test_what_is_written_says_what_was_meant(name: str, script: str) -> None:
    """Read back, a stream is complete, breaks no rule, and has the script's text, thoughts, calls and counts."""
    read = reading(name, SCRIPTS[script])
    dialect = BY_NAME[name]
    assert read.spoken.name in (name, dialect.family)
    assert dialect.problems(read.events) == []
    answer = answered(dialect, read.events)
    assert answer.complete
    assert without_stop(heard(answer)) == meant(name, SCRIPTS[script])
    assert answer.first.stop != "" or name == "ollama"


@each_name
@each_script
def test_content_is_where_the_answer_grows(name: str, script: str) -> None:
    """A write is content exactly when what it holds adds to the answer; but thoughts' and tools' frames only open."""
    writes = written(name, SCRIPTS[script])
    read = reading(name, SCRIPTS[script])
    grown = {item.chunk for item in read.landed if item.told.pieces}
    closing = {"ui-messages"}  # it tells tool inputs a second time, whole
    said = {index for index, one in enumerate(writes) if one.content}
    assert said == grown or (name in closing and said < grown) or (name == "langgraph" and said <= grown)


@each_name
def test_the_same_dice_write_the_same_bytes(name: str) -> None:
    """Ids, padding and times are those of the dice; other dice make other ones, of the same answer."""
    writer = writer_of(name)
    again = [one.data for one in writer.write(THOUGHT, dice())]
    assert bodies(written(name, THOUGHT)) == again
    other = read_chunks(writer.headers(dice(), stream=True), bodies(writer.write(THOUGHT, Rng(8, "say"))))
    assert heard(other.answer()) == heard(reading(name, THOUGHT).answer())
    assert writer.headers(dice(), stream=True) == writer.headers(dice(), stream=True)


@each_name
def test_pauses_are_before_what_follows_them(name: str) -> None:
    """Pauses add up before the next part, or before the end; nothing else waits."""
    say = Say((Pause(5), Text("One"), Pause(7), Pause(1), Text("Two"), Pause(9)))
    pauses = [one.pause_ns for one in written(name, say) if one.pause_ns]
    assert pauses == [5, 8, 9]


@each_name
@each_script
def test_a_whole_answer_says_the_same(name: str, script: str) -> None:
    """The body for ``stream: false`` is JSON that does not depend on how the stream was cut."""
    answer = answered(BY_NAME[name], reading(name, SCRIPTS[script]).events)
    writer = writer_of(name)
    assert writer.whole(answer, dice()) == writer.whole(answer, dice())
    assert isinstance(value(writer.whole(answer, dice()).decode()), dict)
    assert dict(writer.headers(dice(), stream=False)) != dict(writer.headers(dice(), stream=True))


@each_name
def test_an_answer_that_says_nothing_can_be_whole(name: str) -> None:
    """Of no event at all, too, a body can be made."""
    assert isinstance(value(writer_of(name).whole(answered(BY_NAME[name], []), dice()).decode()), dict)


@each_name
def test_an_error_ends_a_stream(name: str) -> None:
    """After content an error is told in the stream, and nothing follows it; the same as what the event for it is."""
    say = Say((Text("One"), Error("the model is overloaded", status=503), Text("Two")))
    read = reading(name, say)
    answer = answered(BY_NAME[name], read.events)
    assert answer.first.text == "One" or (name == "a2a" and answer.first.text == "Onethe model is overloaded")
    assert answer.complete
    if name == "mistral":
        assert answer.first.stop == "error"
    elif name == "a2a":
        assert answer.first.stop == "TASK_STATE_FAILED"
    else:
        assert answer.failure is not None
        assert answer.failure.message == "the model is overloaded"


@each_name
def test_an_error_event_is_told(name: str) -> None:
    """The frames for an error, behind the events before it, tell that error."""
    begun = written(name, TEXT)[:4]
    writer = writer_of(name)
    headers = writer.headers(dice(), stream=True)
    before = read_chunks(headers, bodies(begun)).events
    frames = writer.error_event(Failure("too many requests", code="429"), before)
    assert frames is not None
    events = read_chunks(headers, [*bodies(begun), frames]).events
    answer = answered(BY_NAME[name], events)
    assert answer.complete
    if name == "mistral":
        assert answer.first.stop == "error"
    else:
        assert answer.failure is not None
        assert answer.failure.message == "too many requests"


@each_name
def test_an_error_has_a_body(name: str) -> None:
    """An HTTP error has the message in its body, and a content type."""
    headers, body = writer_of(name).error(Failure("no such model"), 404)
    assert b"no such model" in body
    assert "content-type" in {key.lower() for key, _ in headers}


@pytest.mark.parametrize("name", sorted(ASK))
@each_script
def test_official_sdks_accept_what_is_written(name: str, script: str) -> None:
    """Its SDK reports the script's text, thoughts, calls and counts, and the reason that we read."""
    say = SCRIPTS[script]
    with answering(PATHS[name], bodies(written(name, say)), writer_of(name).headers(dice(), stream=True)) as url:
        told = ASK[name](url)
    assert told == heard(answered(BY_NAME[name], reading(name, say).events))
    assert without_stop(told) == meant(name, say)


@pytest.mark.parametrize("name", sorted(ASK))
@each_script
def test_official_sdks_accept_whole_answers(name: str, script: str) -> None:
    """Not streamed, the answer is the same to its SDK."""
    say = SCRIPTS[script]
    answer = answered(BY_NAME[name], reading(name, say).events)
    body = writer_of(name).whole(answer, dice())
    with answering(WHOLE_PATHS[name], [body], writer_of(name).headers(dice(), stream=False)) as url:
        assert ASK[name](url, stream=False) == heard(answer)


def _refused(name: str, status: int, *, stream: bool = True) -> Any:
    """Return the exception by which an SDK reports an HTTP error."""
    headers, body = writer_of(name).error(Failure("it is so"), status)
    path = (PATHS if stream else WHOLE_PATHS)[name]
    with answering(path, [body], headers, status=status) as url, pytest.raises(Exception) as caught:  # noqa: PT011 - the type is what is asked for
        ASK[name](url, stream=stream)
    return caught.value


@pytest.mark.parametrize("stream", [True, False])
def test_errors_are_the_sdks_own(stream: bool) -> None:  # noqa: FBT001 - a table
    """An HTTP error is the SDK's exception for it, with the status and the message."""
    errors = pytest.importorskip("google.genai.errors")
    wrong = _refused("gemini", 400, stream=stream)
    assert (type(wrong), wrong.code, wrong.status) == (errors.ClientError, 400, "INVALID_ARGUMENT")
    assert wrong.message == "it is so"
    cohere = pytest.importorskip("cohere.errors")
    assert isinstance(_refused("cohere", 404, stream=stream), cohere.NotFoundError)
    ollama = pytest.importorskip("ollama")
    wrong = _refused("ollama", 404, stream=stream)
    assert isinstance(wrong, ollama.ResponseError)
    assert (wrong.status_code, wrong.error) == (404, "it is so")
    mistral = pytest.importorskip("mistralai.client.errors")
    wrong = _refused("mistral", 401, stream=stream)
    assert isinstance(wrong, mistral.SDKError)
    assert wrong.status_code == 401
    wrong = _refused("bedrock-converse", 403, stream=stream)
    assert (type(wrong).__name__, wrong.response["Error"]["Message"]) == ("AccessDeniedException", "it is so")


def _broken(name: str, say: Say) -> Any:
    """Return the exception by which an SDK reports an error amid a stream."""
    headers = writer_of(name).headers(dice(), stream=True)
    with answering(PATHS[name], bodies(written(name, say)), headers) as url, pytest.raises(Exception) as caught:  # noqa: PT011 - the type is what is asked for
        ASK[name](url)
    return caught.value


def test_errors_amid_a_stream_are_the_sdks_own() -> None:
    """After content began an error is the SDK's exception, where it has one: Cohere and Mistral only tell a reason."""
    say = Say((Text("One two"), Error("overloaded", status=503)))
    errors = pytest.importorskip("google.genai.errors")
    wrong = _broken("gemini", say)
    assert (type(wrong), wrong.code, wrong.message) == (errors.ServerError, 503, "overloaded")
    ollama = pytest.importorskip("ollama")
    assert str(_broken("ollama", say)) == "overloaded (status code: -1)"
    assert isinstance(_broken("ollama-generate", say), ollama.ResponseError)
    wrong = _broken("bedrock-converse", say)
    assert wrong.response["Error"] == {"Code": "serviceUnavailableException", "Message": "overloaded"}
    for name, reason in (("cohere", "ERROR"), ("mistral", "error")):
        headers = writer_of(name).headers(dice(), stream=True)
        with answering(PATHS[name], bodies(written(name, say)), headers) as url:
            told = ASK[name](url)
        assert (told.text, told.stop) == ("One two", reason)
