"""aimock, for Node. It waits for the gap before every event, the first one too, except ``[DONE]``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks import installing
from benchmarks.processes import Command, free_port

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.peers.answering import Answer


NAME = "aimock"
# Role, finish reason, [DONE].
_OWN = 3


def command(bench: Bench, answer: Answer) -> Command:
    """Return how to start it."""
    node, found, port = installing.program("node"), installing.node("@copilotkit/aimock"), free_port()
    bench.versions[NAME] = found.version
    folder = bench.folder / f"aimock-{answer.events}"
    folder.mkdir(exist_ok=True)
    words = answer.words(_OWN)
    told = {"fixtures": [{"match": {}, "response": {"content": "".join(words)}}]}
    (folder / "fixtures.json").write_text(json.dumps(told), encoding="utf-8")
    pacing = ("--latency", str(answer.gap_ms), "--chunk-size", str(len(words[0])))
    options = ("--fixtures", folder, "--port", str(port), "--log-level", "silent")
    return Command(
        words=(node, found.path / "dist" / "cli.js", *options, *pacing), port=port, first_ms=float(answer.gap_ms)
    )
