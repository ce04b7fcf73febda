"""The page of lint says what the rules say, and the rules know what the dialects say."""

from __future__ import annotations

import re
from typing import get_args

import msgspec

from streamsim.analysis.lint.report import ExchangeLint, Finding, Lint, Outcome
from streamsim.analysis.lint.rules import GROUPS, RULES
from tests.repo.lint_page import PAGE, generated
from tests.repo.tree import ROOT

# A dialect names its rules where it makes a problem of them: as the second of three, or as the first of two words.
_NAMED = re.compile(r'(?:Problem\([^"()]*(?:\([^"]*\))?[^"()]*|_wrong\(|rule = |else )"([a-z]+(?:_[a-z]+)+)"')
_LISTED = re.compile(r'\(.*, "([a-z]+(?:_[a-z]+)+)", "there is no|": \("([a-z]+(?:_[a-z]+)+)", "')


def named() -> set[str]:
    """Return the rules that stand in the sources of dialects."""
    found: set[str] = set()
    for path in (ROOT / "streamsim" / "dialects").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "Problem(" in source:
            found |= set(_NAMED.findall(source))
            found |= {name for pair in _LISTED.findall(source) for name in pair if name}
    return found


def test_the_tables_are_those_of_today() -> None:
    """Whoever changes a rule writes the page anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert generated(page) == page, "write it anew: python -m tests.repo.lint_page"


def test_every_rule_of_a_dialect_is_known() -> None:
    """With its severity and its remedy; and none is there that no dialect has."""
    dialects = {rule.name for rule in GROUPS["dialect"]}
    assert len(named()) > 20
    assert named() - dialects == set()


def test_rule_names_are_unique() -> None:
    """One name, one rule."""
    assert len(RULES) == sum(map(len, GROUPS.values()))


def test_the_page_has_every_verdict_and_key() -> None:
    """Each verdict has a row, and each key of the JSON."""
    page = PAGE.read_text(encoding="utf-8")
    assert [verdict for verdict in get_args(Outcome) if f"| {verdict} |" not in page] == []
    keys = [field.name for kind in (Lint, ExchangeLint, Finding) for field in msgspec.structs.fields(kind)]
    assert [key for key in keys if f"`{key}`" not in page] == []
