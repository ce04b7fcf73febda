"""Clients of the real SDKs, whose requests a replay answers."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_real_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a client that a test forgot to redirect fail, rather than cost money."""
    for name in ("OPENAI", "ANTHROPIC"):
        monkeypatch.setenv(f"{name}_API_KEY", "not-a-key")
        monkeypatch.setenv(f"{name}_BASE_URL", "http://nowhere.invalid")
