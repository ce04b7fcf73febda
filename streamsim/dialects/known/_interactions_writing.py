"""Writing Gemini's interactions: a step for each part, thoughts as a summary, arguments in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from streamsim.dialects import tokens
from streamsim.dialects.known._gemini_writing import GeminiWriter
from streamsim.dialects.loosely import arguments
from streamsim.dialects.protocol import Written
from streamsim.dialects.said import Reasoning, ToolCall
from streamsim.dialects.spell import LETTERS, compact, frame, name, total
from streamsim.dialects.turns import turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamsim.dialects.answer import Answer, Part
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Failure, Usage
    from streamsim.dialects.turns import Spoken
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

Json: TypeAlias = dict[str, object]

_STOPS = {
    "stop": "completed",
    "tool": "requires_action",
    "length": "incomplete",
    "filter": "failed",
    "refusal": "completed",
}
_MODEL = "gemini-2.5-flash"
_MADE = "2026-01-01T00:00:00Z"
_RUN = 12  # pieces of text in a delta


def _event(kind: str, **more: object) -> bytes:
    return frame(compact(more | {"event_type": kind}), event=kind)


class InteractionsWriter:
    """Server-sent events with LF."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/v1beta/interactions"), ("POST", "/v1/interactions"))

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return those of Google's front end."""
        return GeminiWriter().headers(dice, stream=stream)

    def write(self, say: Say, dice: Rng) -> Iterable[Written]:
        """Yield the interaction with its steps."""
        about: Json = {
            "id": _identity(dice),
            "status": "in_progress",
            "object": "interaction",
            "model": say.model or _MODEL,
        }
        yield Written(_event("interaction.created", interaction=about))
        yield Written(_event("interaction.status_update", interaction_id=about["id"], status="in_progress"))
        for index, (part, pause_ns) in enumerate(turns(say)):
            if part is not None:
                yield from _step(part, index, pause_ns, dice)
            elif say.failure is not None:
                yield Written(_error(say.failure.message, say.failure.type), pause_ns=pause_ns)
            else:
                status = _STOPS.get(say.reason, say.reason)
                over: Json = {"id": about["id"], "status": status, "usage": _usage(say.counted())}
                over |= {"created": _MADE, "updated": _MADE, "service_tier": "standard"}
                over |= {"object": "interaction", "model": about["model"]}
                yield Written(_event("interaction.completed", interaction=over), pause_ns=pause_ns)
        yield Written(frame("[DONE]", event="done"))

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return the interaction with its steps."""
        said = answer.first
        told: Json = {"id": answer.id or _identity(dice), "status": said.stop or "completed"}
        steps = [
            _whole_step(part, nth, dice)
            for nth, part in enumerate(said.parts)
            if part.kind not in ("citation", "media")
        ]
        told |= {"usage": _usage(answer.usage), "created": _MADE, "updated": _MADE, "steps": steps}
        return compact(told | {"object": "interaction", "model": answer.model or _MODEL}).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:
        """Return an error as Google's APIs have it."""
        return GeminiWriter().error(failure, status)

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it needs no more
        """Return an event ``error``, and the end."""
        return _error(failure.message, failure.type or failure.code) + frame("[DONE]", event="done")


def _error(message: str, code: str) -> bytes:
    return _event("error", error={"message": message, "code": code or "internal_error"})


def _step(part: Spoken, index: int, pause_ns: int, dice: Rng) -> Iterator[Written]:
    if isinstance(part, ToolCall):
        step: Json = {"id": part.id or name(dice, 8 + index, 8, LETTERS[:10] + LETTERS[36:]), "type": "function_call"}
        step |= {"name": part.name, "arguments": {}}
        yield Written(_event("step.start", index=index, step=step), content=True, pause_ns=pause_ns)
    else:
        kind = "thought" if isinstance(part, Reasoning) else "model_output"
        yield Written(_event("step.start", index=index, step={"type": kind}), pause_ns=pause_ns)
    for delta in _deltas(part):
        yield Written(_event("step.delta", index=index, delta=delta), content=True)
    yield Written(_event("step.stop", index=index))


def _deltas(part: Spoken) -> Iterator[Json]:
    pieces = tokens.cut(part.arguments if isinstance(part, ToolCall) else part.text)
    for start in range(0, len(pieces), _RUN):
        text = "".join(pieces[start : start + _RUN])
        if isinstance(part, ToolCall):
            yield {"arguments": text, "type": "arguments_delta"}
        elif isinstance(part, Reasoning):
            yield {"content": {"text": text, "type": "text"}, "type": "thought_summary"}
        else:
            yield {"text": text, "type": "text"}


def _whole_step(part: Part, nth: int, dice: Rng) -> Json:
    if part.kind == "tool":
        identity = part.id or name(dice, 8 + nth, 8)
        return {"type": "function_call", "id": identity, "name": part.name, "arguments": arguments(part.text)}
    content: Json = {"type": "text", "text": part.text}
    if part.kind == "reasoning":
        return {"type": "thought", "summary": [content]}
    return {"type": "model_output", "content": [content]}


def _usage(usage: Usage) -> Json:
    thoughts = usage.reasoning or 0
    asked = usage.input or 0
    told: Json = {"total_tokens": total(usage), "total_input_tokens": asked}
    told |= {"input_tokens_by_modality": [{"modality": "text", "tokens": asked}]}
    told |= {"total_cached_tokens": usage.cached or 0, "total_output_tokens": (usage.output or 0) - thoughts}
    return told | {"total_tool_use_tokens": 0, "total_thought_tokens": thoughts}


def _identity(dice: Rng) -> str:
    return f"v1_{name(dice, 0, 64)}"
