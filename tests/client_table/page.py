"""The table as a page of Markdown: ``docs/reference/clients.md``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.client_table.cases import GROUPS
from tests.client_table.clients import CLIENTS
from tests.client_table.facts import VERSIONS
from tests.client_table.known import compared, reason
from tests.client_table.outcome import NOWHERE, TIMES, cell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.client_table.known import Compared
    from tests.client_table.table import Row, Table

_TITLES = {client.name: client.title for client in CLIENTS}
_MODULES = {client.name: client.module for client in CLIENTS}

_HEAD = """\
# What clients do with each fault

Written by `python -m tests.client_table`, which installs the current official clients, puts every fault to each of them
over loopback, and notes what came of it; part of `.ci/full`.
[`clients.json`](clients.json) holds the same as data.
The faults are explained in [Faults](faults.md).
"""

_READING = """\
## How to read it

Every client asks for the same 22 pieces of text, each an event of its own in the form of its provider; under
[Tool calls](#tool-calls) for two tool calls, whose arguments come in pieces where the provider sends such.
It has a timeout of {timeout:g} s, and all else, retries included, as it comes.
Stalls and pauses are longer than that timeout and no longer than they need to be, where a real one takes minutes.
After {limit:g} s asking is given up.

| cell | meaning |
|---|---|
| `ok` | the same text, tool calls and reason to finish as without the fault, and no error |
| ok (+1) | the same, with an event more handed over than without the fault; (-1): with one less |
| **silent** | no error, but less text or another (*cut*: a beginning of it), other tool calls, no finish or another |
| broken arguments | a tool call's arguments are no JSON object; *other*: they are one, and not the one that was meant |
| `Name` | the exception raised, (200) being the HTTP status it carries; one from another package is named with it |
| **hang** | still waiting after {limit:g} s |
| 13/25 | 13 events had been handed over, of the 25 without the fault |
| {times}3 | three HTTP requests; without it, one (or none that the server saw) |
| ⚠ | in Node, a rejected promise that nobody hears, which ends a program |
| {nowhere} | the stream of this client has no place for the fault |

A character that a fault adds to the text belongs there, and is not counted as a difference.
A helper's tool calls are those of its final message; where a client only hands over increments, those under one index
are joined, names too, as one call.
Whether a stream without its last event (`message_stop`, `[DONE]`) is an `ok` is a matter of taste: its text is whole.
`refuse` and `ignore` are done by a port where nobody listens and by one whose queue is full, for a server cannot do
them; no server counts those attempts.
"""

_NOTES = """\
## Notes

Written by hand, of the versions of 2026-11-22.

- **A clean end in the middle of an answer is a success** for every client but the helper of Anthropic's Node SDK.
  Ask for the reason to finish before you trust a text.
- **Nothing is asked again once the head was read**, whatever breaks then.
  OpenAI's and Anthropic's SDKs ask up to three times before that; google-genai, mistralai and httpx-sse once.
- **The timeout of the Node SDKs ends with the head**: a stream that stalls hangs until Node's own limit strikes,
  which is minutes away and not waited for here.
- **OpenAI's Node SDK changed at version 7**: it leaves at `[DONE]`, as its Python SDK does, and so neither hangs nor
  raises if the connection breaks after that; it raises where an event is cut, and at every `event: error`.
  It asks for Node 22; on 22.20 its rows about stalls and endings were the same.
- **No timeout helps against keep-alives or a trickle**: each byte starts it anew.
- **`connection: close` hides resets and early ends from Node**, as success.
- google-genai reads only lines that begin with `data: `: comments, ids, types, a missing space and a byte order mark
  all end in `UnknownApiResponseError`.
- **A tool call that breaks off is a success.** The raw streams and the helper of OpenAI's Python SDK hand over what is
  no JSON; Anthropic's helpers close it, and hand over valid arguments that nobody meant, `{}` perhaps.
  A finish that speaks of no tool calls, or an increment that got lost, is noticed by none.
- **Without an index, or under the same one, two tool calls are no longer two** for whoever joins increments.
  The helper of OpenAI's Python SDK raises `TypeError` without one, and makes one call of two under one.
  Of Anthropic's helpers, that of the Python SDK raises `TypeError` without one and leaves the second call without
  arguments under one; that of the Node SDK leaves both without arguments, and raises.
- OpenAI's Python SDK parses blocks without data as JSON and fails; at `data:  [DONE]`, with a space too many, both of
  OpenAI's SDKs and mistralai fail with the whole text delivered.
- mistralai reads past a byte order mark, but not past one whose first byte comes alone.
- Told to wait for more than two minutes, OpenAI's Python SDK gives up at once, its Node SDK asks again sooner than it
  was told since version 7, and Anthropic's SDKs wait.
- httpx-sse itself looks at no status: what raises at an HTTP error is the `raise_for_status` that its users write.
- An error object whose `code` is null makes google-genai raise a bare `TypeError`.
"""


def page(table: Table) -> str:
    """Return the whole page."""
    titles = {column.client: _versioned(_TITLES[column.client], column.version) for column in table.columns}
    reading = _READING.format(timeout=table.timeout_s, limit=table.limit_s, times=TIMES, nowhere=NOWHERE)
    groups = [_group(name, table, titles) for name in GROUPS]
    parts = [_HEAD, _clients(table), reading, *filter(None, groups), _NOTES, _comparison(table)]
    return "\n".join(parts)


def _versioned(title: str, version: str) -> str:
    """Return ``title`` with the version after the package's name."""
    package, space, rest = title.partition(" ")
    return f"{package} {version}{space}{rest}"


def _clients(table: Table) -> str:
    ways = {client.name: client.way for client in CLIENTS}
    rows = [
        (_TITLES[one.client], one.version, ways[one.client], one.transport, one.runtime, one.date)
        for one in table.columns
    ]
    return "## Clients\n\n" + _table(("client", "version", "asked by", "over", "on", "date"), rows)


def _group(name: str, table: Table, titles: dict[str, str]) -> str:
    shown = [row for row in table.rows if row.group == name]
    if not shown:
        return ""
    rows = [(f"`{row.title}`" if row.faults else row.title, *_cells(row, titles)) for row in shown]
    return f"## {GROUPS[name]}\n\n" + _table(("fault", *titles.values()), rows)


def _cells(row: Row, clients: Iterable[str]) -> list[str]:
    known = [(name, row.cells.get(name)) for name in clients]
    return [cell(outcome, _MODULES[name]) if outcome else "?" for name, outcome in known]


def _comparison(table: Table) -> str:
    told = compared(table)
    agreeing = sum(not one.differs for one in told)
    versions = ", ".join(
        _versioned(client.title, VERSIONS[client.name])
        for client in CLIENTS
        if ")" not in client.title or client.title.endswith("(Node)")
    )
    rows = [(f"`{one.fact.title}`", one.fact.told, _names(one), _verdict(one, table)) for one in told]
    return (
        "## Compared with what was known\n\n"
        f"The following was found by hand, on loopback too, with {versions}.\n"
        "What is known of other software, of HTTP/2, and of what no fault of the catalogue does is left out.\n"
        f"Of {len(told)} statements {agreeing} hold for every client they are about.\n\n"
        + _table(("fault", "what was known", "of", "the table"), rows)
    )


def _names(one: Compared) -> str:
    return ", ".join(_TITLES[name] for name in one.asked)


def _verdict(one: Compared, table: Table) -> str:
    """Return whether the table agrees, and if not, why: since the client is another version."""
    if not one.differs:
        return "agrees"
    whys: dict[str, list[str]] = {}
    for name in one.differs:
        whys.setdefault(reason(name, table) or "**not explained**", []).append(_TITLES[name])
    return "differs: " + "; ".join(f"{', '.join(titles)}: {why}" for why, titles in whys.items())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "".join(f"{line}\n" for line in lines)
