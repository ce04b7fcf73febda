"""The parsers, installed at their current versions in a folder of the cache."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from streamsim.errors import UsageError
from streamsim.version import __version__
from tests.parsers_table.parsers import CACHE, MODULES, NODE, ROOT, python_parsers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.parsers_table.parsers import Parser

INSTALLING_S = 600
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade")
NPM = ("--no-audit", "--no-fund", "--loglevel=error")


def install(parsers: Sequence[Parser]) -> None:
    """Install or raise to the current versions.

    Raises:
        UsageError: pip or npm could not.

    """
    for python in sorted({parser.python for parser in parsers if parser.language == "Python"}):
        if not python.exists():
            _run([sys.executable, "-m", "venv", str(python.parents[1])])
        packages = sorted({parser.package for parser in python_parsers() if parser.python == python})
        _run([str(python), *PIP, "--editable", str(ROOT), "hypothesis", "httpx", *packages])
    if any(parser.language == "Node" for parser in parsers):
        npm = shutil.which("npm")
        if npm is None:
            raise UsageError("npm", "it is not on the PATH", "install Node and npm")
        CACHE.mkdir(parents=True, exist_ok=True)
        _run([npm, "install", *NPM, "--prefix", str(MODULES.parent), *(f"{each.package}@latest" for each in NODE)])


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, timeout=INSTALLING_S, stdin=subprocess.DEVNULL)
    except (subprocess.SubprocessError, OSError) as error:
        raise UsageError(command[0], f"the parsers could not be installed: {error}", "see what it printed") from error


def version(parser: Parser) -> str:
    """Return the version that is installed; "" if none is."""
    if parser.language == "ours":
        return __version__
    if parser.language == "Node":
        path = MODULES / parser.package / "package.json"
        return str(json.loads(path.read_text(encoding="utf-8"))["version"]) if path.exists() else ""
    return _told(parser.python, f"import importlib.metadata as m; print(m.version({parser.package!r}))")


def _told(python: Path, program: str) -> str:
    if not python.exists():
        return ""
    done = subprocess.run([str(python), "-c", program], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip()
