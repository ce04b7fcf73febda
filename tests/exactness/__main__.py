"""``python -m tests.exactness --python PYTHON…``: look many times, in many processes, and write the page."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections import defaultdict
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from tests.exactness.clients import EVENTS, ROWS, STREAMS, exact, look

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path("docs/reference/exactness.md")
LIBRARIES = ("openai", "anthropic", "httpx", "httpx2", "aiohttp", "requests", "urllib3", "trio")
HEAD = """# Exactness

Written by `.ci/full exactness`. Twenty events at odd times, in five streams of each client, {runs} times in each of
{processes} processes with hash seeds of their own, on each Python; then again while {hogs} processes keep every core
busy. An event counts as exact when the client's code has it at its planned nanosecond of virtual time, neither sooner
nor later. A timeline is the list of all instants in the order in which the client saw them, over all five streams.

"""


class Told(NamedTuple):
    """What one process saw of one row: events at their instant, of how many, and the timelines' digests."""

    row: str
    exact: int
    of: int
    digests: list[str]


@click.command()
@click.option("--python", "pythons", multiple=True, default=(sys.executable,), help="Interpreters to ask.")
@click.option("--runs", default=4, show_default=True)
@click.option("--processes", default=6, show_default=True)
@click.option("--here", is_flag=True, help="Look in this process and print what was seen, as JSON.")
def command(pythons: tuple[str, ...], runs: int, processes: int, *, here: bool) -> None:
    """Look, and write the page; exit 1 where an event was not at its instant."""
    if here:
        print(json.dumps([_look(row, runs) for row in ROWS]))  # noqa: T201 - what it is for
        return
    hogs = os.cpu_count() or 1
    told: dict[str, dict[str, list[Told]]] = defaultdict(dict)
    for python in pythons:
        told[_name(python)]["quiet"] = _ask(python, runs, processes)
        with _hogging(hogs):
            told[_name(python)]["busy"] = _ask(python, runs, processes)
    PAGE.write_text(HEAD.format(runs=runs, processes=processes, hogs=hogs) + _page(told), encoding="utf-8")
    if not all(one.exact == one.of for by in told.values() for found in by.values() for one in found):
        raise click.exceptions.Exit(1)


def _look(row: str, runs: int) -> Told:
    found = [look(row) for _ in range(runs)]
    digests = sorted({sha256(repr(seen).encode()).hexdigest()[:12] for seen in found})
    return Told(row, sum(map(exact, found)), runs * EVENTS * STREAMS, digests)


def _ask(python: str, runs: int, processes: int) -> list[Told]:
    command = [python, "-m", "tests.exactness", "--here", "--runs", str(runs)]
    environment = os.environ | {"PYTHONHASHSEED": "random"}
    said = [subprocess.run(command, env=environment, check=True, capture_output=True).stdout for _ in range(processes)]
    return [Told(*one) for output in said for one in json.loads(output)]


def _name(python: str) -> str:
    return subprocess.run([python, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]


@contextmanager
def _hogging(number: int) -> Iterator[None]:
    hogs = [subprocess.Popen([sys.executable, "-c", "while 1: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def _page(told: dict[str, dict[str, list[Told]]]) -> str:
    columns = [(python, load) for python, by in told.items() for load in by]
    lines = ["| client | " + " | ".join(f"{python}, {load}" for python, load in columns) + " | timelines |"]
    lines.append("|---" * (len(columns) + 2) + "|")
    for row in ROWS:
        cells, digests = [], set[str]()
        for python, load in columns:
            found = [one for one in told[python][load] if one.row == row]
            cells.append(f"{sum(one.exact for one in found):,} of {sum(one.of for one in found):,}")
            digests |= {digest for one in found for digest in one.digests}
        lines.append(f"| {row} | {' | '.join(cells)} | {len(digests)} ({', '.join(sorted(digests)[:3])}) |")
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    return "\n".join(lines) + f"\n\n{machine}; {versions}.\n"


command()
