"""stubllm, for Python. It cuts what it is told to say after every space, and after four characters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks import installing
from benchmarks.processes import Command, free_port

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.peers.answering import Answer


NAME = "stubllm"
# [DONE].
_OWN = 1


def command(bench: Bench, answer: Answer) -> Command:
    """Return how to start it."""
    found, port = installing.python(NAME), free_port()
    bench.versions[NAME] = found.version
    response = {"content": " ".join(answer.words(_OWN)), "stream_chunk_delay_ms": answer.gap_ms}
    path = bench.folder / f"stubllm-{answer.events}-{answer.gap_ms}.json"
    path.write_text(json.dumps({"fixtures": [{"name": "chat", "match": {}, "response": response}]}), encoding="utf-8")
    options = ("--fixture-file", path, "--port", str(port), "--log-level", "critical")
    return Command(words=(found.path / "stubllm", "serve", *options), port=port)
