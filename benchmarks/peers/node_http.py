"""Node's own server with absolute deadlines: see ``benchmarks/programs/node_http.mjs``."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from benchmarks.bench import ROOT
from benchmarks.installing import program
from benchmarks.processes import Command, free_port

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.peers.answering import Answer


NAME = "node:http, deadlines"
_PROGRAM = ROOT / "benchmarks" / "programs" / "node_http.mjs"


def command(bench: Bench, answer: Answer) -> Command:
    """Return how to start it."""
    node, port = program("node"), free_port()
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    bench.versions["node"] = told.strip().removeprefix("v")
    return Command(words=(node, _PROGRAM, str(port), str(answer.gap_ms), answer.file(bench)), port=port)
