"""Writing AG-UI as the official encoder does: compact JSON in data lines, what is absent left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from streamsim.dialects.protocol import Written
from streamsim.dialects.said import Reasoning, ToolCall
from streamsim.dialects.spell import HEX, compact, frame, name, total
from streamsim.dialects.turns import deltas, turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamsim.dialects.answer import Answer
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Failure
    from streamsim.dialects.turns import Spoken
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

Json: TypeAlias = dict[str, object]


def _event(kind: str, **more: object) -> bytes:
    return frame(compact({"type": kind} | more))


class AgUiWriter:
    """Server-sent events with LF."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/"),)

    def headers(self, dice: Rng, *, stream: bool) -> Headers:  # noqa: ARG002 - nothing is drawn
        """Return the content type."""
        return (("content-type", "text/event-stream" if stream else "application/json"), ("cache-control", "no-cache"))

    def write(self, say: Say, dice: Rng) -> Iterable[Written]:
        """Yield the run with a message, thoughts or a call for each part."""
        run: Json = {"threadId": _uuid(dice, 0), "runId": _uuid(dice, 1)}
        yield Written(_event("RUN_STARTED", **run))
        for nth, (part, pause_ns) in enumerate(turns(say)):
            if part is None:
                yield Written(_end(say, run), pause_ns=pause_ns)
            else:
                yield from _part(part, nth, pause_ns, dice)

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return the messages: AG-UI always streams, so this is the run's result, as in a MESSAGES_SNAPSHOT."""
        said = answer.first
        message: Json = {"id": _uuid(dice, 2), "role": "assistant", "content": said.text + said.refusal}
        if said.calls:
            message["toolCalls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.text}}
                for call in said.calls
            ]
        return compact({"type": "MESSAGES_SNAPSHOT", "messages": [message]}).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:  # noqa: ARG002 - the body has none
        """Return the error as JSON."""
        return (("content-type", "application/json"),), compact({"detail": failure.message}).encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it needs no more
        """Return ``RUN_ERROR``."""
        return _error(failure.message, failure.code or failure.type)


def _part(part: Spoken, nth: int, pause_ns: int, dice: Rng) -> Iterator[Written]:
    if isinstance(part, ToolCall):
        call = {"toolCallId": part.id or f"call_{name(dice, 8 + nth, 24)}"}
        start = _event("TOOL_CALL_START", **call, toolCallName=part.name)
        yield Written(start, content=True, pause_ns=pause_ns)
        for piece, _ in deltas(part.arguments, 0):
            yield Written(_event("TOOL_CALL_ARGS", **call, delta=piece), content=True)
        yield Written(_event("TOOL_CALL_END", **call))
        return
    thought = isinstance(part, Reasoning)
    kind = "REASONING_MESSAGE" if thought else "TEXT_MESSAGE"
    message = {"messageId": _uuid(dice, 8 + nth)}
    if thought:
        yield Written(_event("REASONING_START", **message), pause_ns=pause_ns)
        pause_ns = 0
    yield Written(_event(f"{kind}_START", **message, role="reasoning" if thought else "assistant"), pause_ns=pause_ns)
    for piece, _ in deltas(part.text, 0):
        yield Written(_event(f"{kind}_CONTENT", **message, delta=piece), content=True)
    yield Written(_event(f"{kind}_END", **message))
    if thought:
        yield Written(_event("REASONING_END", **message))


def _end(say: Say, run: Json) -> bytes:
    if say.failure is not None:
        return _error(say.failure.message, say.failure.type)
    usage = say.counted()
    counted: Json = {"model": say.model} if say.model else {}
    counted |= {"inputTokens": usage.input, "outputTokens": usage.output, "totalTokens": total(usage)}
    counted |= {"reasoningTokens": usage.reasoning} if usage.reasoning else {}
    return _event("RUN_FINISHED", **run, outcome={"type": "success"}, usage=[counted])


def _error(message: str, code: str) -> bytes:
    return _event("RUN_ERROR", message=message, **({"code": code} if code else {}))


def _uuid(dice: Rng, nth: int) -> str:
    drawn = name(dice, nth, 32, HEX)
    return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-a{drawn[17:20]}-{drawn[20:]}"
