"""``streamsim serve`` itself."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

from benchmarks.bench import AbsentError
from benchmarks.inputs import recording_file
from benchmarks.measure import OURS
from benchmarks.processes import Command, free_port

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.peers.answering import Answer


NAME = OURS


def command(bench: Bench, answer: Answer, *options: str) -> Command:
    """Return how to start it.

    Raises:
        AbsentError: This version has not all of the ``options``.

    """
    for option in options:
        if option.startswith("--") and option not in _help():
            raise AbsentError(f"this streamsim has no {option}")
    pacing = () if answer.gap_ms else ("--pacing", "instant")
    path = bench.folder / f"streamsim-{answer.events}-{answer.gap_ms}.jsonl"
    recording_file(path, answer.frames, gap_us=answer.gap_ms * 1000)
    port = free_port()
    words = (sys.executable, "-m", "streamsim", "serve", path, *pacing, *options, "--port", str(port))
    return Command(words=words, port=port)


@cache
def _help() -> str:
    command = (sys.executable, "-m", "streamsim", "serve", "--help")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
