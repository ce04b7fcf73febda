"""WireMock, for the JVM: a body of our events, dribbled in as many chunks as there are events."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from benchmarks import installing
from benchmarks.inputs import TARGET
from benchmarks.processes import Command, free_port

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.peers.answering import Answer


NAME = "WireMock"
# A stream that dribbles holds a thread.
_THREADS = 400


def command(bench: Bench, answer: Answer) -> Command:
    """Return how to start it."""
    java, found, port = installing.program("java"), installing.node("wiremock"), free_port()
    bench.versions[NAME] = found.version
    (jar,) = (found.path / "build").glob("wiremock-standalone-*.jar")
    folder = bench.folder / f"wiremock-{answer.events}-{answer.gap_ms}"
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    told = {"request": {"method": "POST", "urlPath": TARGET}, "response": _response(answer)}
    (folder / "mappings" / "chat.json").write_text(json.dumps(told), encoding="utf-8")
    options = ("--root-dir", folder, "--no-request-journal", "--container-threads", str(_THREADS))
    return Command(words=(java, "-Xmx1g", "-jar", jar, "--port", str(port), *options), port=port)


def _response(answer: Answer) -> dict[str, object]:
    response: dict[str, object] = {
        "status": 200,
        "headers": {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"},
        "base64Body": base64.b64encode(b"".join(answer.frames)).decode(),
    }
    if answer.gap_ms:
        duration_ms = answer.events * answer.gap_ms
        response["chunkedDribbleDelay"] = {"numberOfChunks": answer.events, "totalDuration": duration_ms}
    return response
