"""What all tests share: the property-test profile, the option for big runs, and the corpus of real streams."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]

# Derandomized, so that a run is the same everywhere; without deadlines, so that a slow machine fails nothing.
settings.register_profile(
    "streamsim",
    derandomize=True,
    deadline=None,
    max_examples=int(os.environ.get("STREAMSIM_EXAMPLES", "20")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("streamsim")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also run the tests with big counts")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--full"):
        return
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason="a big-count run: give --full"))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real streams, from STREAMSIM_CORPUS or beside the checkout; without it the test is skipped."""
    folder = Path(os.environ.get("STREAMSIM_CORPUS") or ROOT.parent / "shared" / "corpus")
    if not folder.is_dir():
        pytest.skip(f"no corpus of real streams at {folder}: set STREAMSIM_CORPUS to its folder")
    return folder
