"""Writing A2A 1.0 over JSON-RPC as the official Python server does: CRLF, a space after colons and commas.

A task is submitted, works, puts its text out in pieces of one artifact, and completes. The id of the request cannot be
known here: it is always 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from streamsim.dialects.protocol import Written
from streamsim.dialects.said import Reasoning, ToolCall
from streamsim.dialects.spell import HEX, compact, frame, name, spaced
from streamsim.dialects.turns import deltas, turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamsim.dialects.answer import Answer
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Failure
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

Json: TypeAlias = dict[str, object]

_STATES = {
    "stop": "COMPLETED",
    "tool": "INPUT_REQUIRED",
    "length": "FAILED",
    "filter": "REJECTED",
    "refusal": "REJECTED",
}
_TIME = "2026-01-01T00:00:00Z"


class A2aWriter:
    """Server-sent events with CRLF."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/"),)

    def headers(self, dice: Rng, *, stream: bool) -> Headers:  # noqa: ARG002 - nothing is drawn
        """Return those of the official server."""
        if not stream:
            return (("content-type", "application/json"), ("server", "uvicorn"))
        return (
            ("cache-control", "no-store"),
            ("connection", "keep-alive"),
            ("x-accel-buffering", "no"),
            ("content-type", "text/event-stream; charset=utf-8"),
            ("server", "uvicorn"),
        )

    def write(self, say: Say, dice: Rng) -> Iterable[Written]:
        """Yield the task, its artifact in pieces, its end; thoughts and tools are the agent's own affair."""
        task = _Task(dice)
        yield Written(task.framed("task", task.told("SUBMITTED")))
        yield Written(task.framed("statusUpdate", task.status("WORKING")))
        begun = False
        for part, pause_ns in turns(say):
            if part is None:
                state = "FAILED" if say.failure is not None else _STATES.get(say.reason, say.reason)
                message = say.failure.message if say.failure is not None else ""
                yield Written(task.framed("statusUpdate", task.status(state, message)), pause_ns=pause_ns)
            elif not isinstance(part, Reasoning | ToolCall):
                for piece, pause in deltas(part.text, pause_ns):
                    update = task.artifact(piece, append=begun)
                    yield Written(task.framed("artifactUpdate", update), content=True, pause_ns=pause)
                    begun = True

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return the task with its artifact."""
        task = _Task(dice)
        state = (answer.first.stop or "COMPLETED").removeprefix("TASK_STATE_")
        parts = [{"text": answer.first.text + answer.first.refusal}]
        artifact: Json = {"artifactId": task.artifact_id, "parts": parts}
        return compact(task.answered({"task": task.told(state) | {"artifacts": [artifact]}})).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:  # noqa: ARG002 - the body has none
        """Return a JSON-RPC error."""
        return (("content-type", "application/json"),), compact(_error(failure)).encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it needs no more
        """Return a JSON-RPC error in an event."""
        return frame(spaced(_error(failure)), eol="\r\n")


def _error(failure: Failure) -> Json:
    code = int(failure.code) if failure.code.lstrip("-").isdigit() else -32603
    return {"jsonrpc": "2.0", "id": "1", "error": {"code": code, "message": failure.message}}


class _Task:
    """The ids of one task."""

    def __init__(self, dice: Rng) -> None:
        self._id, self._context, self.artifact_id = (_uuid(name(dice, nth, 32, HEX)) for nth in range(3))
        self._message = _uuid(name(dice, 3, 32, HEX))

    def answered(self, result: Json) -> Json:
        return {"jsonrpc": "2.0", "id": "1", "result": result}

    def framed(self, kind: str, update: Json) -> bytes:
        return frame(spaced(self.answered({kind: update})), eol="\r\n")

    def told(self, state: str) -> Json:
        return {"id": self._id, "contextId": self._context, "status": {"state": f"TASK_STATE_{state}"}}

    def status(self, state: str, text: str = "") -> Json:
        status: Json = {"state": f"TASK_STATE_{state}"}
        if text:
            status["message"] = {"messageId": self._message, "role": "ROLE_AGENT", "parts": [{"text": text}]}
        return {"taskId": self._id, "contextId": self._context, "status": status | {"timestamp": _TIME}}

    def artifact(self, text: str, *, append: bool) -> Json:
        artifact: Json = {"artifactId": self.artifact_id, "parts": [{"text": text}]}
        told: Json = {"taskId": self._id, "contextId": self._context, "artifact": artifact}
        return told | ({"append": True} if append else {})


def _uuid(drawn: str) -> str:
    return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-a{drawn[17:20]}-{drawn[20:]}"
