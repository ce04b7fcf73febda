"""What a test must not leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.testing.suites import Suite

pytest_plugins = ["pytester"]

AUTO = ("-o", "asyncio_mode=auto")
NEVER = (
    "replay 'llama-chat': it was never requested; give a client its base_url or its http_client(), or, "
    "if this is on purpose, give it optional=True"
)
OPEN = (
    "replay 'llama-chat': exchange 1, attempt 1 is still open after 2 of 47 events; close the stream or read it to its "
    "end, or, if this is on purpose, give it leave_open=True"
)


def test_a_replay_that_is_never_requested_fails_the_test(suite: Suite) -> None:
    """Who prepares an answer and asks nobody tests nothing; optional=True allows it."""
    out = suite(
        """
        def test_it(streamsim):
            streamsim.replay("llama-chat")

        def test_allowed(streamsim):
            streamsim.replay("llama-chat", optional=True)

        @pytest.mark.streamsim("llama-chat")
        def test_marked(streamsim):
            pass

        @pytest.mark.streamsim("llama-chat", optional=True)
        def test_marked_and_allowed(streamsim):
            pass
        """,
        passed=4,
        errors=2,
    )
    assert out.count(f"\n{NEVER}\n") == 2


def test_a_stream_that_is_left_open_fails_the_test(suite: Suite) -> None:
    """In memory, by blocking socket, on loopback and in real time; leave_open=True allows it."""
    out = suite(
        """
        def begin(client):
            stream = client.chat.completions.create(**HI)
            next(stream), next(stream)
            return stream

        async def abegin(client):
            stream = await client.chat.completions.create(**HI)
            await anext(stream), await anext(stream)
            return stream

        SLOW = {"itl": "1s"}
        kept = []

        def test_memory(streamsim):
            kept.append(begin(sdk(streamsim.replay("llama-chat", **SLOW))))

        def test_pump(streamsim):
            client = openai.OpenAI(api_key="sk-1", base_url=streamsim.replay("llama-chat", **SLOW).base_url)
            kept.append(begin(client))

        async def test_loopback(streamsim):
            client = openai.AsyncOpenAI(api_key="sk-1", base_url=streamsim.replay("llama-chat", **SLOW).base_url)
            kept.append(await abegin(client))

        def test_real(streamsim):
            kept.append(begin(sdk(streamsim.replay("llama-chat", **SLOW, real=True))))

        def test_allowed(streamsim):
            kept.append(begin(sdk(streamsim.replay("llama-chat", **SLOW, leave_open=True))))
        """,
        *AUTO,
        passed=5,
        errors=4,
    )
    assert out.count(f"\n{OPEN}\n") == 4
    assert "; client left after " not in out


def test_who_closed_it_has_finished_it(suite: Suite) -> None:
    """Also where a fixture closes it after the test, on a real socket and on loopback."""
    suite(
        """
        @pytest.fixture
        def stream(streamsim):
            with sdk(streamsim.replay("llama-chat", itl="1s")).chat.completions.create(**HI) as stream:
                yield stream

        def test_closed_by_a_fixture(stream):
            next(stream)

        @pytest.mark.parametrize("real", [False, True])
        def test_closed(streamsim, real):
            with sdk(streamsim.replay("llama-chat", itl="1s", real=real)).chat.completions.create(**HI) as stream:
                next(stream)

        async def test_closed_on_loopback(streamsim):
            client = openai.AsyncOpenAI(api_key="sk-1", base_url=streamsim.replay("llama-chat", itl="1s").base_url)
            async with await client.chat.completions.create(**HI) as stream:
                await anext(stream)
        """,
        *AUTO,
        passed=4,
    )


def test_who_read_its_terminal_event_or_its_end_has_finished_it(suite: Suite) -> None:
    """Also where the connection hangs after the last event, broke, or the client gave it up."""
    suite(
        """
        def test_terminal(streamsim):
            ask(sdk(streamsim.replay("llama-chat", faults="hold_after_terminal")))

        async def test_terminal_on_loopback(streamsim):
            replay = streamsim.replay("llama-chat", faults="hold_after_terminal")
            async with aiohttp.ClientSession() as session:
                answer = await session.post(replay.base_url + "/chat/completions", json=HI)
                while b"[DONE]" not in await answer.content.readline():
                    pass

        def test_broken(streamsim):
            with pytest.raises(openai.APIConnectionError):
                ask(sdk(streamsim.replay("llama-chat", faults="reset_peer:at_event=3")))

        def test_timed_out(streamsim):
            with pytest.raises(openai.APITimeoutError):
                ask(sdk(streamsim.replay("llama-chat", faults="stall:at_event=3")))
            assert 600 < streamsim.clock.now() < 610
        """,
        *AUTO,
        passed=4,
    )


def test_a_test_that_fails_or_skips_is_not_judged_twice(suite: Suite) -> None:
    """What a test could not come to is not held against it."""
    suite(
        """
        def test_it(streamsim):
            streamsim.replay("llama-chat")
            assert False

        def test_skipped(streamsim):
            streamsim.replay("llama-chat")
            pytest.skip("today")
        """,
        failed=1,
        skipped=1,
    )
