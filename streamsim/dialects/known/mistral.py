"""Mistral: the chat dialect without fingerprint, usage in the chunk that finishes, and tool calls in one piece.

As recorded (23 streams): ids of 32 hexadecimal digits, tool calls' ids of nine characters; the reason to finish comes
with the last delta; thoughts are content too, as parts of type ``thinking``; newer chunks have ``p``, letters of no
meaning that hide how long the text is. An error amid a stream is the reason ``error``, without a message.

Source: docs.mistral.ai/api, the models of the official SDK, and recorded streams.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from streamsim.dialects.known.openai_chat import OpenAIChat
from streamsim.dialects.protocol import Written
from streamsim.dialects.said import Reasoning, ToolCall
from streamsim.dialects.spell import EPOCH, HEX, compact, frame, name, place
from streamsim.dialects.turns import deltas, turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamsim.dialects.answer import Answer, Choice
    from streamsim.dialects.protocol import Clues, Problem, Writer
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Failure, Usage
    from streamsim.dialects.turns import Turn
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

Json: TypeAlias = dict[str, object]

_OWN = re.compile(r'\{"id": ?"[0-9a-f]{32}", ?"object": ?"chat\.completion\.chunk"')
_STOPS = {"stop": "stop", "tool": "tool_calls", "length": "length", "filter": "stop", "refusal": "stop"}
_TYPES = {401: "unauthorized", 422: "invalid_request_error", 429: "rate_limited", 500: "internal_server_error"}
_MODEL = "mistral-small-latest"
_PADDING = "abcdefghijklmnopqrstuvwxyz0123456789"


class _Chunks:
    """The chunks of one stream, which differ in their choice only."""

    def __init__(self, say: Say, dice: Rng) -> None:
        self._head: Json = {"id": name(dice, 0, 32, HEX), "object": "chat.completion.chunk", "created": EPOCH}
        self._head["model"] = say.model or _MODEL
        self._dice = dice
        self._drawn = 0

    def next(self, delta: Json, finish: str | None = None, usage: Json | None = None) -> bytes:
        """Return a chunk; all but the first are padded."""
        told = self._head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        if usage is not None:
            told["usage"] = usage
        if self._drawn:
            told["p"] = _PADDING[: self._dice.between(place("p") + self._drawn, 1, len(_PADDING))]
        self._drawn += 1
        return frame(compact(told))


class MistralWriter:
    """Server-sent events with LF, compact JSON."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/v1/chat/completions"),)

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return those of Mistral's front ends."""
        upstream_ms = dice.between(place("ms"), 50, 500)
        return (
            ("Content-Type", "text/event-stream; charset=utf-8" if stream else "application/json"),
            ("mistral-correlation-id", _uuid(name(dice, 1, 32, HEX))),
            ("x-kong-request-id", name(dice, 2, 32, HEX)),
            ("x-envoy-upstream-service-time", str(upstream_ms)),
            ("x-kong-upstream-latency", str(upstream_ms + 1)),
            ("x-kong-proxy-latency", "7"),
            ("access-control-allow-origin", "*"),
            ("Server", "cloudflare"),
        )

    def write(self, say: Say, dice: Rng) -> Iterable[Written]:
        """Yield the role, a chunk for each delta, and ``[DONE]``; tool calls come in the chunk that finishes."""
        chunks = _Chunks(say, dice)
        yield Written(chunks.next({"role": "assistant", "content": ""}))
        spoken = list(turns(say))
        for part, pause_ns in spoken:
            if part is None or isinstance(part, ToolCall):
                continue
            for piece, pause in deltas(part.text, pause_ns):
                content = [_thinking(piece)] if isinstance(part, Reasoning) else piece
                yield Written(chunks.next({"content": content}), content=True, pause_ns=pause)
        yield _finish(say, chunks, spoken, dice)
        yield Written(frame("[DONE]"))

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return a chat completion."""
        told: Json = {"id": answer.id or name(dice, 0, 32, HEX), "created": EPOCH, "model": answer.model or _MODEL}
        told["usage"] = _usage(answer.usage)
        choices = sorted(answer.choices.items()) or [(0, answer.first)]
        told |= {"object": "chat.completion", "choices": [_choice(number, choice, dice) for number, choice in choices]}
        return compact(told).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:
        """Return an error object."""
        told: Json = {
            "object": "error",
            "message": failure.message,
            "type": failure.type or _TYPES.get(status, "error"),
        }
        told |= {"param": None, "code": failure.code or str(status)}
        return (("Content-Type", "application/json"), ("Server", "cloudflare")), compact(told).encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it has no room
        """Return a chunk with the reason ``error``, of the same answer, and ``[DONE]``."""
        first = OpenAIChat().tell(before[0]) if before else None
        told: Json = {"id": first.id if first is not None else "0" * 32, "object": "chat.completion.chunk"}
        told |= {"created": EPOCH, "model": (first.model if first is not None else "") or _MODEL}
        told["choices"] = [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]
        return frame(compact(told)) + frame("[DONE]")


def _finish(say: Say, chunks: _Chunks, spoken: list[Turn], dice: Rng) -> Written:
    """Return the chunk with the reason; the tool calls are in it."""
    calls = [(part, pause_ns) for part, pause_ns in spoken if isinstance(part, ToolCall)]
    pause_ns = sum(pause for _, pause in calls) + sum(pause for part, pause in spoken if part is None)
    if say.failure is not None:
        return Written(chunks.next({"content": ""}, "error"), pause_ns=pause_ns)
    delta: Json = {"content": ""}
    if calls:
        delta = {
            "tool_calls": [
                _call(index, call.name, call.arguments, call.id, dice) for index, (call, _) in enumerate(calls)
            ]
        }
    reason = _STOPS.get(say.reason, say.reason)
    return Written(chunks.next(delta, reason, _usage(say.counted())), content=bool(calls), pause_ns=pause_ns)


def _thinking(text: str) -> Json:
    return {"type": "thinking", "thinking": [{"type": "text", "text": text}]}


def _call(index: int, called: str, arguments: str, identity: str, dice: Rng) -> Json:
    function = {"name": called, "arguments": arguments}
    return {"id": identity or name(dice, 8 + index, 9), "type": "function", "function": function, "index": index}


def _choice(number: int, said: Choice, dice: Rng) -> Json:
    text = said.text + said.refusal
    content: object = [_thinking(said.reasoning), {"type": "text", "text": text}] if said.reasoning else text
    calls = [_call(index, call.name, call.text, call.id, dice) for index, call in enumerate(said.calls)]
    message: Json = {"role": "assistant", "tool_calls": calls or None, "content": content}
    return {"index": number, "finish_reason": said.stop or "stop", "message": message}


def _usage(usage: Usage) -> Json:
    asked, answered = usage.input or 0, usage.output or 0
    total = usage.total if usage.total is not None else asked + answered
    told: Json = {"prompt_tokens": asked, "total_tokens": total, "completion_tokens": answered}
    return told | {"prompt_tokens_details": {"cached_tokens": usage.cached or 0}}


def _uuid(drawn: str) -> str:
    return f"{drawn[:8]}-{drawn[8:12]}-7{drawn[13:16]}-a{drawn[17:20]}-{drawn[20:]}"


class Mistral(OpenAIChat):
    """``POST /v1/chat/completions`` of api.mistral.ai."""

    name: ClassVar[str] = "mistral"
    family: ClassVar[str] = OpenAIChat.name
    writer: ClassVar[Writer | None] = MistralWriter()

    def marks(self, event: Event) -> bool:
        """Tell by the id's form, and by having no fingerprint."""
        return _OWN.match(event.data) is not None and '"system_fingerprint"' not in event.data

    def suits(self, clues: Clues) -> bool:
        """Tell by the host, or by a header of its own."""
        return clues.host.endswith("mistral.ai") or clues.header("mistral-correlation-id") != ""

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return what the chat dialect finds; but a call that comes whole needs no index."""
        return [problem for problem in super().problems(events) if problem.rule != "tool_index_missing"]


DIALECTS = (Mistral(),)
