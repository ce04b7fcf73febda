"""``python -m tests.parsers_table``: install the parsers, fuzz each, write the scoreboard."""

from __future__ import annotations

import os
import time

import click

from streamsim.conformance.executors import processes
from streamsim.conformance.spreading import Work, do_all
from streamsim.errors import StreamsimError
from tests.parsers_table.installing import install, version
from tests.parsers_table.page import page
from tests.parsers_table.parsers import ROOT, Parser, all_parsers
from tests.parsers_table.table import DATA, PAGE, Row, Table, as_json, read_table

SEED = 0


@click.command()
@click.option("--parser", "names", multiple=True, metavar="PACKAGE", help="Only this one; the rest stays as it was.")
@click.option("--examples", type=click.IntRange(min=1), default=20_000, show_default=True)
@click.option("--seconds", type=click.FloatRange(min=1), default=60.0, show_default=True, help="For each parser.")
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--no-install", is_flag=True, help="Take the parsers as they were installed last.")
@click.option("--no-fuzz", is_flag=True, help="Only write the page anew from what is known.")
def main(names: tuple[str, ...], *, examples: int, seconds: float, jobs: int, no_install: bool, no_fuzz: bool) -> None:
    """Write docs/reference/parsers.md and parsers.json. Exit code 1: our own parser has a mark."""
    os.chdir(ROOT)
    table = read_table() or Table(SEED, ())
    asked = [parser for parser in all_parsers() if not names or parser.package in names]
    try:
        if not (no_install or no_fuzz):
            install(asked)
        for parser in () if no_fuzz else asked:
            table = _with(table, _row(parser, examples, seconds, jobs))
            DATA.write_bytes(as_json(table))
    except StreamsimError as error:
        raise click.ClickException(str(error)) from error
    PAGE.write_text(page(table), encoding="utf-8")
    ours = table.row("streamsim", "ours")
    raise SystemExit(bool(ours and ours.findings))


def _row(parser: Parser, examples: int, seconds: float, jobs: int) -> Row:
    work = Work(parser.spec, parser.policy, examples=examples, seconds=seconds, seed=SEED)
    with processes(jobs) as pool:
        done = do_all(work, pool)
    click.echo(f"{parser.package}: {', '.join(one.rule for one in done.findings) or 'nothing'} ({done.tried} examples)")
    date = time.strftime("%Y-%m-%d", time.gmtime())
    return Row(
        parser.package, parser.language, version(parser), date, parser.policy, done.tried, done.cut, done.findings
    )


def _with(table: Table, row: Row) -> Table:
    order: dict[tuple[str, str], int] = {
        (each.package, each.language): number for number, each in enumerate(all_parsers())
    }
    rows = {(one.package, one.language): one for one in table.rows} | {(row.package, row.language): row}
    known = [one for key, one in rows.items() if key in order]
    return Table(SEED, tuple(sorted(known, key=lambda one: order[one.package, one.language])))


if __name__ == "__main__":
    main()
