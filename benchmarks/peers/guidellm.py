"""The mock server of GuideLLM, for Python. It says as many tokens as it is told to, from a text of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import installing
from benchmarks.processes import Command, free_port

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.peers.answering import Answer


NAME = "GuideLLM mock-server"
HEAVY = True
# Usage, [DONE].
_OWN = 2


def command(bench: Bench, answer: Answer) -> Command:
    """Return how to start it."""
    found, port = installing.python("guidellm"), free_port()
    bench.versions["guidellm"] = found.version
    times = ("--ttft-ms", "0", "--ttft-ms-std", "0", "--itl-ms", str(answer.gap_ms), "--itl-ms-std", "0")
    length = ("--output-tokens", str(answer.events - _OWN), "--output-tokens-std", "0")
    return Command(words=(found.path / "guidellm", "mock-server", "--port", str(port), *times, *length), port=port)
