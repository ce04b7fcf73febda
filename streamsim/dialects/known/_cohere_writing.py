"""Writing Cohere's answers: every event named twice, in its line and in its data, and one token in each delta.

As recorded: thoughts are a content of their own; what is thought before a tool call is the tool plan; billed tokens are
fewer than those used, for the template around a prompt is not billed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from streamsim.dialects.protocol import Written
from streamsim.dialects.said import Reasoning, ToolCall
from streamsim.dialects.spell import HEX, LETTERS, compact, frame, name, place
from streamsim.dialects.turns import deltas, turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamsim.dialects.answer import Answer
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Failure, Usage
    from streamsim.dialects.turns import Spoken
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

Json: TypeAlias = dict[str, object]

_STOPS = {
    "stop": "COMPLETE",
    "tool": "TOOL_CALL",
    "length": "MAX_TOKENS",
    "filter": "ERROR_TOXIC",
    "refusal": "COMPLETE",
}


class CohereWriter:
    """Server-sent events with LF, compact JSON."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/v2/chat"),)

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return those of Cohere's front end."""
        return (
            ("Cache-Control", "no-cache, no-store, no-transform, must-revalidate, private, max-age=0"),
            ("Content-Type", "text/event-stream" if stream else "application/json"),
            ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("Pragma", "no-cache"),
            ("Vary", "Origin"),
            ("X-Accel-Expires", "0"),
            ("X-Debug-Trace-Id", name(dice, 2, 32, HEX)),
            ("X-Envoy-Upstream-Service-Time", str(dice.between(place("ms"), 40, 300))),
            ("Server", "envoy"),
            ("Via", "1.1 google"),
        )

    def write(self, say: Say, dice: Rng) -> Iterable[Written]:
        """Yield start, contents and calls, end."""
        message: Json = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
        yield Written(_event("message-start", {"message": message}, id=_uuid(dice)))
        planned = any(isinstance(part, ToolCall) for part in say.parts)
        contents = calls = 0
        for part, pause_ns in turns(say):
            if part is None:
                yield from _end(say, pause_ns)
            elif isinstance(part, ToolCall):
                yield from _call(part, calls, pause_ns, dice)
                calls += 1
            elif planned and isinstance(part, Reasoning):
                for piece, pause in deltas(part.text, pause_ns):
                    yield Written(
                        _event("tool-plan-delta", {"message": {"tool_plan": piece}}), content=True, pause_ns=pause
                    )
            else:
                yield from _content(part, contents, pause_ns)
                contents += 1

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return the message with its contents, tool calls and plan."""
        said = answer.first
        calls = [
            {"id": call.id or _call_id(call.name, index, dice), "type": "function",
             "function": {"name": call.name, "arguments": call.text}}
            for index, call in enumerate(said.calls)
        ]  # fmt: skip
        message: Json = {"role": "assistant"}
        if calls:
            message |= {"tool_plan": said.reasoning, "tool_calls": calls}
        contents: list[Json] = []
        if said.reasoning and not calls:
            contents.append({"type": "thinking", "thinking": said.reasoning})
        if said.text or said.refusal:
            contents.append({"type": "text", "text": said.text + said.refusal})
        if contents:
            message["content"] = contents
        told: Json = {"id": answer.id or _uuid(dice), "message": message, "finish_reason": said.stop or "COMPLETE"}
        return compact(told | {"usage": _usage(answer.usage)}).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:  # noqa: ARG002 - the body has none
        """Return an id and the message."""
        told: Json = {"id": "00000000-0000-4000-8000-000000000000", "message": failure.message}
        kind: Json = {"error_type": failure.type} if failure.type else {}
        return (("Content-Type", "application/json"), ("Server", "envoy"), ("Via", "1.1 google")), compact(
            kind | told
        ).encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it needs no more
        """Return the end with reason ERROR."""
        return _event("message-end", {"finish_reason": "ERROR", "error": failure.message}) + frame("[DONE]")


def _event(kind: str, delta: Json | None = None, **more: object) -> bytes:
    identity = {"id": more.pop("id")} if "id" in more else {}
    told = identity | {"type": kind} | more | ({} if delta is None else {"delta": delta})
    return frame(compact(told), event=kind)


def _content(part: Spoken, index: int, pause_ns: int) -> Iterator[Written]:
    kind = "thinking" if isinstance(part, Reasoning) else "text"
    start: Json = {"message": {"content": {"type": kind, kind: ""}}}
    yield Written(_event("content-start", start, index=index), pause_ns=pause_ns)
    for piece, _ in deltas(part.text if not isinstance(part, ToolCall) else "", 0):
        yield Written(_event("content-delta", {"message": {"content": {kind: piece}}}, index=index), content=True)
    yield Written(_event("content-end", index=index))


def _call(part: ToolCall, index: int, pause_ns: int, dice: Rng) -> Iterator[Written]:
    identity = part.id or _call_id(part.name, index, dice)
    start: Json = {"id": identity, "type": "function", "function": {"name": part.name, "arguments": ""}}
    yield Written(
        _event("tool-call-start", {"message": {"tool_calls": start}}, index=index), content=True, pause_ns=pause_ns
    )
    for piece, _ in deltas(part.arguments, 0):
        grown: Json = {"message": {"tool_calls": {"function": {"arguments": piece}}}}
        yield Written(_event("tool-call-delta", grown, index=index), content=True)
    yield Written(_event("tool-call-end", index=index))


def _end(say: Say, pause_ns: int) -> Iterator[Written]:
    if say.failure is not None:
        delta: Json = {"finish_reason": "ERROR", "error": say.failure.message}
    else:
        delta = {"finish_reason": _STOPS.get(say.reason, say.reason), "usage": _usage(say.counted())}
    yield Written(_event("message-end", delta), pause_ns=pause_ns)
    yield Written(frame("[DONE]"))


def _usage(usage: Usage) -> Json:
    billed = {"input_tokens": usage.input or 0, "output_tokens": usage.output or 0}
    reasoning = {"reasoning_tokens": usage.reasoning} if usage.reasoning else {}
    return {"billed_units": billed, "tokens": billed | reasoning, "cached_tokens": usage.cached or 0}


def _uuid(dice: Rng) -> str:
    drawn = name(dice, 0, 32, HEX)
    return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-a{drawn[17:20]}-{drawn[20:]}"


def _call_id(called: str, index: int, dice: Rng) -> str:
    return f"{called}_{name(dice, 8 + index, 12, LETTERS[:10] + LETTERS[36:])}"
