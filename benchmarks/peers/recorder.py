"""``streamsim record --proxy`` itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks.processes import Command, free_port

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.processes import Server


def command(bench: Bench, upstream: Server) -> Command:
    """Return how to start it in front of ``upstream``."""
    port = free_port()
    where = ("--proxy", f"http://127.0.0.1:{upstream.port}", "--port", str(port))
    file = bench.folder / f"recorded-{port}.jsonl"
    return Command(words=(sys.executable, "-m", "streamsim", "record", *where, "-o", file), port=port)
