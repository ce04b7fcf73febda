"""The page of virtual time says what is virtual."""

from __future__ import annotations

from tests.repo.virtual_time_page import PAGE, generated


def test_the_table_is_that_of_today() -> None:
    """Every function was asked, or waited for, and each is virtual or real just as the page says."""
    page = PAGE.read_text(encoding="utf-8")
    assert generated(page) == page, "write it anew: python -m tests.repo.virtual_time_page"
