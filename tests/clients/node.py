"""The official SDKs for Node, and a parser: found in STREAMSIM_NODE_MODULES, else installed once into the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from zlib import crc32

import pytest

PACKAGES = {
    "openai": "openai@6",
    "@anthropic-ai/sdk": "@anthropic-ai/sdk@1",
    "eventsource-parser": "eventsource-parser@4",
}
HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "streamsim-tests"
# Others are kept elsewhere: what an older checkout installed is not taken for these.
CACHE = HOME / f"node-{crc32(' '.join(PACKAGES.values()).encode()):08x}"
INSTALLING_S = 120.0


def modules_with(package: str) -> Path:
    """Return the folder that holds ``package``; without one the test is skipped."""
    if shutil.which("node") is None:
        pytest.skip("there is no node on the PATH")
    named = os.environ.get("STREAMSIM_NODE_MODULES")
    folder = Path(named) if named else CACHE / "node_modules"
    if not (folder / package).is_dir() and named:
        pytest.skip(f"STREAMSIM_NODE_MODULES names {folder}, which holds no {package}")
    if not (folder / package).is_dir():
        problem = _install()
        if problem:
            pytest.skip(problem)
    return folder


@cache
def _install() -> str:
    """Install all of them together, for npm removes what it is not told of; return what is wrong."""
    npm = shutil.which("npm")
    if npm is None:
        return "there is no npm to install SDKs for Node with, and STREAMSIM_NODE_MODULES names no folder"
    CACHE.mkdir(parents=True, exist_ok=True)
    options = ("--no-save", "--no-audit", "--no-fund", "--prefix", str(CACHE))
    try:
        subprocess.run(
            [npm, "install", *options, *PACKAGES.values()], check=True, capture_output=True, timeout=INSTALLING_S
        )
    except subprocess.SubprocessError as error:
        return f"npm could not install {', '.join(PACKAGES.values())}: {error}"
    return ""
