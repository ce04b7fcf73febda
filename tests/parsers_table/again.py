"""Marks are looked at twice: an example that a fresh parser reads rightly is no mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.conformance.judge import Judge
from streamsim.conformance.targets import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.conformance.finding import Finding
    from tests.parsers_table.parsers import Parser


def doubtful(parser: Parser, findings: Sequence[Finding]) -> list[Finding]:
    """Return what does not show again, of those that are shown by a few bytes to a parser alone."""
    with opened(parser.spec) as target:
        judge = Judge(target, parser.policy)
        return [each for each in findings if each.chunks and not each.before and judge(each.chunks) is None]
