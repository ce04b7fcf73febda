"""Programs in C, built when they are first needed: what the kernel asks for anyway, and who asks it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bench import AbsentError

if TYPE_CHECKING:
    from benchmarks.bench import Bench

SOURCES = Path(__file__).parent
_FLAGS = ("-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror")


def program(bench: Bench, name: str) -> Path:
    """Return the program of ``name.c``, built.

    Raises:
        AbsentError: It cannot be built here.

    """
    built = bench.folder / name
    if built.exists():
        return built
    if not Path("/proc/self/schedstat").exists():
        raise AbsentError(f"{name}.c needs Linux")
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise AbsentError(f"no C compiler to build {name}.c")
    source = SOURCES / f"{name}.c"
    done = subprocess.run([compiler, *_FLAGS, "-o", built, source], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AbsentError(f"{name}.c cannot be built: {done.stderr.strip().splitlines()[-1]}")
    return built
