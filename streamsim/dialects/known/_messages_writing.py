"""Writing Anthropic's messages.

As recorded: one ping, right after the first block has started; a tool's arguments begin with an empty piece; a thinking
block ends with its signature; spaces before the last brace, up to 15, hide how long the data is; usage at the start,
and cumulative at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

import msgspec

from streamsim.dialects import spell
from streamsim.dialects.loosely import arguments
from streamsim.dialects.protocol import Writer, Written
from streamsim.dialects.said import Reasoning, ToolCall
from streamsim.dialects.turns import deltas, turns
from streamsim.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.answer import Answer, Part
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Failure, Usage
    from streamsim.dialects.turns import Spoken
    from streamsim.sse import Event
    from streamsim.wire import Headers

Json: TypeAlias = dict[str, object]

_STOPS: Final = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool": "tool_use",
    "filter": "refusal",
    "refusal": "refusal",
}
_TYPES: Final = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_RETRIED: Final = (408, 409, 429)
_MODEL: Final = "claude-sonnet-4-5-20250929"
_REQUEST: Final = "req_streamsim"
_PADDED: Final = 1 << 20  # where the draws of padding begin
_SIGNED: Final = 1 << 19  # where the names of signatures begin
_SERVERS: Final = {"srvtoolu": "server_tool_use", "mcptoolu": "mcp_tool_use"}


class MessagesWriter(Writer):
    """``event`` and ``data`` lines with LF, compact JSON, padded."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/v1/messages"),)

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return those of Anthropic behind Cloudflare, with the limits of the account."""
        limits = [
            (f"anthropic-ratelimit-{what}-{kind}", value)
            for what, most in (("requests", "4000"), ("input-tokens", "2000000"), ("output-tokens", "400000"))
            for kind, value in (("limit", most), ("remaining", most), ("reset", "2026-01-01T00:00:00Z"))
        ]
        return (
            ("content-type", "text/event-stream; charset=utf-8" if stream else "application/json"),
            ("cache-control", "no-cache"),
            *limits,
            ("request-id", f"req_{spell.name(dice, 2, 24)}"),
            ("anthropic-organization-id", spell.uuid(dice, 3)),
            ("via", "1.1 google"),
            ("server", "cloudflare"),
            ("cf-cache-status", "DYNAMIC"),
        )

    def write(self, say: Say, dice: Rng) -> Iterator[Written]:
        """Yield start, blocks, the reason to stop, stop."""
        stream = _Stream(dice)
        usage = say.counted()
        message = _message(say.model or _MODEL, f"msg_{spell.name(dice, 0, 24)}")
        message |= {"content": [], "stop_reason": None, "stop_sequence": None}
        told = {**_usage(usage, min(1, usage.output or 0)), "service_tier": "standard"}
        yield stream.event("message_start", {"message": message | {"usage": told}})
        for part, pause_ns in turns(say):
            if part is not None:
                yield from stream.block(part, pause_ns)
            elif say.failure is not None:
                yield Written(self.error_event(say.failure.told, ()), pause_ns=pause_ns)
            else:
                delta: Json = {"stop_reason": _STOPS.get(say.reason, say.reason), "stop_sequence": None}
                ending: Json = {"delta": delta, "usage": _usage(usage, usage.output or 0)}
                yield stream.event("message_delta", ending, pause_ns=pause_ns)
                yield stream.event("message_stop", {})

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return the message."""
        blocks = [_block(part, nth, dice) for nth, part in enumerate(answer.first.parts)]
        message = _message(answer.model or _MODEL, answer.id or f"msg_{spell.name(dice, 0, 24)}")
        message |= {"content": [block for block in blocks if block], "stop_reason": answer.first.stop or "end_turn"}
        usage = {**_usage(answer.usage, answer.usage.output or 0), "service_tier": "standard"}
        return spell.compact({**message, "stop_sequence": None, "usage": usage}).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:
        """Return the error, with the word that it need not be tried again where that is so."""
        kind = failure.type or _TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")
        headers = [("content-type", "application/json"), ("request-id", _REQUEST)]
        if status < 500 and status not in _RETRIED:
            headers.append(("x-should-retry", "false"))
        return tuple(headers), spell.compact(_error(kind, failure.message)).encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes:  # noqa: ARG002 - it needs no more
        """Return an ``error`` event; nothing follows it."""
        told = _error(failure.type or "overloaded_error", failure.message)
        return spell.frame(spell.compact(told), event="error")


class _Stream(msgspec.Struct):
    """What has been written of one stream."""

    dice: Rng
    events: int = 0
    blocks: int = 0

    def event(self, kind: str, told: Json, *, content: bool = False, pause_ns: int = 0) -> Written:
        """Return one event, padded."""
        data = spell.compact({"type": kind, **told})
        padding = self.dice.below(_PADDED + self.events, 16)
        self.events += 1
        return Written(spell.frame(f"{data[:-1]}{' ' * padding}{data[-1]}", event=kind), content, pause_ns)

    def block(self, part: Spoken, pause_ns: int) -> Iterator[Written]:
        """Yield one block."""
        index = self.blocks
        self.blocks += 1
        called = isinstance(part, ToolCall)
        yield self.event(
            "content_block_start",
            {"index": index, "content_block": _opened(part, index, self.dice)},
            content=called,
            pause_ns=pause_ns,
        )
        if not index:
            yield Written(spell.frame('{"type": "ping"}', event="ping"))
        for delta, content in _deltas(part, index, self.dice):
            yield self.event("content_block_delta", {"index": index, "delta": delta}, content=content)
        yield self.event("content_block_stop", {"index": index})


def _opened(part: Spoken, index: int, dice: Rng) -> Json:
    if isinstance(part, ToolCall):
        identity = part.id or f"toolu_{spell.name(dice, 8 + index, 24)}"
        return {"type": "tool_use", "id": identity, "name": part.name, "input": {}}
    if isinstance(part, Reasoning):
        return {"type": "thinking", "thinking": "", "signature": ""}
    return {"type": "text", "text": ""}


def _deltas(part: Spoken, index: int, dice: Rng) -> Iterator[tuple[Json, bool]]:
    """Yield the deltas of a block, and whether each is content."""
    if isinstance(part, ToolCall):
        for piece in ("", *(piece for piece, _ in deltas(part.arguments, 0))):
            yield {"type": "input_json_delta", "partial_json": piece}, bool(piece)
    elif isinstance(part, Reasoning):
        for piece, _ in deltas(part.text, 0):
            yield {"type": "thinking_delta", "thinking": piece}, True
        yield {"type": "signature_delta", "signature": _signature(dice, index)}, False
    else:
        for piece, _ in deltas(part.text, 0):
            yield {"type": "text_delta", "text": piece}, True


def _block(part: Part, nth: int, dice: Rng) -> Json | None:
    """Return a part as a block of a whole message."""
    if part.kind == "tool":
        identity = part.id or f"toolu_{spell.name(dice, 8 + nth, 24)}"
        kind = _SERVERS.get(identity.partition("_")[0], "tool_use")
        return {"type": kind, "id": identity, "name": part.name, "input": arguments(part.text)}
    if part.kind == "reasoning":
        return {"type": "thinking", "thinking": part.text, "signature": _signature(dice, nth)}
    return {"type": "text", "text": part.text} if part.kind in ("text", "refusal") else None


def _message(model: str, identity: str) -> Json:
    return {"model": model, "id": identity, "type": "message", "role": "assistant"}


def _signature(dice: Rng, index: int) -> str:
    return spell.name(dice, _SIGNED + index, 90) + "=="


def _usage(usage: Usage, output: int) -> Json:
    cached = usage.cached or 0
    told: Json = {"input_tokens": usage.input or 0, "cache_creation_input_tokens": 0}
    return {**told, "cache_read_input_tokens": cached, "output_tokens": output}


def _error(kind: str, message: str) -> Json:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": _REQUEST}
