"""The scoreboard as data, in ``docs/reference/parsers.json``: which parser, at which version, broke what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from streamsim.conformance.finding import Finding
from streamsim.conformance.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.parsers_table.parsers import Parser

DOCS = Path(__file__).parents[2] / "docs" / "reference"
DATA = DOCS / "parsers.json"
PAGE = DOCS / "parsers.md"


class Row(msgspec.Struct, frozen=True):
    """A parser, as it was on the day."""

    package: str
    language: str
    version: str
    date: str
    policy: Policy
    examples: int
    cut: bool
    findings: tuple[Finding, ...]


class Table(msgspec.Struct, frozen=True):
    """All of it, in the order in which it is shown."""

    seed: int
    rows: tuple[Row, ...]

    def row(self, package: str, language: str) -> Row | None:
        """Return the row of a parser, if it was asked."""
        return next((row for row in self.rows if (row.package, row.language) == (package, language)), None)


def with_row(table: Table, row: Row, order: Sequence[Parser]) -> Table:
    """Return ``table`` with ``row`` in its place, in the ``order`` of the parsers, and without what is none of them."""
    rows = {(one.package, one.language): one for one in (*table.rows, row)}
    names = [(parser.package, parser.language) for parser in order]
    return Table(table.seed, tuple(rows[name] for name in names if name in rows))


def read_table() -> Table | None:
    """Return the scoreboard as it was last written, if it was."""
    return msgspec.json.decode(DATA.read_bytes(), type=Table) if DATA.exists() else None


def as_json(table: Table) -> bytes:
    """Return the scoreboard as it is kept."""
    return msgspec.json.format(msgspec.json.encode(table, order="deterministic"), indent=1) + b"\n"
