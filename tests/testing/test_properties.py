"""Property tests of hypothesis: each example begins anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.testing.suites import Suite

pytest_plugins = ["pytester"]

HEAD = """
    from hypothesis import given, settings, strategies as st

    some = given(n=st.integers(1, 9))
    few = settings(max_examples=8, database=None)
    """


def test_each_example_has_a_fresh_clock_and_fresh_replays(suite: Suite) -> None:
    """Those that a marker or a fixture made before the examples began begin anew too; no health check complains."""
    suite(
        HEAD
        + """
    @few
    @some
    def test_it(streamsim, n):
        assert streamsim.clock.now() == 0
        replay = streamsim.replay("llama-chat", ttft=f"{n}s")
        ask(sdk(replay))
        time.sleep(100)
        assert n + 100 < streamsim.clock.now() < n + 105
        assert len(replay.requests) == 1

    class TestMarked:
        @pytest.mark.streamsim("llama-chat", ttft="7s")
        @few
        @some
        def test_it(self, streamsim, streamsim_replay, n):
            assert streamsim.clock.now() == 0
            ask(sdk(streamsim_replay))
            assert 7 < streamsim.clock.now() < 12
            assert len(streamsim_replay.requests) == 1
    """,
        passed=2,
    )


@pytest.mark.parametrize("mark", ["pytest.mark.asyncio", "pytest.mark.anyio"])
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_asynchronous_examples(suite: Suite, mark: str, backend: str) -> None:
    """The same is true under an event loop."""
    if (mark, backend) == ("pytest.mark.asyncio", "trio"):
        pytest.skip("pytest-asyncio has one event loop")
    suite(
        HEAD
        + f"""
    anyio_backend = pytest.fixture(lambda: "{backend}")

    @{mark}
    @few
    @some
    async def test_it(streamsim, n):
        assert streamsim.clock.now() == 0
        replay = streamsim.replay("llama-chat", ttft=f"{{n}}s")
        await aask(asdk(replay))
        assert n < streamsim.clock.now() < n + 5
        assert len(replay.requests) == 1
    """,
        passed=1,
    )


def test_an_example_is_judged_by_what_it_leaves_behind(suite: Suite) -> None:
    """The smallest example that leaves something behind is found, and the report tells of its replay."""
    out = suite(
        HEAD
        + """
    @few
    @some
    def test_it(streamsim, n):
        replay = streamsim.replay("llama-chat")
        if n < 4:
            ask(sdk(replay))
    """,
        failed=1,
    )
    assert "n=4" in out
    assert "replay 'llama-chat': never requested" in out


def test_other_fixtures_are_still_warned_of(suite: Suite) -> None:
    """A fixture of the user's own that is not made anew keeps its health check."""
    out = suite(
        HEAD
        + """
    @pytest.fixture
    def mine():
        return []

    @few
    @some
    def test_it(streamsim, mine, n): ...
    """,
        failed=1,
    )
    assert "uses a function-scoped fixture" in out
