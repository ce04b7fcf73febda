"""The fixture in tests for asyncio and trio, under each plugin that runs such tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.testing.suites import Suite

pytest_plugins = ["pytester"]

STRICT = ("-o", "asyncio_mode=strict")
AUTO = ("-o", "asyncio_mode=auto")

CLIENTS = """
    {mark}

    @pytest.fixture
    def early(streamsim):
        return streamsim.replay("llama-chat", ttft="90s")

    async def test_in_memory(streamsim):
        replay = streamsim.replay("llama-chat", ttft="90s")
        assert len(await aask(asdk(replay))) == 46
        assert 90 < streamsim.clock.now() < 95
        assert replay.trace.outcome == "complete"

    async def test_made_early(early, streamsim):
        await asyncio.sleep(1000)
        assert streamsim.clock.now() == 1000
        assert len(await aask(asdk(early))) == 46
        assert 1090 < streamsim.clock.now() < 1095
    """

LOOPBACK = """
    {mark}

    @pytest.fixture
    def early(streamsim):
        replay = streamsim.replay("llama-chat", ttft="90s")
        return openai.AsyncOpenAI(api_key="sk-1", base_url=replay.base_url, timeout=600)

    async def test_the_sdk(early, streamsim):
        async with early:
            assert len(await aask(early)) == 46
        assert 90 < streamsim.clock.now() < 95

    async def test_aiohttp(streamsim):
        replay = streamsim.replay("llama-chat", ttft="90s")
        assert replay.url.startswith("http://127.0.0.1:")
        async with aiohttp.ClientSession() as session:
            async with session.post(replay.base_url + "/chat/completions", json=HI) as answer:
                assert (await answer.read()).endswith(b"data: [DONE]\\n\\n")
        assert 90 < streamsim.clock.now() < 95
        assert replay.trace.outcome == "complete"
    """

EACH = [
    pytest.param("pytestmark = pytest.mark.asyncio", STRICT, id="pytest-asyncio, strict"),
    pytest.param("", AUTO, id="pytest-asyncio, auto"),
    pytest.param(
        "pytestmark = pytest.mark.anyio\n    anyio_backend = pytest.fixture(lambda: 'asyncio')",
        STRICT,
        id="anyio",
    ),
]
each = pytest.mark.parametrize(("mark", "options"), EACH)


@each
def test_clients_in_memory(suite: Suite, mark: str, options: tuple[str, ...]) -> None:
    """The same fixture serves asynchronous clients, also when a fixture has made the replay before the loop ran."""
    suite(CLIENTS.replace("{mark}", mark), *options, passed=2)


@each
def test_clients_on_loopback(suite: Suite, mark: str, options: tuple[str, ...]) -> None:
    """Any client of asyncio finds a real socket at base_url, in the same virtual time."""
    suite(LOOPBACK.replace("{mark}", mark), *options, passed=2)


def test_trio(suite: Suite) -> None:
    """Under trio the client in memory is the way, and base_url says so."""
    suite(
        """
        import trio

        pytestmark = pytest.mark.anyio
        anyio_backend = pytest.fixture(lambda: "trio")

        @pytest.fixture
        def early(streamsim):
            replay = streamsim.replay("llama-chat", ttft="90s")
            assert replay.base_url == "http://only-through-http-client.streamsim.invalid/v1"
            return replay

        async def test_it(early, streamsim):
            await trio.sleep(1000)
            client = openai.AsyncOpenAI(api_key="sk-1", base_url=early.base_url, http_client=early.http_client())
            assert len(await aask(client)) == 46
            assert 1090 < streamsim.clock.now() < 1095
        """,
        *STRICT,
        passed=1,
    )


def test_a_loop_that_outlives_the_test_gets_its_real_time_back(suite: Suite) -> None:
    """On a loop that tests share each begins at zero, and a test without the fixture is in real time."""
    suite(
        """
        pytestmark = pytest.mark.asyncio(loop_scope="module")

        @pytest.mark.parametrize("nth", range(3))
        async def test_it(streamsim, nth):
            assert streamsim.clock.now() == 0
            await asyncio.sleep(1000)
            assert streamsim.clock.now() == 1000

        async def test_without():
            before = time.monotonic()
            await asyncio.sleep(0.01)
            assert time.monotonic() - before < 5
        """,
        *STRICT,
        passed=4,
    )


def test_a_deadlock_is_told_inside_the_test(suite: Suite) -> None:
    """A test that waits for ever fails at the line where it waits."""
    out = suite(
        """
        async def test_it(streamsim):
            streamsim.clock
            await asyncio.Event().wait()
        """,
        *AUTO,
        failed=1,
    )
    assert "await asyncio.Event().wait()" in out
    assert "streamsim.errors.VirtualDeadlock: " in out
