from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from streamsim.dialects import read
from streamsim.dialects.said import Say, Text
from streamsim.errors import ScriptError, UsageError
from streamsim.plan.planner import Planner
from streamsim.plan.say import joined, say, writable, written
from streamsim.plan.script_file import Script, read_script
from streamsim.recording import codec
from streamsim.recording.model import Header, Recording

ANSWER: list[Any] = ["Hello, world.", {"tool": "look_up", "arguments": {"city": "Oslo"}}]


def text_of(recording: Recording, number: int = 1) -> str:
    return read(recording.exchange(number)).answer().first.text


@pytest.mark.parametrize("dialect", writable())
def test_what_is_written_is_read_as_its_dialect(dialect: str) -> None:
    """The stream is complete, of the dialect that was asked for, and says what it was to say."""
    planner = Planner(say("Hello, world.", dialect=dialect, model="some-model"))
    reading = planner.reading(1)
    answer = reading.answer()
    assert (reading.dialect, answer.complete, answer.first.text) == (dialect, True, "Hello, world.")


@pytest.mark.parametrize("dialect", writable())
def test_a_written_recording_is_a_file_like_any_other(dialect: str) -> None:
    """It is read back as it was, and says in its header how it was made."""
    recording = say(ANSWER, "Bye.", dialect=dialect)
    again = codec.decode(codec.encode(recording), source="say")
    assert (again, again.header) == (recording, Header(version=1, written=dialect))


def test_the_usual_dialect_is_that_of_chats() -> None:
    """Who names none gets OpenAI Chat Completions."""
    assert Planner(say("Hi")).plan(1).dialect == "openai-chat"


def test_each_answer_is_an_exchange() -> None:
    """A text, a list of parts, a table, a `Say` and all those of a script: the turns in their order."""
    script = Script((Say((Text("5"),)), Say((Text("6"),))))
    recording = say("1", ["2"], {"say": "3"}, Say((Text("4"),)), script)
    assert [text_of(recording, one.number) for one in recording.exchanges] == list("123456")


def test_the_same_is_written_alike() -> None:
    """Bytes and times depend on script, dialect and seed; the committed table of digests says so for all Pythons."""
    first, second = (b"".join(codec.encode(say(ANSWER, dialect="anthropic", seed=7))) for _ in range(2))
    assert first == second


def test_another_seed_draws_other_ids_and_times() -> None:
    """What is said stays."""
    first, second = say(ANSWER, seed=1), say(ANSWER, seed=2)
    assert (text_of(first), codec.digest(first) == codec.digest(second)) == (text_of(second), False)
    ids = {read(one.exchange(1)).answer().id for one in (first, second)}
    times = {one.exchange(1).response.dt_us for one in (first, second)}  # type: ignore[union-attr]
    assert (len(ids), len(times)) == (2, 2)


def times(recording: Recording) -> list[tuple[int, str]]:
    """Return when each chunk comes, in ms, and what it says."""
    planner = Planner(recording)
    plan = planner.plan(1)
    said = {item.chunk: item.content for item in planner.reading(1).landed}
    return [
        (step.at_ns // 1_000_000, type(step.action).__name__ if step.origin < 0 else said.get(step.origin, ""))
        for step in plan.timeline
    ]


def test_pacing_and_pauses_are_honoured() -> None:
    """The head at three quarters of TTFT, gaps as asked, a pause on top of one, the rest a quarter of a gap later."""
    recording = say(["One", {"pause": "1s"}, " two"], dialect="openai-completions", ttft="400ms", itl="40ms")
    assert times(recording) == [
        (300, "Head"),
        (400, "One"),
        (1440, " two"),
        (1450, ""),
        (1450, ""),
        (1450, ""),
        (1450, "End"),
    ]


def test_what_comes_before_content_comes_with_the_head() -> None:
    """A role, the start of a message or a ping."""
    moments = times(say("Hi", dialect="anthropic", ttft="400ms", itl="40ms"))
    assert moments[:5] == [(300, "Head"), (300, ""), (300, ""), (300, ""), (400, "Hi")]


def test_the_usual_pacing_looks_natural() -> None:
    """TTFT is some hundred milliseconds, gaps some ten, none alike."""
    moments = times(say("word " * 50))
    at = [ms for ms, said in moments if said not in ("", "Head", "End")]
    gaps = [after - before for before, after in pairwise(at)]
    assert 100 < at[0] < 2000
    assert 10 < sorted(gaps)[len(gaps) // 2] < 40
    assert len(set(gaps)) > 10


ERROR: dict[str, Any] = {"error": "Try later", "status": 503}


def test_an_error_before_anything_is_said_is_an_http_error() -> None:
    """After the pauses before it, with its status and a length."""
    one = say([{"pause": "2s"}, ERROR], ttft="400ms").exchange(1)
    assert one.response is not None
    assert (one.response.status, one.response.reason, one.response.framing) == (
        503,
        "Service Unavailable",
        "content-length",
    )
    assert dict(one.response.headers)["content-length"] == str(len(one.body))
    assert (b"Try later" in one.body, one.chunks[0].dt_us) == (True, 2_000_000)


def test_an_error_after_something_was_said_ends_the_stream() -> None:
    """As the dialect tells it."""
    one = say(["Well", ERROR]).exchange(1)
    answer = read(one).answer()
    assert answer.failure is not None
    assert (one.response and one.response.status, answer.first.text, answer.failure.message) == (
        200,
        "Well",
        "Try later",
    )


def test_a_silent_answer_is_a_stream() -> None:
    """It has nothing in it, and ends as any other."""
    assert read(say("").exchange(1)).answer().complete


def test_model_and_stop_are_for_answers_that_have_none() -> None:
    """What an answer says itself stays."""
    recording = say("a", {"say": "b", "stop": "length", "model": "mine"}, model="some-model", stop="filter")
    answers = [read(one).answer() for one in recording.exchanges]
    told = [(answer.model, answer.first.stop) for answer in answers]
    assert told == [("some-model", "content_filter"), ("mine", "length")]


def test_a_model_stands_in_the_path_where_it_belongs_there() -> None:
    """Whatever it is called."""
    assert say("a", dialect="gemini", model="a/b c").exchange(1).request.target == (
        "/v1beta/models/a%2Fb%20c:streamGenerateContent?alt=sse"
    )


def test_a_script_chooses_dialect_and_pacing() -> None:
    """Unless Python says otherwise."""
    script = read_script('say = "a"\ndialect = "cohere"\nttft = "1s"', source="s.toml")
    one, other = say(script), say(script, dialect="ollama", ttft="2s")
    assert (Planner(one).plan(1).dialect, Planner(other).plan(1).dialect) == ("cohere", "ollama")
    assert [recording.exchange(1).response.dt_us for recording in (one, other)] == [750_000, 1_500_000]  # type: ignore[union-attr]
    assert one.source == "s.toml"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("anthropik", "dialect: there is no dialect 'anthropik'; did you mean anthropic?"),
        ("bedrock", "dialect: there is no dialect 'bedrock'; did you mean bedrock-converse?"),
        ("mcp", "dialect: mcp is only read, not written; known are a2a, ag-ui, anthropic, "),
        ("zzz", "dialect: there is no dialect 'zzz'; known are a2a, ag-ui, anthropic, "),
    ],
)
def test_an_unknown_dialect_is_told_what_is_near(name: str, message: str) -> None:
    """Names that contain it, or else that are like it, or else all."""
    with pytest.raises(UsageError) as caught:
        say("a", dialect=name)
    assert str(caught.value).startswith(message)


def test_openai_is_three_dialects() -> None:
    """Who leaves out which is shown them."""
    with pytest.raises(UsageError, match=r"did you mean azure-openai or openai-chat or openai-completions or openai-"):
        say("a", dialect="openai")


def test_there_must_be_something_to_say() -> None:
    """Nothing is no answer."""
    with pytest.raises(UsageError, match=r'^say: there is nothing to say; say something: say\("Hello"\)$'):
        say()


def test_answers_are_named_by_their_place() -> None:
    """A part that means nothing, in whichever answer."""
    with pytest.raises(ScriptError, match=r"^answer\[2\]\[1\]\.txt: there is no such key; did you mean text\?$"):
        say("a", [{"txt": "b"}])


def test_scripts_together_are_written_as_the_first_says() -> None:
    """Its dialect and pacing; the answers are all of them."""
    scripts = [read_script(f'say = "{name}"\ndialect = "{name}"', source=name) for name in ("cohere", "ollama")]
    recording = written(joined(scripts))
    assert (Planner(recording).plan(2).dialect, text_of(recording, 2)) == ("cohere", "ollama")
