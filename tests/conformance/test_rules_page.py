"""The page of rules."""

from __future__ import annotations

from tests.conformance.rules_page import PAGE, generated


def test_the_page_tells_the_rules() -> None:
    """The reference page holds the rules and features as they are."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == generated(page)
    assert "| `bom` | 9.2.5 |" in page
