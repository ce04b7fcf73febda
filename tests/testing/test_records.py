"""Recording from an upstream on first use, and replaying ever after."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

import streamsim
from streamsim.engine.core import Engine
from streamsim.plan.pacing import Pacing
from streamsim.testing.thread import Aside
from tests.testing.suites import HEAD

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.testing.suites import Suite

pytest_plugins = ["pytester"]

CHAT = """
    def test_it(streamsim):
        replay = streamsim.replay("chat", upstream="UPSTREAM/v1")
        client = openai.OpenAI(api_key="sk-very-secret-1234567", base_url=replay.base_url, max_retries=0)
        assert len(ask(client)) == 46
    """


@pytest.fixture
def upstream() -> Generator[Aside, None, None]:
    """A provider, which is a real server."""
    instant = streamsim.Profile(pacing=Pacing(mode="instant"))
    planner = streamsim.Planner(streamsim.load("llama-chat"))
    server = Aside(Engine([planner], streamsim.Settings(profile=instant)))
    yield server
    server.stop()


def asked(server: Aside) -> int:
    """Return how many answers the provider has given."""
    return len(server.engine.journal)


def test_once(suite: Suite, upstream: Aside, pytester: pytest.Pytester) -> None:
    """The first run asks the upstream and says what it recorded; the next asks nobody. Secrets are not kept."""
    source = CHAT.replace("UPSTREAM", upstream.url)
    assert "\nrecorded 1 exchange to recordings/chat.jsonl\n" in suite(source, passed=1)
    assert "recorded" not in suite(source, passed=1).partition("passed")[0]
    assert asked(upstream) == 1
    told = (pytester.path / "recordings" / "chat.jsonl").read_text()
    assert "secret" not in told
    assert "[redacted]" in told
    assert [path.name for path in (pytester.path / "recordings").iterdir()] == ["chat.jsonl"]


def test_a_client_that_keeps_its_base_url(suite: Suite, upstream: Aside) -> None:
    """With http_client() nothing but that changes in the code under test, and the recording serves both ways."""
    source = CHAT.replace("UPSTREAM", upstream.url)
    ours = source.replace("base_url=replay.base_url", "http_client=replay.http_client()")
    suite(ours, passed=1)
    suite(source, "--streamsim-record=none", passed=1)
    suite(ours, "--streamsim-record=none", passed=1)
    assert asked(upstream) == 1


def test_an_sdk_whose_base_has_no_version(suite: Suite) -> None:
    """Whoever asks the recording finds it at the same base URL as who made it: with the path of the upstream."""
    source = """
        def test_it(streamsim):
            sdk = pytest.importorskip("mistralai.client.sdk")
            replay = streamsim.replay("chat", upstream="UPSTREAM")
            client = sdk.Mistral(api_key="sk-very-secret-1234567", server_url=replay.base_url)
            events = list(client.chat.stream(model="m", messages=HI["messages"]))
            assert "".join(event.data.choices[0].delta.content for event in events) == "Hello, world!"
        """
    instant = streamsim.Profile(pacing=Pacing(mode="instant"))
    planner = streamsim.Planner(streamsim.say("Hello, world!", dialect="mistral"))
    server = Aside(Engine([planner], streamsim.Settings(profile=instant)))
    for _ in range(2):
        suite(source.replace("UPSTREAM", server.url), passed=1)
    server.stop()
    assert asked(server) == 1


def test_none(suite: Suite, upstream: Aside) -> None:
    """Nothing is recorded, and a recording that is not there is an error that says what to do."""
    out = suite(CHAT.replace("UPSTREAM", upstream.url), "--streamsim-record=none", failed=1)
    told = (
        "recordings/chat.jsonl: there is no such recording, and --streamsim-record=none makes none; "
        "run the test once with --streamsim-record=once"
    )
    assert told in out
    assert asked(upstream) == 0


def test_all(suite: Suite, upstream: Aside, pytester: pytest.Pytester) -> None:
    """Everything is recorded anew; but where the upstream cannot be reached the old recording stays."""
    source = CHAT.replace("UPSTREAM", upstream.url)
    suite(source, passed=1)
    suite(source, "--streamsim-record=all", passed=1)
    assert asked(upstream) == 2
    before = (pytester.path / "recordings" / "chat.jsonl").read_bytes()
    assert before.count(b'"kind":"request"') == 1
    suite(CHAT.replace("UPSTREAM", "http://127.0.0.1:1"), "--streamsim-record=all", failed=1)
    assert (pytester.path / "recordings" / "chat.jsonl").read_bytes() == before


def test_new(suite: Suite, upstream: Aside) -> None:
    """What is recorded is replayed, what is not is added."""
    source = CHAT.replace("UPSTREAM", upstream.url)
    suite(source, passed=1)
    more = source.replace("46\n", '46\n        list(client.chat.completions.create(**{**HI, "model": "n"}))\n')
    assert "recorded 1 exchange to" in suite(more, "--streamsim-record=new", passed=1)
    assert asked(upstream) == 2
    suite(more, "--streamsim-record=none", passed=1)


def test_equal_requests_are_each_recorded(suite: Suite, upstream: Aside) -> None:
    """While recording, the upstream answers every time: what it says the second time may differ."""
    source = CHAT.replace("UPSTREAM", upstream.url).replace("46\n", "46\n        assert len(ask(client)) == 46\n")
    assert "recorded 2 exchanges to" in suite(source, passed=1)
    suite(source, passed=1)
    assert asked(upstream) == 2


def test_a_recording_is_called_after_its_test_unless_it_has_a_name(suite: Suite, upstream: Aside) -> None:
    """A marker needs no more than the upstream."""
    source = """
        @pytest.mark.streamsim(upstream="UPSTREAM/v1")
        @pytest.mark.parametrize("n", [1, 2])
        async def test_it(streamsim_replay, n):
            await aask(asdk(streamsim_replay))
        """.replace("UPSTREAM", upstream.url)
    out = suite(source, "-o", "asyncio_mode=auto", passed=2)
    assert "recorded 1 exchange to recordings/test_it.test_it-1.jsonl" in out
    suite(source, "-o", "asyncio_mode=auto", "--streamsim-record=none", passed=2)


def test_time_is_real_while_recording(suite: Suite, upstream: Aside) -> None:
    """The clock then tells how much real time went by; ever after it is virtual."""
    source = CHAT.replace("UPSTREAM", upstream.url).replace(
        "46\n",
        "46\n        assert replay.recording_now == (type(time.sleep).__name__ != 'Fake')\n"
        "        assert 0 < streamsim.clock.now() < 60\n",
    )
    suite(source, passed=1)
    suite(source.replace("assert 0 <", "assert 0 <="), passed=1)


@pytest.mark.parametrize("options", [("-n", "2"), ("-n", "2", "--streamsim-record=all")])
def test_workers(pytester: pytest.Pytester, upstream: Aside, options: tuple[str, ...]) -> None:
    """The controller of pytest-xdist says what its workers have recorded."""
    pytester.makepyfile(test_it=HEAD + dedent(CHAT.replace("UPSTREAM", upstream.url)))
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)
    result.assert_outcomes(passed=1)
    assert "recorded 1 exchange to recordings/chat.jsonl" in result.stdout.str()
    assert (pytester.path / "recordings" / "chat.jsonl").is_file()
