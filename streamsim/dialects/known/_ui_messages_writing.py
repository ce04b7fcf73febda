"""Writing the UI message stream as the AI SDK's server does: one step, compact JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from streamsim.dialects.loosely import value_of
from streamsim.dialects.protocol import Written
from streamsim.dialects.said import Reasoning, ToolCall
from streamsim.dialects.spell import compact, frame, name
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

_STOPS = {"stop": "stop", "tool": "tool-calls", "length": "length", "filter": "content-filter", "refusal": "stop"}


def _part_of(kind: str, **more: object) -> bytes:
    return frame(compact({"type": kind} | more))


class UiMessagesWriter:
    """Server-sent events with LF."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/api/chat"),)

    def headers(self, dice: Rng, *, stream: bool) -> Headers:  # noqa: ARG002 - nothing is drawn
        """Return those of the AI SDK."""
        if not stream:
            return (("content-type", "application/json"),)
        return (
            ("content-type", "text/event-stream"),
            ("cache-control", "no-cache"),
            ("connection", "keep-alive"),
            ("x-vercel-ai-ui-message-stream", "v1"),
            ("x-accel-buffering", "no"),
        )

    def write(self, say: Say, dice: Rng) -> Iterable[Written]:
        """Yield one step with all parts."""
        yield Written(_part_of("start", messageId=f"msg-{name(dice, 0, 16)}"))
        yield Written(_part_of("start-step"))
        for nth, (part, pause_ns) in enumerate(turns(say)):
            if part is not None:
                yield from _told(part, nth, pause_ns, dice)
            elif say.failure is not None:
                yield Written(_part_of("error", errorText=say.failure.message), pause_ns=pause_ns)
            else:
                yield Written(_part_of("finish-step"), pause_ns=pause_ns)
                yield Written(_part_of("finish", finishReason=_STOPS.get(say.reason, say.reason)))
        yield Written(frame("[DONE]"))

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return the message that the parts make."""
        parts: list[Json] = [{"type": "step-start"}]
        for part in answer.first.parts:
            if part.kind == "tool":
                call: Json = {"type": f"tool-{part.name}", "toolCallId": part.id, "state": "input-available"}
                parts.append(call | {"input": value_of(part.text)})
            elif part.kind in ("text", "reasoning", "refusal"):
                kind = "reasoning" if part.kind == "reasoning" else "text"
                parts.append({"type": kind, "text": part.text, "state": "done"})
        told: Json = {"id": answer.id or f"msg-{name(dice, 0, 16)}", "role": "assistant", "parts": parts}
        return compact(told).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:  # noqa: ARG002 - the body has none
        """Return the message: the SDK makes it the error's text."""
        return (("content-type", "text/plain; charset=utf-8"),), failure.message.encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it needs no more
        """Return an error part, and ``[DONE]``."""
        return _part_of("error", errorText=failure.message) + frame("[DONE]")


def _told(part: Spoken, nth: int, pause_ns: int, dice: Rng) -> Iterator[Written]:
    if isinstance(part, ToolCall):
        call = {"toolCallId": part.id or f"call_{name(dice, 8 + nth, 24)}"}
        start = _part_of("tool-input-start", **call, toolName=part.name)
        yield Written(start, content=True, pause_ns=pause_ns)
        for piece, _ in deltas(part.arguments, 0):
            yield Written(_part_of("tool-input-delta", **call, inputTextDelta=piece), content=True)
        value = value_of(part.arguments)
        yield Written(_part_of("tool-input-available", **call, toolName=part.name, input=value))
        return
    kind = "reasoning" if isinstance(part, Reasoning) else "text"
    identity = str(nth)
    yield Written(_part_of(f"{kind}-start", id=identity), pause_ns=pause_ns)
    for piece, _ in deltas(part.text, 0):
        yield Written(_part_of(f"{kind}-delta", id=identity, delta=piece), content=True)
    yield Written(_part_of(f"{kind}-end", id=identity))
