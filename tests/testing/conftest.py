"""Runs suites of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.testing import suites

if TYPE_CHECKING:
    from tests.testing.suites import Suite


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    return suites.suite(pytester)
