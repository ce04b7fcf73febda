"""A server in C: the least that answering costs on this machine.

Paths: ``/once`` at once, in one write; ``/burst`` at once, one write a chunk; ``/stamp`` paced, each chunk holding the
time of its sending; any other: paced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.native import program
from benchmarks.processes import Command, free_port

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.peers.answering import Answer


NAME = "C, epoll"


def command(bench: Bench, answer: Answer) -> Command:
    """Return how to start it."""
    port = free_port()
    words = (program(bench, "serve"), str(port), str(answer.gap_ms), answer.file(bench))
    return Command(words=words, port=port)
