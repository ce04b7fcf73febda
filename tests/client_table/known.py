"""Whether the table agrees with what was known of the clients before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from tests.client_table.facts import FACTS, NODE, NODE_6, VERSIONS, Fact
from tests.client_table.outcome import lacking

if TYPE_CHECKING:
    from tests.client_table.outcome import Outcome
    from tests.client_table.table import Table


class Compared(msgspec.Struct, frozen=True):
    """A fact, and for which clients the table does not agree."""

    fact: Fact
    asked: tuple[str, ...]
    differs: tuple[str, ...]


_EXPECTED = re.compile(r"(ok|silent|hang|error)(?: ([A-Za-z:]+(?:,? [a-z]+)*))?(?: ([+-]\d+))?(?: x(\d+))?")


def agrees(outcome: Outcome, expected: str) -> bool:
    """Tell whether an outcome is what a pattern says.

    Raises:
        ValueError: It is no pattern.

    """
    match = _EXPECTED.fullmatch(expected)
    if match is None:
        raise ValueError(f"{expected!r} expects nothing")
    kind = {"ok": "complete", "error": "exception"}.get(match[1], match[1])
    return (
        outcome.kind == kind
        and (match[2] or "") in (lacking(outcome) if outcome.kind == "silent" else outcome.error)
        and (match[3] is None or outcome.events - outcome.of == int(match[3]))
        and (match[4] is None or outcome.requests == int(match[4]))
    )


def expected(fact: Fact) -> dict[str, str]:
    """Return what a fact makes us expect; what is known of OpenAI's Node SDK, of each version of it."""
    known = fact.expect.get(NODE)
    return fact.expect if known is None else fact.expect | {NODE_6: known}


def compared(table: Table) -> list[Compared]:
    """Return each fact with what the table says to it."""
    told: list[Compared] = []
    for fact in FACTS:
        expect = expected(fact)
        cells = {client: table.cell(fact.title, client) for client in expect}
        asked = {client: outcome for client, outcome in cells.items() if outcome is not None}
        differs = tuple(client for client, outcome in asked.items() if not agrees(outcome, expect[client]))
        told.append(Compared(fact, tuple(asked), differs))
    return told


def reason(client: str, table: Table) -> str:
    """Return why a client does otherwise: since it is another version; empty where nobody knows."""
    column = table.column(client)
    if column is not None and column.version != VERSIONS[client]:
        return f"version {column.version} does otherwise than {VERSIONS[client]}"
    return ""


def unexplained(table: Table) -> list[str]:
    """Return what differs and nothing explains."""
    return [
        f"{one.fact.title}: {client}" for one in compared(table) for client in one.differs if not reason(client, table)
    ]
