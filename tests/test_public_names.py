from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

import streamsim

HEAVY = [
    "asyncio",
    "click",
    "hypothesis",
    "httptools",
    "msgspec",
    "pytest",
    "rich",
    "socket",
    "decimal",
    "typing_extensions",
]


def modules_after(code: str) -> list[str]:
    """Return the modules that a fresh interpreter has loaded by running ``code``."""
    told = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    alone = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    run = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True, env=alone)
    loaded: list[str] = json.loads(run.stdout)
    return loaded


@pytest.mark.parametrize("name", streamsim.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """What ``__all__`` promises can be had, and is the same object each time."""
    assert getattr(streamsim, name) is getattr(streamsim, name)


def test_names_are_listed_once_and_in_order() -> None:
    """``__all__`` is what the lazy table knows, and the version."""
    assert sorted([*streamsim._HOMES, "__version__"]) == sorted(streamsim.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A name that is not there is missed as in any module."""
    with pytest.raises(AttributeError, match="module 'streamsim' has no attribute 'nonsense'"):
        _ = streamsim.nonsense


def test_importing_streamsim_loads_nothing_heavy() -> None:
    """The package alone costs its own module and the version."""
    loaded = modules_after("import streamsim")
    assert [name for name in loaded if name in HEAVY] == []
    assert [name for name in loaded if name.startswith("streamsim")] == ["streamsim", "streamsim.version"]


def test_planning_loads_no_shell() -> None:
    """A recording can be read and planned without sockets, event loops, command lines or HTTP parsers."""
    loaded = modules_after("import streamsim; streamsim.Planner, streamsim.Recording, streamsim.VirtualClock")
    assert [name for name in loaded if name in {"asyncio", "click", "httptools", "rich", "socket", "ssl"}] == []
    assert [name for name in loaded if name.startswith(("streamsim.shells", "streamsim.cli", "streamsim.engine"))] == []
