"""The fixture in tests without an event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.testing.suites import Suite

pytest_plugins = ["pytester"]


def test_an_sdk_gets_the_recorded_answer_in_virtual_time(suite: Suite) -> None:
    """Ninety seconds pass in no time, at any URL, and the replay tells what was asked and given."""
    suite(
        """
        def test_it(streamsim):
            replay = streamsim.replay("llama-chat", ttft="90s")
            began = time.monotonic()
            assert len(ask(sdk(replay))) == 46
            assert time.monotonic() - began == streamsim.clock.now() > 90
            assert [request.target for request in replay.requests] == ["/v1/chat/completions"]
            assert replay.trace.outcome == "complete"
            assert replay.trace.script.told["plan"] == replay.plan.plan_id
        """,
        passed=1,
    )


def test_base_url_leads_any_blocking_client_there(suite: Suite) -> None:
    """requests, httpx and the SDKs reach it by its URL, which has the path that each SDK expects."""
    suite(
        """
        def test_sdks(streamsim):
            chat = streamsim.replay("llama-chat")
            assert chat.base_url == chat.url + "/v1"
            assert len(ask(openai.OpenAI(api_key="sk-1", base_url=chat.base_url))) == 46
            messages = streamsim.replay("llama-messages")
            assert messages.base_url == messages.url != chat.url
            client = anthropic.Anthropic(api_key="sk-1", base_url=messages.base_url)
            said = [{"role": "user", "content": "hi"}]
            with client.messages.stream(model="m", max_tokens=9, messages=said) as stream:
                assert stream.get_final_text().startswith("The lighthouse")

        @pytest.mark.parametrize("library", [requests, httpx, httpx2])
        def test_others(streamsim, library):
            replay = streamsim.replay("llama-chat", ttft="5s")
            answer = library.post(replay.base_url + "/chat/completions", json=HI, timeout=60)
            assert answer.text.endswith("data: [DONE]\\n\\n")
            assert streamsim.clock.now() > 5
        """,
        passed=4,
    )


def test_time_is_virtual_from_the_first_use_to_the_end_of_the_body(suite: Suite) -> None:
    """Setup and teardown, and tests that do not use it, see real time."""
    suite(
        """
        REAL = (time.sleep, time.time)

        @pytest.fixture
        def early(streamsim):
            streamsim.clock
            assert (time.sleep, time.time) == REAL
            yield
            assert (time.sleep, time.time) == REAL

        def test_it(early, streamsim):
            before = time.monotonic()
            time.sleep(3600)
            assert time.monotonic() - before == 3600 == streamsim.clock.now()

        def test_later(streamsim):
            assert (time.sleep, time.time) == REAL
            streamsim.clock
            time.sleep(3600)

        def test_without():
            assert (time.sleep, time.time) == REAL
        """,
        passed=3,
    )


def test_dates_are_virtual_where_the_marker_says_so(suite: Suite) -> None:
    """With freeze=True, or as configured, datetime tells the virtual clock's date."""
    source = """
        import datetime

        @pytest.mark.streamsim(freeze=True)
        def test_marked(streamsim):
            streamsim.clock.advance("36h")
            assert datetime.datetime.now(datetime.UTC).isoformat() == "2026-01-02T12:00:00+00:00"

        def test_plain(streamsim):
            streamsim.clock
            assert (datetime.datetime.now(datetime.UTC).year == 2026) == streamsim.frozen_by_ini
    """
    suite(source.replace("streamsim.frozen_by_ini", "True"), "-o", "streamsim_freeze=true", passed=2)


def test_an_event_loop_of_the_tests_own_is_virtual_too(suite: Suite) -> None:
    """asyncio.run() and trio.run() inside a plain test play in the same time."""
    suite(
        """
        import trio

        def test_asyncio(streamsim):
            replay = streamsim.replay("llama-chat", ttft="90s")

            async def main():
                async with openai.AsyncOpenAI(api_key="sk-1", base_url=replay.base_url, timeout=600) as client:
                    await aask(client)
                await aask(asdk(replay))
                await asyncio.sleep(1000)

            asyncio.run(main())
            asyncio.run(main())
            assert 2360 < streamsim.clock.now() < 2400

        def test_trio(streamsim):
            replay = streamsim.replay("llama-chat", ttft="90s")

            async def main():
                await aask(asdk(replay))
                await trio.sleep(1000)

            trio.run(main)
            assert 1090 < streamsim.clock.now() < 1100
        """,
        passed=2,
    )


def test_a_block_has_a_time_of_its_own(suite: Suite) -> None:
    """virtual_time() begins at zero with a fresh clock and fresh replays; the test's own time goes on afterwards."""
    out = suite(
        """
        def test_it(streamsim):
            time.sleep(0)
            streamsim.clock.advance(100)
            for _ in range(2):
                with streamsim.virtual_time() as clock:
                    assert clock.now() == 0
                    assert clock is streamsim.clock
                    ask(sdk(streamsim.replay("llama-chat", ttft="7s")))
                    time.sleep(10)
                    assert 17 < clock.now() < 20
            assert streamsim.clock.now() == 100
            time.sleep(5)
            assert streamsim.clock.now() == 105

        def test_judged(streamsim):
            with streamsim.virtual_time():
                streamsim.replay("llama-chat")
        """,
        passed=1,
        failed=1,
    )
    assert "streamsim.errors.StreamMismatch: replay 'llama-chat': it was never requested; " in out


def test_the_fixture_reaches_the_modules_public_names(suite: Suite) -> None:
    """Whoever calls the fixture streamsim can still say streamsim.load()."""
    suite(
        """
        def test_it(streamsim):
            recording = streamsim.load("llama-chat")
            ask(sdk(streamsim.replay(recording, profile=streamsim.Profile(name="mine"))))
            with pytest.raises(AttributeError, match="module 'streamsim' has no attribute 'nonsense'"):
                streamsim.nonsense
        """,
        passed=1,
    )
