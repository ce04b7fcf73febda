"""The scoreboard as a page of Markdown: ``docs/reference/parsers.md``."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from streamsim.conformance.features import NAMES, feature
from streamsim.conformance.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.conformance.finding import Finding
    from streamsim.conformance.policy import Policy
    from tests.parsers_table.table import Row, Table

_HEAD = """\
# Which rules current SSE parsers break

Written by `python -m tests.parsers_table`, which installs the current versions and runs `streamsim fuzz` on each, with
seed {seed}; part of `.ci/full`.
[`parsers.json`](parsers.json) holds the same as data.

## How to read it

| cell | meaning |
|---|---|
| ✗ | a bug: usual streams show it; 2✗: two of different causes |
| (✗) | an edge: only unusual streams show it, such as a byte order mark, invalid UTF-8, CR for line ends |
| *d* | by design, or so its documentation or its purpose says |
| | nothing was found |

What a parser does by design is declared before the search: it stops at `[DONE]`, gives events the id of their own
block, decodes what it reads.
Features that its events have no place for are not asked for.
A parser that is fed with text, or by a browser or an HTTP client, is not to blame for what those do.
A broken rule is switched off and the search goes on, so that each mark has a cause of its own; a rule that cannot be
reached because a more basic one is broken has no mark either.

"""


def page(table: Table) -> str:
    """Return the whole page."""
    parts = [_HEAD.format(seed=table.seed), _board(table), _rules(), *map(_details, table.rows)]
    return "\n".join(part for part in parts if part)


def _board(table: Table) -> str:
    shown = [each.name for each in RULES if any(each.name == one.rule for row in table.rows for one in row.findings)]
    head = ("parser", "version", "language", *(f"[{name}](#rules)" for name in shown))
    rows = [(row.package, row.version, row.language, *(_cell(row, name) for name in shown)) for row in table.rows]
    return f"## Scoreboard\n\n{_counted(table)}\n" + _table(head, rows)


def _counted(table: Table) -> str:
    """Return how many show a bug, how many nothing worse than an edge, how many nothing."""
    worst = Counter(_worst(row) for row in table.rows)
    told = [f"{worst[label]} {words}" for label, words in _WORST.items() if worst[label]]
    return f"{len(table.rows)} parsers: {', '.join(told)}.\n"


def _worst(row: Row) -> str:
    labels = {one.label for one in row.findings}
    return "bug" if "bug" in labels else "edge" if "edge" in labels else ""


_WORST: Final = {"bug": "with bugs", "edge": "with edges only", "": "with neither"}


def _cell(row: Row, name: str) -> str:
    marks: Counter[str] = Counter(one.label for one in row.findings if one.rule == name)
    told = [
        f"{marks[label] if marks[label] > 1 else ''}{mark}"
        for label, mark in (("bug", "✗"), ("edge", "(✗)"), ("by design", "*d*"))
        if marks[label]
    ]
    return " ".join(told)


def _rules() -> str:
    rows = [(each.name, each.section, each.law) for each in RULES]
    return "## Rules\n\nSections are those of the HTML living standard, *Server-sent events*.\n\n" + _table(
        ("rule", "section", "what is true of a parser that keeps it"), rows
    )


def _details(row: Row) -> str:
    tried = f"{row.examples} examples" + (", cut by time" if row.cut else "")
    heading = f"## {row.package} {row.version} ({row.language})\n\n{row.date}, {tried}{_declared(row.policy)}.\n"
    if not row.findings:
        return heading + "No rule was seen broken.\n"
    rows = [
        (one.rule, one.label, _cause(one), _example(one), _short(one.what).replace("|", "\\|")) for one in row.findings
    ]
    return heading + "\n" + _table(("rule", "label", "with", "smallest example", "what goes wrong"), rows)


def _declared(policy: Policy) -> str:
    default = type(policy)()
    told = [
        f"`{name}={_value(getattr(policy, name))}`"
        for name in policy.__struct_fields__
        if getattr(policy, name) != getattr(default, name)
    ]
    return f"; declared by design: {', '.join(told)}" if told else ""


def _value(value: object) -> str:
    if isinstance(value, frozenset):
        return ",".join(sorted(map(str, value)))
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _cause(finding: Finding) -> str:
    says = [feature(name).says for name in finding.features[-1:] if name in NAMES]
    also = [feature(name).says for name in finding.also if name in NAMES]
    cause = says[0] if says else ", ".join(finding.features) or "the simplest stream"
    return f"{cause}; so it is with: {', '.join(also)}" if also else cause


def _example(finding: Finding) -> str:
    if finding.shape:
        return f"{finding.shape}, {finding.size} bytes"
    told = " + ".join(f"`{_spelt(chunk)}`" for chunk in finding.chunks)
    before = " + ".join(f"`{_spelt(chunk)}`" for chunk in finding.before)
    return f"{before}, then another instance: {told}" if before else told


def _spelt(chunk: bytes) -> str:
    return _short(repr(chunk)[2:-1]).replace("|", "\\|").replace("`", "\\x60") or " "


def _short(text: str) -> str:
    """Return ``text`` with its shape and size where it is long."""
    text = _RUN.sub(lambda run: f"{run[1] * 3}… ({len(run[0])} times)", text)
    return text if len(text) <= _LONG else f"{text[:_LONG]}… ({len(text)} characters)"


_RUN: Final = re.compile(r"(.)\1{19,}")
_LONG: Final = 150


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "".join(f"{line}\n" for line in lines)
