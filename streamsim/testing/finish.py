"""What a test left behind: a replay that nobody asked for, or a stream that nobody finished.

Law: who closed a stream, read its terminal event, or got all of it, has finished it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.dialects.reading import StreamReader
from streamsim.errors import StreamMismatch
from streamsim.wire.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamsim.engine.trace import Trace


def unfinished(traces: Iterable[Trace]) -> list[Trace]:
    """Return those of ``traces`` whose client neither left, nor got all of it or the terminal event."""
    return [trace for trace in traces if not finished(trace)]


def finished(trace: Trace) -> bool:
    """Tell whether the client is done with an answer."""
    if trace.outcome not in ("playing", "server stopped"):
        return True
    script = trace.script
    if trace.steps == len(script.ats) and script.close != "hang":
        return True
    return _terminal(script.wires[: trace.steps])


def _terminal(wires: Sequence[bytes]) -> bool:
    """Tell whether the terminal event of the dialect is in what was sent."""
    answer = Reader()
    stream: StreamReader | None = None
    for wire in wires:
        body = answer.feed(wire)
        if body:
            stream = stream or StreamReader(answer.headers)
            stream.feed(body)
    return stream is not None and stream.terminal


def judge(name: str, *, asked: bool, left: list[Trace]) -> None:
    """Look whether the replay ``name`` was asked for, if it had to be, and that nothing of it is left.

    Raises:
        StreamMismatch: It was not, or there is.

    """
    where = f"replay {name!r}"
    if not asked:
        remedy = "give a client its base_url or its http_client(), or, if this is on purpose, give it optional=True"
        raise StreamMismatch(where, "it was never requested", remedy)
    if left:
        told, events = left[0].script.told, left[0].script.events
        problem = (
            f"exchange {told['exchange']}, attempt {told['attempt']} is still open "
            f"after {left[0].events_written} of {events[-1] if events else 0} events"
        )
        remedy = "close the stream or read it to its end, or, if this is on purpose, give it leave_open=True"
        raise StreamMismatch(where, problem, remedy)
