"""Options, configuration and the fixtures that a project overrides; and what reports say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.testing.suites import QUIET

if TYPE_CHECKING:
    from tests.testing.suites import Suite

pytest_plugins = ["pytester"]

SEED = """
    def test_it(streamsim):
        replay = streamsim.replay("llama-chat", itl="uniform(1s,9s)")
        ask(sdk(replay))
        assert (streamsim.seed, replay.plan.seed) == (EXPECTED, EXPECTED)
    """


@pytest.mark.parametrize(
    ("options", "seed"),
    [((), "0"), (("-o", "streamsim_seed=3"), "3"), (("-o", "streamsim_seed=3", "--streamsim-seed=5"), "5")],
)
def test_the_seed(suite: Suite, options: tuple[str, ...], seed: str) -> None:
    """It is 0, unless configured, or given at the command line, which goes before."""
    assert f"streamsim: seed {seed}, profile as recorded, record once" in suite(
        SEED.replace("EXPECTED", seed), *options, "-vv", passed=1
    )


OVERRIDDEN = """
    import shutil
    from streamsim.shells.files import resolve

    @pytest.fixture(scope="session")
    def streamsim_seed():
        return 11

    @pytest.fixture(scope="session")
    def streamsim_profile():
        return "good-day"

    @pytest.fixture(scope="session")
    def streamsim_recordings(tmp_path_factory):
        folder = tmp_path_factory.mktemp("mine")
        shutil.copy(resolve("llama-chat"), folder / "mine.jsonl")
        return folder

    def test_it(streamsim):
        mine = streamsim.replay("mine", optional=True)
        assert mine.seed == streamsim.seed == mine.plan.seed == EXPECTED
        assert mine.plan.digest != streamsim.replay("mine", profile=None, optional=True).plan.digest
        assert streamsim.replay("mine", seed=2, optional=True).plan.seed == 2
        with pytest.raises(streamsim.RecordingError, match="did you mean mine"):
            streamsim.replay("mime")
    """


@pytest.mark.parametrize(("options", "seed"), [((), "11"), (("--streamsim-seed=5",), "5")])
def test_a_project_overrides_the_fixtures(suite: Suite, options: tuple[str, ...], seed: str) -> None:
    """The command line goes before the fixture for the seed, what a replay says before both."""
    suite(OVERRIDDEN.replace("EXPECTED", seed), *options, passed=1)


def test_a_failure_says_how_to_see_it_again(suite: Suite) -> None:
    """Seed, profile, attempts, digests and outcomes stand in the report, and the command that replays them."""
    out = suite(
        """
        def test_it(streamsim):
            replay = streamsim.replay("llama-chat", faults="http_error:status=503,attempt=1", seed=4)
            client = openai.OpenAI(api_key="sk-1", http_client=replay.http_client(), max_retries=1)
            ask(client)
            client._client.get("http://any/nowhere")
            streamsim.replay("llama-json")
            print([replay.plan_of(trace).digest for trace in replay.traces])
            assert False
        """,
        "--streamsim-seed=7",
        failed=1,
    )
    section = out.partition("- streamsim -")[2].partition("\n")[2].partition("\n=")[0].splitlines()
    first, second, *rest = (line.partition("digest ") for line in section[1:3])
    assert section[0] == "seed 7, profile as recorded"
    assert first[0].startswith("replay 'llama-chat' (seed 4): exchange 1, attempt 1, plan ")
    assert first[2][64:] == "; complete after 0 of 0 events; http_error:attempt=1,status=503 applied"
    assert second[0].startswith("replay 'llama-chat' (seed 4): exchange 1, attempt 2, plan ")
    assert second[2][64:] == "; complete after 47 of 47 events; http_error:attempt=1,status=503 missed"
    assert first[2][:64] in out.partition("Captured stdout")[2]
    assert section[3:] == [
        "replay 'llama-chat' (seed 4): GET /nowhere: no recorded exchange answers it",
        "replay 'llama-json': never requested",
        "replay it: pytest test_it.py::test_it --streamsim-seed=7",
    ]
    assert rest == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-o", "streamsim_seed=x"), "streamsim_seed: x is no seed; give a whole number from 0 on"),
        (("--streamsim-seed=-1",), "--streamsim-seed: -1 is no seed; give a whole number from 0 on"),
        (("-o", "streamsim_record=twice"), "streamsim_record: 'twice' is no mode; write one of none, once, new, all"),
    ],
)
def test_a_wrong_setting_ends_the_run(pytester: pytest.Pytester, options: tuple[str, ...], told: str) -> None:
    """It is named before any test runs."""
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_inprocess(*QUIET, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert told in result.stderr.str() + result.stdout.str()


def test_a_random_order(suite: Suite) -> None:
    """pytest-randomly changes the order, and nothing else."""
    source = """
        @pytest.mark.parametrize("nth", range(6))
        def test_it(streamsim, nth):
            ask(sdk(streamsim.replay("llama-chat", ttft="90s")))
            assert 90 < streamsim.clock.now() < 95
        """
    assert "Using --randomly-seed" in suite(source, "-p", "pytest_randomly", "-vv", passed=6)


def test_pytest_does_not_rewrite_the_rest_of_streamsim(suite: Suite, pytester: pytest.Pytester) -> None:
    """It would, since it marks a distribution with a plugin as a whole, and that takes time in fresh environments."""
    pytester.makeconftest(
        """
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_configure(config):
            config.pluginmanager.rewrite_hook._must_rewrite.update({"streamsim", "others"})
        """
    )
    suite(
        """
        def test_it(pytestconfig):
            marked = pytestconfig.pluginmanager.rewrite_hook._must_rewrite
            assert "others" in marked
            assert "streamsim" not in marked
        """,
        passed=1,
    )


def test_a_refusal_under_load_is_told_as_one(suite: Suite) -> None:
    """It has no plan to name: neither the report nor who asks for it takes it for an answer."""
    out = suite(
        """
        def test_it(streamsim):
            load = streamsim.Load(max_concurrency=1, max_queue=0)
            replay = streamsim.replay("llama-chat", profile=streamsim.Profile(load=load))
            client = sdk(replay)
            with client.chat.completions.create(**HI):
                with pytest.raises(openai.RateLimitError, match="streamsim: overloaded: 1 answers run"):
                    ask(client.with_options(max_retries=0))
            with pytest.raises(streamsim.UsageError, match="it was refused under load, so nothing was planned"):
                replay.plan_of(replay.traces[1])
            assert False
        """,
        failed=1,
    )
    assert "replay 'llama-chat': exchange 1, attempt 1: refused under load" in out
