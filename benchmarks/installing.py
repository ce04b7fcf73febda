"""Packages of others, installed when a shape first needs them: each in a folder of its own in ``.cache/peers``.

They stay there. To compare with newer ones, remove the folder.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import msgspec

from benchmarks.bench import ROOT, AbsentError

FOLDER = ROOT / ".cache" / "peers"
INSTALLING_S = 600
_PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
_NPM = ("install", "--no-audit", "--no-fund", "--loglevel=error")
_VERSION = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"


class Installed(msgspec.Struct, frozen=True):
    """A package.

    Attributes:
        path: The folder of its programs (Python) or of itself (Node).
        version: Its version.

    """

    path: Path
    version: str


def python(package: str, *more: str) -> Installed:
    """Return the environment of a Python ``package``, in which ``more`` are installed as well.

    Raises:
        AbsentError: It cannot be installed.

    """
    return _or_absent(_python(package, *more))


def python_module(package: str) -> Installed:
    """Return a folder for ``sys.path`` with the Python ``package``, without what it requires.

    Raises:
        AbsentError: It cannot be installed.

    """
    return _or_absent(_python_module(package))


def node(package: str) -> Installed:
    """Return the folder of ``package`` for Node.

    Raises:
        AbsentError: It cannot be installed.

    """
    return _or_absent(_node(package))


def program(name: str) -> Path:
    """Return the path of a program that has to be on this machine.

    Raises:
        AbsentError: It is not.

    """
    found = shutil.which(name)
    if found is None:
        raise AbsentError(f"no {name} on the path")
    return Path(found)


def version(found: Installed, package: str) -> str:
    """Return the version of another ``package`` in the environment that was ``found``."""
    return _told([str(found.path / "python"), "-c", _VERSION, package])


def _or_absent(found: Installed | str) -> Installed:
    if isinstance(found, str):
        raise AbsentError(found)
    return found


# What failed once is not tried again in the same run: hence the reason as a value, which is remembered.


@cache
def _python(package: str, *more: str) -> Installed | str:
    programs = FOLDER / package / "bin"
    interpreter = str(programs / "python")
    if not _finished(FOLDER / package):
        failure = _run([sys.executable, "-m", "venv", "--clear", str(FOLDER / package)]) or _run(
            [interpreter, *_PIP, package, *more]
        )
        if failure:
            return f"{package} cannot be installed: {failure}"
        _finish(FOLDER / package)
    return Installed(programs, _told([interpreter, "-c", _VERSION, package]))


@cache
def _python_module(package: str) -> Installed | str:
    folder = FOLDER / "modules" / package
    if not _finished(folder):
        failure = _run([sys.executable, *_PIP, "--no-deps", "--upgrade", "--target", str(folder), package])
        if failure:
            return f"{package} cannot be installed: {failure}"
        _finish(folder)
    (told,) = folder.glob("*.dist-info")
    return Installed(folder, told.name.removesuffix(".dist-info").rpartition("-")[2])


@cache
def _node(package: str) -> Installed | str:
    npm = shutil.which("npm")
    if npm is None:
        return "no npm on the path"
    folder = FOLDER / package.rpartition("/")[2]
    if not _finished(folder):
        failure = _run([npm, *_NPM, "--prefix", str(folder), package])
        if failure:
            return f"{package} cannot be installed: {failure}"
        _finish(folder)
    path = folder / "node_modules" / package
    return Installed(path, str(json.loads((path / "package.json").read_text(encoding="utf-8"))["version"]))


def _finished(folder: Path) -> bool:
    return (folder / ".installed").exists()


def _finish(folder: Path) -> None:
    (folder / ".installed").touch()


def _run(command: list[str]) -> str:
    """Run ``command`` and return the last line of its complaint, empty if it did what it should."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALLING_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if not done.returncode:
        return ""
    return (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1]


def _told(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
