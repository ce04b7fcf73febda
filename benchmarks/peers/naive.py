"""An asyncio server that sleeps for each gap: see ``benchmarks/programs/naive.py``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks.processes import Command, free_port

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.peers.answering import Answer


NAME = "asyncio, sleep(gap)"


def command(bench: Bench, answer: Answer) -> Command:
    """Return how to start it."""
    port = free_port()
    program = (sys.executable, "-m", "benchmarks.programs.naive")
    return Command(words=(*program, str(port), str(answer.gap_ms), answer.file(bench)), port=port)
