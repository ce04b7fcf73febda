"""``python -m tests.client_table``: install the clients, put every fault to each, write the table."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import click

from streamsim.errors import StreamsimError, UsageError
from tests.client_table.asking import ask_all
from tests.client_table.cases import CASES, LIMIT_S, TIMEOUT_S, Case
from tests.client_table.clients import CLIENTS, Client
from tests.client_table.installing import install
from tests.client_table.known import unexplained
from tests.client_table.outcome import cell
from tests.client_table.page import page
from tests.client_table.table import DATA, PAGE, Column, as_json, merged, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.client_table.outcome import Outcome
    from tests.client_table.table import Table

_FAULTS = sorted({name for case in CASES for name in case.names})


@click.command()
@click.option("--client", "clients", multiple=True, type=click.Choice([client.name for client in CLIENTS]))
@click.option("--fault", "faults", multiple=True, type=click.Choice(_FAULTS), metavar="NAME")
@click.option("--no-install", is_flag=True, help="Take the clients as they were installed last.")
@click.option("--no-ask", is_flag=True, help="Only write the page anew from what is known.")
@click.option("--jobs", type=click.IntRange(min=1), default=3, show_default=True, help="Clients asked at a time.")
def main(clients: tuple[str, ...], faults: tuple[str, ...], *, no_install: bool, no_ask: bool, jobs: int) -> None:
    """Ask current official clients what they do with each fault; write docs/reference/clients.md and clients.json.

    With --client or --fault only these are asked, and the rest stays as it was. Exit code 1: a client does what was not
    known of it, and nothing explains why.
    """
    try:
        if not (no_install or no_ask):
            install()
        asked = () if no_ask else _asked(clients)
        table = asyncio.run(_ask(asked, [case for case in CASES if _chosen(case, faults)], jobs))
    except StreamsimError as error:
        raise click.ClickException(str(error)) from error
    DATA.write_bytes(as_json(table))
    PAGE.write_text(page(table), encoding="utf-8")
    strange = unexplained(table)
    for one in strange:
        click.echo(f"not as known, and not explained: {one}", err=True)
    raise SystemExit(bool(strange))


def _asked(names: tuple[str, ...]) -> tuple[Client, ...]:
    return tuple(client for client in CLIENTS if not names or client.name in names)


def _chosen(case: Case, faults: tuple[str, ...]) -> bool:
    return not faults or bool(set(case.names) & set(faults))


async def _ask(clients: Sequence[Client], cases: Sequence[Case], jobs: int) -> Table:
    found: dict[tuple[str, str], Outcome] = {}
    columns: dict[str, Column] = {}
    places = asyncio.Semaphore(jobs)

    def done(client: Client, case: Case, outcome: Outcome) -> None:
        found[case.title, client.name] = outcome
        click.echo(f"{client.name}: {case.title}: {cell(outcome, client.module)}")

    async def one(client: Client) -> None:
        async with places:
            about = await ask_all(client, cases, done)
            columns[client.name] = _column(client, about, read_table() if len(cases) < len(CASES) else None)

    await asyncio.gather(*map(one, clients))
    return merged(read_table(), columns, found, (TIMEOUT_S, LIMIT_S))


def _column(client: Client, about: dict[str, str], kept: Table | None) -> Column:
    """Return the column of a client, the rest of which is ``kept`` if only some faults were put to it.

    Raises:
        UsageError: What would be kept is of another version.

    """
    column = Column(client=client.name, package=client.package, date=time.strftime("%Y-%m-%d", time.gmtime()), **about)
    before = kept.column(client.name) if kept is not None else None
    if before is not None and before.version != column.version:
        problem = f"the table has version {before.version}, and {column.version} is installed"
        raise UsageError(f"--client {client.name}", problem, "put every fault to it: leave out --fault")
    return column


if __name__ == "__main__":
    main()
