"""``python -m tests.parsers_table``: install the parsers, fuzz one after the other, write the scoreboard."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import click

from streamsim.conformance.executors import processes
from streamsim.conformance.spreading import Work, do_all
from streamsim.errors import StreamsimError, UsageError
from tests.parsers_table.again import doubtful
from tests.parsers_table.installing import install, version
from tests.parsers_table.page import page
from tests.parsers_table.parsers import ROOT, Parser, all_parsers
from tests.parsers_table.table import DATA, PAGE, Row, Table, as_json, read_table, with_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.conformance.finding import Finding

SEED = 0


@click.command()
@click.option("--parser", "names", multiple=True, metavar="PACKAGE", help="Only this one; the rest stays as it was.")
@click.option("--examples", type=click.IntRange(min=1), default=20_000, show_default=True)
@click.option("--seconds", type=click.FloatRange(min=1), default=25.0, show_default=True, help="For each parser.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--no-install", is_flag=True, help="Take the parsers as they were installed last.")
@click.option("--no-fuzz", is_flag=True, help="Only write the page anew from what is known.")
@click.option("--resume", is_flag=True, help="Leave alone what was done today.")
def main(
    names: tuple[str, ...],
    *,
    examples: int,
    seconds: float,
    jobs: int,
    no_install: bool,
    no_fuzz: bool,
    resume: bool,
) -> None:
    """Write docs/reference/parsers.md and parsers.json. Exit code 1: our own parser has a mark.

    A parser that cannot be installed or started is named, and its row stays as it was.
    """
    os.chdir(ROOT)
    table = read_table() or Table(SEED, ())
    for parser in () if no_fuzz else all_parsers():
        if (names and parser.package not in names) or (resume and _done(table, parser)):
            continue
        try:
            if not no_install:
                install(parser)
            row = _row(parser, examples, seconds, jobs)
        except StreamsimError as error:
            click.echo(f"{parser.package} ({parser.language}): left out: {error}")
            continue
        table = with_row(read_table() or table, row, all_parsers())  # another one may have written meanwhile
        DATA.write_bytes(as_json(table))
    table = read_table() or table
    PAGE.write_text(page(table), encoding="utf-8")
    ours = table.row("streamsim", "ours")
    raise SystemExit(bool(ours and ours.findings))


def _row(parser: Parser, examples: int, seconds: float, jobs: int) -> Row:
    work = Work(parser.spec, parser.policy, examples=examples, seconds=seconds, seed=SEED)
    began = time.monotonic()
    with processes(jobs) as pool:
        done = do_all(work, pool)
    doubts = doubtful(parser, done.findings)
    findings = tuple(one for one in done.findings if one not in doubts)
    took = time.monotonic() - began
    click.echo(f"{parser.package} ({parser.language}): {_told(findings)} ({done.tried} examples, {took:.0f} s)")
    if doubts:
        click.echo(f"{parser.package} ({parser.language}): not shown again, and left out: {_told(doubts)}")
    named = version(parser)
    if not named:
        raise UsageError(parser.package, "it has no version", "is it installed?")
    return Row(parser.package, parser.language, named, _today(), parser.policy, done.tried, done.cut, findings)


def _told(findings: Sequence[Finding]) -> str:
    return ", ".join(f"{one.rule}/{one.features[-1] if one.features else ''}" for one in findings) or "nothing"


def _done(table: Table, parser: Parser) -> bool:
    row = table.row(parser.package, parser.language)
    return row is not None and (row.date, row.policy) == (_today(), parser.policy)


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


if __name__ == "__main__":
    main()
