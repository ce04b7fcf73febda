"""The table as data, in ``docs/reference/clients.json``: who was asked, at which versions, and what came of it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.client_table.cases import CASES, Case, rows_of
from tests.client_table.clients import CLIENTS
from tests.client_table.outcome import Outcome

DOCS = Path(__file__).parents[2] / "docs" / "reference"
DATA = DOCS / "clients.json"
PAGE = DOCS / "clients.md"


class Column(msgspec.Struct, frozen=True):
    """A client, as it was on the day."""

    client: str
    package: str
    version: str
    transport: str
    runtime: str
    date: str


class Row(msgspec.Struct, frozen=True):
    """A fault, or several together, and the outcome for each client."""

    group: str
    title: str
    faults: tuple[str, ...]
    rows: tuple[str, ...]
    cells: dict[str, Outcome]


class Table(msgspec.Struct, frozen=True):
    """All of it, in the order in which it is shown."""

    timeout_s: float
    limit_s: float
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def column(self, client: str) -> Column | None:
        """Return the column of a client, if it was asked."""
        return next((column for column in self.columns if column.client == client), None)

    def cell(self, title: str, client: str) -> Outcome | None:
        """Return one outcome, if it is known."""
        return next((row.cells.get(client) for row in self.rows if row.title == title), None)


def read_table() -> Table | None:
    """Return the table as it was last written, if it was."""
    return msgspec.json.decode(DATA.read_bytes(), type=Table) if DATA.exists() else None


def as_json(table: Table) -> bytes:
    """Return the file that holds ``table``: a row a line."""
    columns = b",\n".join(msgspec.json.encode(column) for column in table.columns)
    rows = b",\n".join(msgspec.json.encode(row) for row in table.rows)
    head = b'{"timeout_s":%s,"limit_s":%s' % (str(table.timeout_s).encode(), str(table.limit_s).encode())
    return head + b',"columns":[\n' + columns + b'\n],"rows":[\n' + rows + b"\n]}\n"


def merged(
    old: Table | None, columns: dict[str, Column], found: dict[tuple[str, str], Outcome], times: tuple[float, float]
) -> Table:
    """Return the table of today's cases: what was found now, and for the rest what was known before."""

    def cells(case: Case) -> dict[str, Outcome]:
        known = {client.name: old.cell(case.title, client.name) if old else None for client in CLIENTS}
        now = {client.name: found.get((case.title, client.name)) or known[client.name] for client in CLIENTS}
        return {name: outcome for name, outcome in now.items() if outcome is not None}

    shown = [columns.get(client.name) or (old.column(client.name) if old else None) for client in CLIENTS]
    rows = [Row(case.group, case.title, case.names, rows_of(case), cells(case)) for case in CASES]
    return Table(*times, tuple(column for column in shown if column), tuple(row for row in rows if row.cells))
