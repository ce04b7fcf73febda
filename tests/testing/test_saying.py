"""Replays of what was never recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.testing.suites import Suite

pytest_plugins = ["pytester"]


def test_openai_hears_a_text(suite: Suite) -> None:
    """It comes as OpenAI would send it, in virtual time, with the model and the reason to stop that were named."""
    suite(
        """
        def test_it(streamsim):
            replay = streamsim.replay("Hello, world!", dialect="openai-chat", model="gpt-x", stop="length", ttft="90s")
            chunks = ask(sdk(replay))
            choices = [choice for chunk in chunks for choice in chunk.choices]
            assert "".join(choice.delta.content or "" for choice in choices) == "Hello, world!"
            assert {chunk.model for chunk in chunks} == {"gpt-x"}
            assert choices[-1].finish_reason == "length"
            assert streamsim.clock.now() > 90
            assert (replay.name, replay.base_url) == ("say", replay.url + "/v1")
        """,
        passed=1,
    )


def test_what_is_written_depends_on_the_seed(suite: Suite) -> None:
    """Ids and times are those of the replay's seed, or else of the test's."""
    suite(
        """
        def test_it(streamsim):
            digests = [
                streamsim.replay("Hello", dialect="openai-chat", optional=True, **more).plan.digest
                for more in ({}, {}, {"seed": 3}, {"seed": 4})
            ]
            assert digests[0] == digests[1] == digests[3] != digests[2]
        """,
        "--streamsim-seed=4",
        passed=1,
    )


def test_anthropic_goes_through_a_tool_loop(suite: Suite) -> None:
    """Parts are written as in a script, and several answers are the turns of one conversation."""
    suite(
        """
        @pytest.mark.streamsim(
            [{"reasoning": "Hm."}, "Let me look.", {"tool": "weather", "arguments": {"city": "Oslo"}, "id": "toolu_1"}],
            {"say": "It is raining.", "stop": "max_tokens"},
            dialect="anthropic",
        )
        def test_it(streamsim_replay):
            client = anthropic.Anthropic(api_key="sk-1", base_url=streamsim_replay.base_url)
            said = [{"role": "user", "content": "hi"}]
            with client.messages.stream(model="m", max_tokens=9, messages=said) as stream:
                message = stream.get_final_message()
            kinds = [block.type for block in message.content]
            assert kinds == ["thinking", "text", "tool_use"]
            assert message.content[2].input == {"city": "Oslo"}
            result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "rain"}
            said += [{"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}]
            with client.messages.stream(model="m", max_tokens=9, messages=said) as stream:
                message = stream.get_final_message()
            assert (message.content[0].text, message.stop_reason) == ("It is raining.", "max_tokens")
        """,
        passed=1,
    )


def test_google_and_mistral_hear_it(suite: Suite) -> None:
    """Their SDKs take the replay's client, and its base URL."""
    suite(
        """
        def test_google(streamsim):
            genai = pytest.importorskip("google.genai")
            replay = streamsim.replay("Hello, world!", dialect="gemini", ttft="90s")
            http = replay.http_client(family="httpx")
            for options in ({"httpx_client": http}, {"base_url": replay.base_url}):
                client = genai.Client(api_key="sk-1", http_options=options)
                chunks = list(client.models.generate_content_stream(model="gemini-x", contents="Hi"))
                assert "".join(chunk.text for chunk in chunks) == "Hello, world!"
            assert streamsim.clock.now() > 180

        def test_mistral(streamsim):
            sdk = pytest.importorskip("mistralai.client.sdk")
            replay = streamsim.replay("Hello, world!", dialect="mistral")
            http = replay.http_client(family="httpx")
            for options in ({"client": http}, {"server_url": replay.base_url}):
                client = sdk.Mistral(api_key="sk-1", **options)
                events = list(client.chat.stream(model="m", messages=HI["messages"]))
                assert "".join(event.data.choices[0].delta.content for event in events) == "Hello, world!"
        """,
        passed=2,
    )


SCRIPTS = """
    import pathlib

    HERE = pathlib.Path(__file__).parent

    def text(replay):
        return "".join(choice.delta.content or "" for chunk in ask(sdk(replay)) for choice in chunk.choices)

    def test_by_name(streamsim):
        (HERE / "hello.toml").write_text('say = "Hello!"\\n')
        replay = streamsim.replay("hello.toml")
        assert (replay.name, text(replay)) == ("hello", "Hello!")
        (HERE / "hello.toml").write_text('say = "Good-bye!"\\n')
        assert text(streamsim.replay("hello.toml")) == "Good-bye!"

    def test_in_another_dialect(streamsim):
        (HERE / "recordings").mkdir()
        (HERE / "recordings" / "hi.toml").write_text('dialect = "cohere"\\nsay = "Hello!"\\n')
        replay = streamsim.replay(pathlib.Path("hi.toml"), "Bye!", dialect="openai-chat")
        assert (replay.name, text(replay)) == ("hi", "Hello!")
        assert streamsim.replay("hi.toml", optional=True).plan.dialect == "cohere"

    @pytest.mark.streamsim(dialect="openai-chat")
    def test_for_all_replays_of_a_test(streamsim):
        assert text(streamsim.replay("llama-chat")) == "llama-chat"
        assert len(text(streamsim.replay("llama-chat", dialect=""))) > 100
        assert len(text(streamsim.replay(streamsim.load("llama-chat"), dialect=""))) > 100
    """


def test_scripts(suite: Suite) -> None:
    """A string that names one is a recording like any other; a path can be written in another dialect."""
    suite(SCRIPTS, passed=3)


def test_all_answers_of_a_test_can_break(suite: Suite) -> None:
    """Faults strike what is said, and the marker's lists run it once with each."""
    suite(
        """
        @pytest.mark.streamsim("Hello, world!", dialect="openai-chat", faults=["reset_peer:at_event=1", "bom"])
        def test_it(streamsim_replay, request):
            try:
                assert len(ask(sdk(streamsim_replay))) > 3
            except openai.APIConnectionError:
                assert "reset" in request.node.name
        """,
        passed=2,
    )


CANNOT_BE_SAID = """
def test_dialect(streamsim):
    streamsim.replay("Hello", dialect="openai")

def test_part(streamsim):
    streamsim.replay(["Hello", {"tol": "x"}], dialect="openai-chat")

def test_alone(streamsim):
    streamsim.replay("llama-chat", model="x")

def test_kind(streamsim):
    streamsim.replay("Hello", dialect=None)

def test_list(streamsim):
    streamsim.replay(["Hello", {"tool": "x"}])

def test_two(streamsim):
    streamsim.replay("Hello", "world")

def test_text(streamsim):
    streamsim.replay("How are you today?")

def test_upstream(streamsim):
    streamsim.replay("Hello", dialect="openai-chat", upstream="http://127.0.0.1:9")

def test_recording(streamsim):
    streamsim.replay(streamsim.load("llama-chat"), dialect="openai-chat")

def test_nothing(streamsim):
    streamsim.replay(dialect="openai-chat")

def test_near(streamsim, request):
    request.path.with_name("weather.toml").write_text("")
    streamsim.replay("wether.toml")

@pytest.mark.streamsim(["Hello"])
def test_marker(streamsim): ...
"""
TOLD = (
    "UsageError: dialect: there is no dialect 'openai'; did you mean azure-openai or openai-chat or",
    "ScriptError: answer[1][2].tol: there is no such key; did you mean tool?",
    'UsageError: replay: model: it is for what is said, which needs a dialect; give a dialect too: dialect="openai',
    "UsageError: replay: dialect: None is not a string; write it in quotes",
    "UsageError: replay: ['Hello', {'tool': 'x'}] is no recording; name one, or, to have something said, name a",
    "UsageError: replay: it takes one recording; to have several answers said, name a dialect",
    "RecordingError: How are you today?: there is no such file, nor a shipped recording of that name; to have a te",
    "UsageError: replay: what is said has no upstream; give a dialect or an upstream",
    'replay: dialect: the recording llama-chat has one already; take it back: dialect=""',
    'UsageError: say: there is nothing to say; say something: say("Hello")',
    "RecordingError: wether.toml: there is no such file, nor a shipped recording of that name; did you mean weat",
    "replay: ['Hello'] is no recording; name one, or, to have something said, name a dialect",
)


def test_what_cannot_be_said_is_told(suite: Suite) -> None:
    """The error names the option or the part, and what may have been meant."""
    out = suite(CANNOT_BE_SAID, failed=11, errors=1)
    assert [told for told in TOLD if told not in out] == []
