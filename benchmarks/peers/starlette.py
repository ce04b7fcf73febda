"""Starlette on uvicorn, with uvloop, httptools and absolute deadlines: see ``benchmarks/programs/starlette_app.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import installing
from benchmarks.processes import Command, free_port

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.peers.answering import Answer


NAME = "Starlette, uvicorn, deadlines"
_APPLICATION = "benchmarks.programs.starlette_app:application"


def command(bench: Bench, answer: Answer) -> Command:
    """Return how to start it."""
    found, port = installing.python("starlette", "uvicorn", "uvloop", "httptools"), free_port()
    bench.versions["starlette"] = found.version
    bench.versions["uvicorn"] = installing.version(found, "uvicorn")
    fast = ("--http", "httptools", "--loop", "uvloop", "--backlog", "4096")
    quiet = ("--no-access-log", "--log-level", "error")
    return Command(
        words=(found.path / "uvicorn", "--port", str(port), *fast, *quiet, _APPLICATION),
        port=port,
        environment={"BENCH_EVENTS": str(answer.file(bench)), "BENCH_GAP_MS": str(answer.gap_ms)},
    )
