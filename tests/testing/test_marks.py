"""The marker, and tests that run once with each fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.testing.suites import Suite

pytest_plugins = ["pytester"]


def test_the_marker_declares_what_is_replayed(suite: Suite) -> None:
    """Nearer marks go before farther ones, what the test says goes before both."""
    suite(
        """
        pytestmark = pytest.mark.streamsim("llama-chat", ttft="2s", itl="0s")

        def test_fixture(streamsim, streamsim_replay):
            assert streamsim_replay is streamsim.replayed
            ask(sdk(streamsim_replay))
            assert 2 < streamsim.clock.now() < 2.1

        @pytest.mark.streamsim(ttft="7s")
        def test_nearer(streamsim):
            ask(sdk(streamsim.replayed))
            assert 7 < streamsim.clock.now() < 7.1

        @pytest.mark.streamsim(optional=True)
        def test_nearest(streamsim):
            ask(sdk(streamsim.replay("llama-chat", ttft="9s")))
            assert 9 < streamsim.clock.now() < 9.1
        """,
        passed=3,
    )


def test_a_test_can_run_once_with_each_of_a_list_of_faults(suite: Suite) -> None:
    """The ids are the faults as they are spelt; those in a list of their own strike together; a string is one fault."""
    out = suite(
        """
        @pytest.mark.streamsim("llama-chat", faults=["reset_peer:at_event=3", ["bom", "stall:at_event=5"], []])
        def test_it(streamsim_replay):
            try:
                ask(sdk(streamsim_replay))
            except openai.APIConnectionError:
                pass

        @pytest.mark.streamsim("llama-chat", faults="bom")
        def test_one(streamsim_replay):
            ask(sdk(streamsim_replay))
        """,
        "-vv",
        passed=4,
    )
    for name in ("test_it[reset_peer:at_event=3]", "test_it[bom+stall:at_event=5]", "test_it[none]", "test_one"):
        assert f"{name} PASSED" in out


def test_a_test_can_run_with_all_faults(suite: Suite) -> None:
    """Those that this recording has no place for are skipped, and say why."""
    out = suite(
        """
        from streamsim.plan.faults import CATALOGUE

        @pytest.mark.streamsim("llama-chat", faults="all", itl="0s")
        def test_it(streamsim, request):
            try:
                ask(sdk(streamsim.replayed))
            except (openai.OpenAIError, ValueError):
                pass
            assert request.node.callspec.id in CATALOGUE
        """,
        "-rs",
        "-vv",
    )
    assert "test_it[reset_peer] PASSED" in out
    assert "test_it[http_error] PASSED" in out
    assert "FAILED" not in out
    assert "ERROR" not in out


def test_what_a_marker_means_is_checked(suite: Suite) -> None:
    """A mistyped option, recording or fault is an error in one line, with what may have been meant."""
    out = suite(
        """
        @pytest.mark.streamsim("llama-chat", ttfft="1s")
        def test_option(streamsim): ...

        @pytest.mark.streamsim("lama-chat")
        def test_recording(streamsim): ...

        @pytest.mark.streamsim("llama-chat", faults=["reset_pear"])
        def test_fault(streamsim): ...

        @pytest.mark.streamsim("llama-chat", ttft=1)
        def test_value(streamsim): ...

        @pytest.mark.streamsim("llama-chat", "llama-json")
        def test_two(streamsim): ...

        def test_none(streamsim_replay): ...
        """,
        errors=6,
    )
    for told in (
        "@pytest.mark.streamsim: there is no option 'ttfft'; did you mean ttft or ttfb?",
        "lama-chat: there is no such file, nor a shipped recording of that name; did you mean llama-chat or ",
        "replay: faults: there is no fault 'reset_pear'; did you mean reset_peer",
        "replay: ttft: 1 is not a string; write it in quotes, with its unit: '300ms'",
        "@pytest.mark.streamsim: it takes one recording; give everything else by name",
        "@pytest.mark.streamsim: it declares no recording for this test; name one there, or call streamsim.replay(…)",
    ):
        assert told in out


def test_what_replay_is_told_is_checked(suite: Suite) -> None:
    """The error stands at the line of the test that says so, without streamsim's own."""
    out = suite(
        """
        def test_option(streamsim):
            streamsim.replay("llama-chat", profil="x")

        def test_recording(streamsim):
            streamsim.replay("llama-chet.jsonl")

        def test_text(streamsim):
            streamsim.replay("Once upon a time there was a stream that never came to its end. " * 9)

        def test_nothing(streamsim):
            streamsim.replay()

        def test_speed(streamsim):
            streamsim.replay("llama-chat", speed=10)

        def test_all(streamsim):
            streamsim.replay("llama-chat", faults="all")

        def test_mixed(streamsim):
            streamsim.replay("llama-chat", real=True, optional=True)
            streamsim.replay("llama-chat").base_url
        """,
        failed=7,
    )
    for told in (
        "streamsim.errors.UsageError: replay: speed: 10 is not a string; write it in quotes: '10'",
        "replay: faults: 'all' is a run of the test with each fault; say it in the marker, or name one",
        "streamsim.errors.UsageError: replay: there is no option 'profil'; did you mean profile?",
        "streamsim.errors.RecordingError: llama-chet.jsonl: there is no such file, nor a shipped recording",
        "streamsim.errors.RecordingError: Once upon a time there was a stream that never came to its e…: there is",
        "streamsim.errors.UsageError: replay: it names no recording; name one, or an upstream to record",
        "streamsim.errors.UsageError: streamsim: one replay of this test plays in real time, another in virtual",
    ):
        assert told in out
    assert "kit.py" not in out.partition("test_mixed")[0]


def test_places_that_do_not_count(suite: Suite) -> None:
    """They are ignored when requests find their exchange; one that means nothing is an error."""
    out = suite(
        """
        import json, streamsim as module

        LOADED = module.load("llama-chat")

        def asked(replay, **more):
            client = replay.http_client(family="httpx")
            recorded = json.loads(LOADED.exchanges[0].request.text)
            return client.post("http://any/v1/chat/completions", json={**recorded, **more}).status_code

        @pytest.mark.streamsim("llama-chat", match="strict", leave_open=True)
        def test_it(streamsim, streamsim_replay):
            assert asked(streamsim_replay, metadata={"session": "a"}) == 404
            assert asked(streamsim.replay("llama-chat", ignore="metadata"), metadata={"session": "a"}) == 200
            both = streamsim.replay("llama-chat", ignore=["metadata.session", "model"])
            assert asked(both, metadata={"session": "a"}, model="another") == 200
            assert asked(both, metadata={"session": "a"}, user="another") == 404

        def test_place(streamsim):
            streamsim.replay("llama-chat", ignore="a..b")

        def test_header(streamsim):
            streamsim.replay("llama-chat", ignore="header:x")

        def test_number(streamsim):
            streamsim.replay("llama-chat", ignore=[1])
        """,
        passed=1,
        failed=3,
    )
    for told in (
        "UsageError: replay: ignore a..b: '..b' is no step of a place; write messages.*.name, query:NAME or text:REGEX",
        "UsageError: replay: ignore header:x: headers are never compared; leave it out",
        "UsageError: replay: ignore: 1 is not a string; write a place in quotes: 'a.b'",
    ):
        assert told in out
