"""What a failure report says, so that one command replays it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, cast

from streamsim.errors import StreamsimError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.engine.trace import Trace
    from streamsim.testing.kit import Stage
    from streamsim.testing.replay import Replay


def failure(stage: Stage, nodeid: str) -> str:
    """Return all that is needed to see again what a test saw."""
    lines = [f"seed {stage.seed}, profile {stage.profile_name}"]
    for replay in (*stage.replays, *stage.failed):
        lines += _replay(replay)
    lines.append(f"replay it: pytest {shlex.quote(nodeid)} --streamsim-seed={stage.seed}")
    return "\n".join(lines)


def _replay(replay: Replay) -> Iterator[str]:
    name = f"replay {replay.name!r}"
    if replay.seed != replay.stage.seed:
        name += f" (seed {replay.seed})"
    if not replay.requests:
        yield f"{name}: never requested"
    for trace in replay.traces:
        yield f"{name}: {_answer(replay, trace)}"
    for request in replay.unanswered:
        yield f"{name}: {request.method} {request.target}: no recorded exchange answers it"


def _answer(replay: Replay, trace: Trace) -> str:
    told = trace.script.told
    if not trace.script.governed:
        return f"exchange {told['exchange']}, attempt {told['attempt']}: refused under load"
    total = trace.script.events[-1] if trace.script.events else 0
    parts = [
        f"exchange {told['exchange']}, attempt {told['attempt']}, plan {told['plan']}, digest {_digest(replay, trace)}",
        f"{trace.outcome} after {trace.events_written} of {total} events",
    ]
    faults = cast("list[dict[str, str]]", told.get("faults", []))
    if faults:
        parts.append(", ".join(f"{fault['fault']} {fault['outcome']}" for fault in faults))
    return "; ".join(parts)


def _digest(replay: Replay, trace: Trace) -> str:
    try:
        return replay.plan_of(trace).digest
    except StreamsimError:
        return "unknown"
