"""llmock, for Python. It cuts what it is told to say into words."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING

from benchmarks import installing
from benchmarks.processes import PATIENCE_S, Command, free_port

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.peers.answering import Answer
    from benchmarks.processes import Server


NAME = "llmock"
# Role, finish reason, [DONE].
_OWN = 3


def command(bench: Bench, answer: Answer) -> Command:
    """Return how to start it."""
    found, port = installing.python(NAME), free_port()
    bench.versions[NAME] = found.version
    options = ("--port", str(port), "--log-level", "critical", "--stream-chunk-delay-ms", str(answer.gap_ms))
    return Command(words=(found.path / "llmock", "serve", *options), port=port)


def prepare(server: Server, answer: Answer) -> None:
    """Tell it what to say, always."""
    reply = {"type": "reply", "text": " ".join(answer.words(_OWN)), "times": None}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
    connection.request("POST", "/_llmock/scenario", json.dumps({"behaviors": [reply]}))
    if connection.getresponse().status != 201:
        raise RuntimeError("llmock does not take a scenario any more")
    connection.close()
