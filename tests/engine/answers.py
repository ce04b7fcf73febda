"""Answers to ask things of: scripts of a few frames, played as far as a test says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.engine.script import Script
from streamsim.engine.trace import Trace
from streamsim.wire import End, Head, Send
from tests.builders import EVENT_STREAM, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.wire import Action, Headers

MS = 1_000_000
CHUNKED: Headers = (("transfer-encoding", "chunked"),)
TOLD: dict[str, object] = {"recording": "r", "exchange": 1, "attempt": 2}


def script(
    chunks: Sequence[bytes],
    *,
    gap_ns: int = 20 * MS,
    last: Action = End(),  # noqa: B008 - frozen
    headers: Headers = EVENT_STREAM,
    told: dict[str, object] = TOLD,
) -> Script:
    """Return an answer: its head comes after 100 ms, each chunk after one more gap, its end with the last of them."""
    body = [(100 * MS + nth * gap_ns, Send(data)) for nth, data in enumerate(chunks, start=1)]
    head = (100 * MS, Head(200, "OK", (*headers, *CHUNKED)))
    end_ns = body[-1][0] if body else head[0]
    return Script(timeline(head, *body, (end_ns, last)), told=told)


def played(answer: Script, *, steps: int | None = None, late_ns: int = 0, outcome: str = "") -> Trace:
    """Return the trace of ``answer``, each of its first ``steps`` steps done so much late; all of them by default."""
    trace = Trace(answer, 3, 0)
    many = len(answer.ats) if steps is None else steps
    for step in range(many):
        trace.wrote(step + 1, answer.ats[step] + late_ns)
    trace.close(outcome or ("complete" if answer.close == "end" else answer.close))
    return trace


def left(answer: Script, steps: int, *, at_ns: int, unacknowledged: int | None = 0) -> Trace:
    """Return the trace of ``answer`` whose client left after ``steps`` steps."""
    trace = played(answer, steps=steps, outcome="client left")
    trace.left_ns, trace.unacknowledged = at_ns, unacknowledged
    return trace


def page(text: str) -> str:
    """Return ``text`` without the line ends that put it on lines of its own in a test."""
    return text.strip("\n")
