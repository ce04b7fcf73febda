"""The clients, installed at their current versions in a folder of the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from streamsim.errors import UsageError
from tests.client_table.clients import CLIENTS

CACHE = Path(__file__).parents[2] / ".cache" / "clients"
INSTALLING_S = 600
PIP = ("--quiet", "--disable-pip-version-check")
NPM = ("--no-audit", "--no-fund", "--loglevel=error")
DRIVERS = Path(__file__).with_name("drivers")


def install() -> None:
    """Install or raise to the current versions.

    Raises:
        UsageError: pip or npm could not.

    """
    python = CACHE / "venv" / "bin" / "python"
    if not python.exists():
        _run([sys.executable, "-m", "venv", str(CACHE / "venv")])
    packages = sorted({client.package for client in CLIENTS if client.language == "python"})
    _run([str(python), "-m", "pip", "install", *PIP, "--upgrade", *packages, "httpx"])
    npm = shutil.which("npm")
    if npm is None:
        raise UsageError("npm", "it is not on the PATH", "install Node and npm")
    wanted = sorted({client.spec or f"{client.package}@latest" for client in CLIENTS if client.language == "node"})
    _run([npm, "install", *NPM, "--prefix", str(CACHE / "node"), *wanted])


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, timeout=INSTALLING_S, stdin=subprocess.DEVNULL)
    except (subprocess.SubprocessError, OSError) as error:
        raise UsageError(command[0], f"the clients could not be installed: {error}", "see what it printed") from error


def driver(language: str) -> list[str]:
    """Return the command that asks with the clients of a language."""
    if language == "python":
        return [str(CACHE / "venv" / "bin" / "python"), str(DRIVERS / "ask.py")]
    return ["node", str(DRIVERS / "ask.cjs")]


def environment() -> dict[str, str]:
    """Return what the drivers see of ours: no proxy, no key, no base URL, and where Node finds its clients."""
    ours = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    modules = str(CACHE / "node" / "node_modules")
    return {**ours, "NO_PROXY": "*", "no_proxy": "*", "NODE_PATH": modules, "PYTHONIOENCODING": "utf-8"}
