"""What a run lends to its shapes: how many rounds, a folder to work in, and programs built on demand."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]


class AbsentError(Exception):
    """What a row needs is not here; the message says what, and how to get it."""


class Bench(msgspec.Struct, frozen=True):
    """One run.

    Attributes:
        folder: Emptied when the run ends.
        rounds: How often everything is measured.
        big: Whether to run what takes minutes, too.

    """

    folder: Path
    rounds: int
    big: bool = False

    def program(self, name: str) -> Path:
        """Return a C program, built from ``name.c``.

        Raises:
            AbsentError: The source is not here, or it cannot be built.

        """
        built = self.folder / name
        if built.exists():
            return built
        source = _sources() / f"{name}.c"
        if not source.is_file():
            raise AbsentError(f"no {name}.c: name its folder in STREAMSIM_PERF")
        if not Path("/proc/self/schedstat").exists():
            raise AbsentError(f"{name} needs Linux")
        compiler = shutil.which("gcc") or shutil.which("cc")
        if compiler is None:
            raise AbsentError(f"no C compiler to build {name}")
        done = subprocess.run([compiler, "-O2", "-w", "-o", built, source], capture_output=True, text=True, check=False)
        if done.returncode:
            raise AbsentError(f"{name}.c cannot be built: {done.stderr.strip().splitlines()[-1:]}")
        return built


def _sources() -> Path:
    return Path(os.environ.get("STREAMSIM_PERF") or ROOT.parent / "shared" / "prototypes" / "perf")
