from __future__ import annotations

import pytest

from benchmarks import installing
from benchmarks.bench import AbsentError

BROKEN = "no-such-package-anywhere-at-all"


@pytest.fixture(autouse=True)
def _apart(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "FOLDER", tmp_path_factory.mktemp("peers"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("NPM_CONFIG_OFFLINE", "true")


def test_what_cannot_be_installed_is_absent_and_says_why() -> None:
    """One that cannot be had becomes a skipped row with the installer's own last words."""
    with pytest.raises(AbsentError, match=f"{BROKEN} cannot be installed: ERROR: No matching distribution"):
        installing.python_module(BROKEN)


def test_what_failed_once_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several shapes want the same peer; its absence costs its time once."""
    tried: list[list[str]] = []

    def refuse(command: list[str]) -> str:
        tried.append(command)
        return "it is not there"

    monkeypatch.setattr(installing, "_run", refuse)
    for _ in range(2):
        with pytest.raises(AbsentError, match=f"{BROKEN}-2 cannot be installed: it is not there"):
            installing.python(f"{BROKEN}-2")
    assert len(tried) == 1


def test_node_without_npm_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of Node's servers are skipped where there is no Node."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AbsentError, match="no npm on the path"):
        installing.node(BROKEN)
    with pytest.raises(AbsentError, match="no node on the path"):
        installing.program("node")
