"""The scoreboard as data, in ``docs/reference/parsers.json``: which parser, at which version, broke what."""

from __future__ import annotations

from pathlib import Path

import msgspec

from streamsim.conformance.finding import Finding
from streamsim.conformance.policy import Policy

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


def read_table() -> Table | None:
    """Return the scoreboard as it was last written, if it was."""
    return msgspec.json.decode(DATA.read_bytes(), type=Table) if DATA.exists() else None


def as_json(table: Table) -> bytes:
    """Return the scoreboard as it is kept."""
    return msgspec.json.format(msgspec.json.encode(table), indent=1) + b"\n"
