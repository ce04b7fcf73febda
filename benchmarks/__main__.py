"""``python -m benchmarks``: run the shapes, print the table."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path

import click
import msgspec

from benchmarks import report
from benchmarks.bench import AbsentError, Bench
from benchmarks.goals import judged
from benchmarks.measure import FAILURES
from benchmarks.processes import allow_files
from benchmarks.report import Report, Section
from benchmarks.rows import Row
from benchmarks.shapes import NAMES, shape


def _writable(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    """Return the path of a file that can be written when all is measured."""
    if path is not None and not os.access(path.parent, os.W_OK | os.X_OK):
        raise click.BadParameter(f"{path.parent} is no folder that can be written to; make it first")
    return path


_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES), metavar="[NAME]…")
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="How often to measure.")
@click.option("--big", is_flag=True, help="Also run what takes minutes.")
@click.option("--json", "as_json", type=_FILE, callback=_writable, metavar="FILE", help="Write all samples as JSON.")
@click.option("--table", type=_FILE, callback=_writable, metavar="FILE", help="Write the table as Markdown.")
def main(names: tuple[str, ...], rounds: int, *, big: bool, as_json: Path | None, table: Path | None) -> None:
    """Measure the shapes NAME… (all of them by default) side by side with what they are compared to.

    Exit code 1: something that must hold, such as "never early", did not.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode, so what is started has it too
    allow_files()
    load_before = report.load_average()
    with tempfile.TemporaryDirectory(prefix="streamsim-bench-") as folder:
        bench = Bench(folder=Path(folder), rounds=rounds, big=big)
        sections = tuple(_measured(name, bench) for name in names or NAMES)
    told = Report(
        date=report.today(),
        command=" ".join(["python -m benchmarks", *names, f"--rounds {rounds}", *(["--big"] if big else [])]),
        rounds=rounds,
        versions=report.versions(bench.versions),
        machine=report.machine(load_before),
        sections=sections,
        samples=as_json.name if as_json and table and as_json.parent == table.parent else "",
    )
    click.echo(report.page(told))
    if as_json is not None:
        as_json.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")
    if table is not None:
        table.write_text(report.page(told), encoding="utf-8")
    for broken in told.broken:
        click.echo(f"benchmarks: {broken}: this must hold, and does not", err=True)
    sys.exit(1 if told.broken else 0)


def _measured(name: str, bench: Bench) -> Section:
    module = shape(name)
    rows: list[Row] = []
    failed = ""
    click.echo(f"{name} …", err=True)
    try:
        for row in module.run(bench):
            rows.append(row)
            click.echo(report.line(row), err=True)
    except AbsentError as error:
        rows.append(Row(case="all", skipped=str(error)))
    except FAILURES as error:
        failed = repr(error)
    outcomes = tuple(judged(goal, rows) for goal in module.GOALS)
    for outcome in outcomes:
        click.echo(report.goal_line(outcome), err=True)
    return Section(name, module.__doc__ or "", tuple(rows), outcomes, failed)


if __name__ == "__main__":
    main()
