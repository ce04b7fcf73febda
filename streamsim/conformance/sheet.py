"""What the rules and features are, as a page.

Law: nothing is told twice: words come from the tables of rules and features.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.conformance.features import FEATURES
from streamsim.conformance.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator


def sheet() -> Iterator[str]:
    """Yield the lines of both tables, in Markdown."""
    yield from ("| rule | section | what every parser does |", "|---|---|---|")
    for rule in RULES:
        yield f"| `{rule.name}` | {rule.section} | {rule.law} |"
    yield from ("", "| feature | rule | a stream has | |", "|---|---|---|---|")
    for feature in FEATURES:
        yield f"| `{feature.name}` | `{feature.rule}` | {feature.says} | {'edge' if feature.edge else ''} |"
