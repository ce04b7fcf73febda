"""The parsers, installed at their current versions in folders of the cache, each with its own dependencies."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from streamsim.errors import UsageError
from streamsim.version import __version__
from tests.parsers_table.parsers import MODULES

if TYPE_CHECKING:
    from tests.parsers_table.parsers import Parser

INSTALLING_S = 300
PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile")
NPM = ("--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts")
BESIDE = {"Python": ("httpx",), "Node": ()}
"""What adapters need besides, and not every package brings."""


def install(parser: Parser) -> None:
    """Install or raise to the current version.

    Raises:
        UsageError: pip or npm could not.

    """
    if parser.language == "Python":
        shutil.rmtree(parser.folder, ignore_errors=True)
        _run(parser, [*PIP, "--target", str(parser.folder), parser.package, *BESIDE["Python"]])
    elif parser.language == "Node":
        npm = shutil.which("npm")
        if npm is None:
            raise UsageError("npm", "it is not on the PATH", "install Node and npm")
        MODULES.parent.mkdir(parents=True, exist_ok=True)
        _run(parser, [npm, "install", *NPM, "--prefix", str(MODULES.parent), f"{parser.package}@latest"])


def _run(parser: Parser, command: list[str]) -> None:
    try:
        subprocess.run(
            command, check=True, timeout=INSTALLING_S, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        told = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise UsageError(parser.package, f"it cannot be installed: {told[-1] if told else error}", "see why") from error


def version(parser: Parser) -> str:
    """Return the version that is installed; "" if none is."""
    if parser.language == "ours":
        return __version__
    if parser.language == "Node":
        path = parser.folder / "package.json"
        return str(json.loads(path.read_text(encoding="utf-8"))["version"]) if path.exists() else ""
    found = importlib.metadata.distributions(name=parser.package, path=[str(parser.folder)])
    return next((each.version for each in found), "")
