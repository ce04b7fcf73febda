from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from click.testing import CliRunner

from benchmarks import report
from benchmarks.__main__ import main
from benchmarks.bench import AbsentError, Bench
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.native import program
from benchmarks.peers import native
from benchmarks.rows import Metric, Row
from benchmarks.shapes import load, paced, plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPEED = Metric(name="speed", unit="MB/s", better="higher")
NEVER_EARLY = Metric(name="earliest", low=0.0)


def test_rounds_take_turns_and_so_does_who_begins() -> None:
    """Nobody is always measured first, or always after the same other."""
    order: list[str] = []

    def contestant(name: str) -> dict[str, float]:
        order.append(name)
        return {}

    interleaved(3, {"a": lambda: contestant("a"), "b": lambda: contestant("b")})
    assert order == ["a", "b", "b", "a", "a", "b"]


def test_a_peer_that_fails_is_out(capsys: pytest.CaptureFixture[str]) -> None:
    """One that dies in the middle costs its rows, not the run."""

    def dies() -> dict[str, float]:
        raise RuntimeError("it is gone")

    assert interleaved(2, {OURS: lambda: {"speed": 1.0}, "x": dies}) == {OURS: [{"speed": 1.0}, {"speed": 1.0}]}
    assert capsys.readouterr().err == "x is out: it is gone\n"


def test_our_own_failure_is_not_passed_over() -> None:
    """What we measure has to work."""

    def dies() -> dict[str, float]:
        raise RuntimeError("it is gone")

    with pytest.raises(RuntimeError, match="it is gone"):
        interleaved(1, {"x": dict, OURS: dies})


def test_a_shape_that_fails_is_told_and_the_others_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of many minutes is not lost; it ends with exit code 1 and says what is missing."""

    def dies(_: Bench) -> Iterator[Row]:
        yield Row(case="c", metric=SPEED, ours=(1.0,))
        raise RuntimeError("it is gone")

    monkeypatch.setattr(load, "run", dies)
    table = tmp_path / "table.md"
    done = CliRunner().invoke(main, ["load", "--rounds", "1", "--table", str(table)])
    assert done.exit_code == 1
    assert "benchmarks: load: RuntimeError('it is gone'): this must hold, and does not" in done.output
    page = table.read_text(encoding="utf-8")
    assert "**It could not be measured to the end**: RuntimeError('it is gone')" in page
    assert "| c | speed ↑ |  | 1 MB/s |  |  |" in page


def test_a_ratio_is_taken_round_by_round() -> None:
    """A round in which the machine was busy slows both sides, and so tells the same ratio."""
    samples = {
        OURS: [{"speed": 10.0}, {"speed": 2.0}, {"speed": 8.0}],
        "x": [{"speed": 5.0}, {"speed": 1.0}, {"speed": 2.0}],
    }
    (row,) = rows("case", [SPEED], samples)
    assert row.ratio == 2


def test_a_number_that_no_peer_has_gets_a_row() -> None:
    """What only we measure, or what stands alone, is told without a peer."""
    alone = Metric(name="lost", alone=True)
    samples = {OURS: [{"speed": 1.0, "lost": 0.0}], "x": [{"lost": 3.0}]}
    assert [(row.metric.name, row.peer) for row in rows("c", [SPEED, alone], samples)] == [("speed", ""), ("lost", "")]


@pytest.mark.parametrize(
    ("metric", "ours", "holds"),
    [
        (SPEED, (1.0,), None),
        (NEVER_EARLY, (0.0, 0.1), True),
        (NEVER_EARLY, (0.1, -0.001, 0.1), False),
        (Metric(name="drift", high=1.0), (0.1, 0.2, 5.0), True),
        (Metric(name="drift", high=1.0), (0.1, 2.0, 5.0), False),
        (Metric(name="lost", high=0.0, strict=True), (0.0, 0.0, 1.0), False),
    ],
)
def test_laws_are_checked(metric: Metric, ours: tuple[float, ...], holds: bool | None) -> None:  # noqa: FBT001
    """A lower bound holds for every round, an upper one for the median, or for every round where it is strict."""
    assert Row(case="c", metric=metric, ours=ours).holds is holds


def test_a_row_shows_ratio_spread_and_law() -> None:
    """One line of the table, ratio first."""
    metric = Metric(name="earliest", unit="ms", better="", low=0.0)
    row = Row(case="c", metric=metric, ours=(1.0, 2.0, 4.0), peer="x", theirs=(4.0, 4.0, 4.0))
    assert report.line(row) == "| c | earliest | **0.5** | 2 ms (1 … 4)<br>≥ 0: holds | x | 4 ms |"


def test_a_skipped_row_says_why() -> None:
    """What could not be compared is not left out in silence."""
    row = Row(case="c", peer="x", skipped="x is not installed")
    assert report.line(row) == "| c | skipped: x is not installed | | | x | |"


def test_what_is_broken_is_named() -> None:
    """The run knows which law did not hold, for its exit code."""
    early = Row(case="c", metric=NEVER_EARLY, ours=(-1.0,))
    told = report.Report(
        date="2026-11-22",
        command="python -m benchmarks",
        rounds=1,
        versions={},
        machine=report.Machine("Linux", "cpu", 2, 0.1, 0.2),
        sections=(report.Section("drift", "About.", (early,)),),
    )
    assert told.broken == ["drift: c: earliest"]
    assert "**BROKEN**" in report.page(told)


def test_what_cannot_be_built_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that need the C programs say so where there is no compiler."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AbsentError, match=r"no C compiler|needs Linux"):
        program(Bench(folder=tmp_path, rounds=1), "load")


def test_the_command_writes_table_and_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One shape, one round: the table has its rows, and the JSON every sample, with versions and machine."""
    monkeypatch.setattr(plan, "CHUNKS", (1, 100))
    table, samples = tmp_path / "table.md", tmp_path / "samples.json"
    done = CliRunner().invoke(main, ["plan", "--rounds", "1", "--table", str(table), "--json", str(samples)])
    assert done.exit_code == 0
    told = msgspec.json.decode(samples.read_bytes())
    assert told["command"] == "python -m benchmarks plan --rounds 1"
    assert told["machine"]["cores"] > 0
    assert [section["name"] for section in told["sections"]] == ["plan"]
    page = table.read_text(encoding="utf-8")
    assert "| 100 chunks | digest ↓ |" in page
    assert "[`samples.json`](samples.json) holds every sample." in page


def test_a_shape_that_does_not_exist_is_refused() -> None:
    """A wrong name is a usage error, and the known names are told."""
    done = CliRunner().invoke(main, ["speed"])
    assert done.exit_code == 2
    assert "drift" in done.output


def test_a_starved_round_counts_for_the_laws_only() -> None:
    """CPU of a starved server looks low; so such a round is no measurement, but it must not be early all the same."""
    calm = {metric.name: 1.0 for metric in paced.METRICS}
    starved = {**calm, paced.LATE: paced.ANSWER.gap_ms + 0.1}
    samples = {OURS: [calm, calm], native.NAME: [calm, starved]}
    told = {row.metric.name: row for row in paced.told("100 streams", samples, 2)}
    assert len(told["earliest"].ours) == 2
    assert len(told["CPU an event"].ours) == 1
    assert "1 of 2 rounds" in told["CPU an event"].note


def test_a_machine_that_is_never_at_rest_is_told() -> None:
    """The laws are still checked, and the rest says why it is missing."""
    starved = {metric.name: 100.0 for metric in paced.METRICS}
    *laws, rest = paced.told("100 streams", {OURS: [starved], native.NAME: [starved]}, 1)
    assert [row.metric.name for row in laws] == ["earliest", "streams not whole"]
    assert "late by over a gap" in rest.skipped
