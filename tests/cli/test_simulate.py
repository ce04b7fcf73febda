"""``streamsim simulate`` at the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from streamsim.cli import cli, main
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

SMALL = ("--requests", "200", "--output-tokens", "uniform:5:15", "--max-concurrency", "4", "--max-queue", "9")


def simulate(*arguments: object) -> str:
    result = CliRunner().invoke(cli, ["simulate", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_it_tells_and_draws() -> None:
    """Percentiles, throughput, digest and the curve; the same twice, and another with another seed."""
    arguments = (*SMALL, "--rate", "10", "--replicas", "2", "--slo", "ttft=100ms", "--rates", "5,20")
    told = simulate(*arguments)
    assert told.startswith("requests 200: completed 200, refused 0, in ")
    assert "\nsaturation: capacity " in told
    assert told == simulate(*arguments) != simulate(*arguments, "--seed", "1")


def test_json_has_all_of_it(tmp_path: Path) -> None:
    """Also from a profile, with options before it."""
    profile = tmp_path / "p.toml"
    profile.write_text('[pacing]\nttft = "9s"\nitl = "10ms"\n[load]\nmax_concurrency = "1"\nmax_queue = "0"\n')
    options = ("--users", "3", "--think", "1s", "--profile", profile, "--ttft", "0", "--requests", "9", "--json")
    told = json.loads(simulate(*options, "--output-tokens", "2"))
    assert told["outcome"]["requests"] == 9
    assert told["outcome"]["refused"] == 3
    assert told["outcome"]["e2e"]["max_ns"] == 10_000_000
    assert len(told["saturation"]["points"]) == 12
    constant = json.loads(simulate("--rate", "2", "--arrival", "constant", "--requests", "3", "--no-curve", "--json"))
    assert (constant["saturation"], constant["outcome"]["span_ns"]) == (None, 1_000_000_000 + 127 * 20_000_000)


def test_a_trace_is_played(tmp_path: Path) -> None:
    """As many requests as it has, at its times."""
    trace = tmp_path / "t.jsonl"
    trace.write_text('{"timestamp":0,"input_length":5,"output_length":3}\n')
    told = simulate("--trace", trace, "--router", "random")
    assert told.startswith("requests 1: completed 1, refused 0, in 40ms\n")
    assert told.endswith("\n\nno saturation curve: the trace says when requests come, and no rate does\n")
    assert json.loads(simulate("--trace", trace, "--json"))["saturation"] is None


def test_the_outcome_is_there_before_the_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known is told, whatever becomes of the curve."""

    def fails(*_: object) -> None:
        raise UsageError("curve", "it fails", "wait")

    monkeypatch.setattr("streamsim.cli.simulate.curve", fails)
    result = CliRunner().invoke(cli, ["simulate", *SMALL, "--rate", "10"])
    assert isinstance(result.exception, UsageError)
    assert result.output.startswith("requests 200: completed 200, refused 0, in ")


def test_a_terminal_sees_how_far_the_curve_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step a point and one for the capacity, on stderr; what is printed is the same without it."""
    arguments = ["simulate", *SMALL, "--rate", "10", "--rates", "5,20"]
    plain = CliRunner().invoke(cli, arguments)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    shown = CliRunner().invoke(cli, arguments)
    assert (plain.stdout, plain.stderr) == (shown.stdout, "")
    assert "curve" in shown.stderr
    assert "3/3" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "simulate: nothing says when requests come; give one of --rate, --users and --trace"),
        (
            ("--rate", "1", "--users", "1"),
            "simulate: --rate and --users each say when requests come; give one of --rate, --users and --trace",
        ),
        (("--rate", "fast"), "--rate: 'fast' is not a plain number; write it like 2, 0.5 or 1/20"),
        (("--rate", "1", "--trace", "no.jsonl"), "simulate: --rate and --trace each say when requests come; give"),
        (
            ("--rate", "1", "--think", "1s"),
            "--think: it says nothing beside --rate; leave it away, or give --users instead",
        ),
        (("--users", "1", "--arrival", "poisson"), "--arrival: it says nothing beside --users; leave it away, or give"),
        *(
            (
                ("--trace", "t.jsonl", option, "5"),
                f"{option}: it says nothing beside --trace; leave it away, or give --rate or --users instead",
            )
            for option in ("--requests", "--prompt-tokens", "--output-tokens", "--rates")
        ),
        (("--rate", "1", "--rates", "1", "--no-curve"), "--rates: --no-curve draws no curve that could have points;"),
        (("--trace", "no.jsonl"), "no.jsonl: No such file or directory; check the file"),
        (("--rate", "1e12"), "--rate: '1e12' is not a plain number; write it like 2, 0.5 or 1/20"),
        (("--rate", "0"), "--rate: '0' is not above zero; write it like 2, 0.5 or 1/20"),
        (("--rate", "1", "--output-tokens", "0"), "--output-tokens: '0' is less than one token; write 1 or more"),
        (
            ("--rate", "1", "--itl", "0", "--itl-per-stream", "1ms"),
            "--itl-per-stream: it is added to the usual ITL, and none is given; give --itl, or --time",
        ),
        (("--rate", "1/1000000000000"), "simulate: by request 1 the clock comes to its end, 292 years after its begin"),
        (("--rate", "5", "--prefill-rate", "1/1000000000000000000"), "--prefill-rate: at '1/1000000000000000000' a"),
        (
            ("--rate", "5", "--time-factor-under-load", "1000000000", "--max-concurrency", "2"),
            "--time-factor-under-load: '1000000000' is above 1000000",
        ),
        (("--rate", "1", "--slo", "tpot=1s"), "--slo: 'tpot=1s' is no limit"),
        (("--rate", "1", "--max-queue", "1"), "--max-queue: without a limit nobody waits"),
    ],
)
def test_bad_input_is_one_line(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With exit code 2."""
    monkeypatch.setattr("sys.argv", ["streamsim", "simulate", *arguments])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith(f"streamsim: {message}")
    assert told.count("\n") == 1
