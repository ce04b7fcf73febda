"""The generated part of docs/reference/lint.md: the tables of rules.

The page itself is written by hand; after a change of a rule write the tables anew:

    python -m tests.repo.lint_page
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamsim.analysis.lint.rules import GROUPS, Group
from tests.repo.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "docs" / "reference" / "lint.md"

_PART = re.compile(r"(<!-- generated: rules -->\n).*?(<!-- end -->\n)", re.DOTALL)
_TITLES: dict[Group, str] = {
    "answer": "The answer",
    "body": "The body",
    "end": "The end",
    "dialect": "The dialect's grammar",
}


def generated(page: str) -> str:
    """Return ``page`` with the tables as the rules are now."""
    return _PART.sub(lambda found: "\n".join((found[1], *_tables(), found[2])), page)


def _tables() -> Iterator[str]:
    for group, rules in GROUPS.items():
        yield from (f"### {_TITLES[group]}", "", "| rule | severity | what is wrong | what to do | source |")
        yield "|---|---|---|---|---|"
        for rule in rules:
            yield f"| `{rule.name}` | {rule.severity} | {rule.what} | {rule.remedy} | {rule.source} |"
        yield ""


if __name__ == "__main__":
    PAGE.write_text(generated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
