"""Writing Bedrock's answers: AWS frames, keys in alphabetical order, and ``p``, letters of no meaning.

As recorded: ``p`` is a beginning of the alphabet (small, capital, digits) of any length; it hides how long the text is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from streamsim.dialects import aws_frames
from streamsim.dialects.loosely import arguments, value_of
from streamsim.dialects.protocol import Written
from streamsim.dialects.said import Reasoning, ToolCall
from streamsim.dialects.spell import HEX, compact, name, place, total
from streamsim.dialects.turns import deltas, turns

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
    "stop": "end_turn",
    "tool": "tool_use",
    "length": "max_tokens",
    "filter": "content_filtered",
    "refusal": "content_filtered",
}
_ERRORS = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}
_IN_STREAM = {
    400: "validationException",
    424: "modelStreamErrorException",
    429: "throttlingException",
    503: "serviceUnavailableException",
}
_PADDING = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class _Frames:
    """The frames of one stream."""

    def __init__(self, dice: Rng) -> None:
        self._dice = dice
        self._drawn = 0

    def next(self, kind: str, told: Json) -> bytes:
        """Return the frame of an event, padded."""
        length = self._dice.between(place("p") + self._drawn, 1, len(_PADDING))
        self._drawn += 1
        payload = dict(sorted((told | {"p": _PADDING[:length]}).items()))
        return _frame(":event-type", kind, "event", payload)


class ConverseWriter:
    """An AWS event stream."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (
        ("POST", "/model/{model}/converse-stream"),
        ("POST", "/model/{model}/converse"),
    )

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return the content type and the request's id."""
        kind = aws_frames.CONTENT_TYPE if stream else "application/json"
        return (("Content-Type", kind), ("x-amzn-RequestId", _uuid(dice)))

    def write(self, say: Say, dice: Rng) -> Iterable[Written]:
        """Yield start, blocks, reason and counts."""
        frames = _Frames(dice)
        yield Written(frames.next("messageStart", {"role": "assistant"}))
        block = 0
        for part, pause_ns in turns(say):
            if part is not None:
                yield from _block(frames, part, block, pause_ns, dice)
                block += 1
            elif say.failure is not None:
                kind = say.failure.type or _IN_STREAM.get(say.failure.status, "")
                yield Written(_exception(say.failure.message, kind), pause_ns=pause_ns)
            else:
                reason = _STOPS.get(say.reason, say.reason)
                yield Written(frames.next("messageStop", {"stopReason": reason}), pause_ns=pause_ns)
                counted: Json = {"metrics": {"latencyMs": _latency(dice)}, "usage": _usage(say.counted())}
                yield Written(frames.next("metadata", counted))

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return the message with its blocks."""
        said = answer.first
        blocks = [_whole_block(part, index, dice) for index, part in enumerate(said.parts) if part.kind != "citation"]
        told: Json = {
            "metrics": {"latencyMs": _latency(dice)},
            "output": {"message": {"content": blocks, "role": "assistant"}},
            "stopReason": said.stop or "end_turn",
            "usage": _usage(answer.usage),
        }
        return compact(told).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:
        """Return the message; the type is a header."""
        kind = failure.type or _ERRORS.get(status, "InternalServerException")
        kind = kind[:1].upper() + kind[1:]
        headers = (
            ("Content-Type", "application/json"),
            ("x-amzn-ErrorType", f"{kind}:http://internal.amazon.com/coral/com.amazon.bedrock/"),
        )
        return headers, compact({"message": failure.message}).encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it needs no more
        """Return an exception's frame."""
        status = int(failure.code) if failure.code.isdigit() else 0
        return _exception(failure.message, failure.type or _IN_STREAM.get(status, ""))


def _frame(header: str, kind: str, message_type: str, payload: Json) -> bytes:
    headers = ((header, kind), (":content-type", "application/json"), (":message-type", message_type))
    return aws_frames.frame(headers, compact(payload).encode())


def _exception(message: str, kind: str) -> bytes:
    kind = kind or "internalServerException"
    return _frame(":exception-type", kind[:1].lower() + kind[1:], "exception", {"message": message})


def _block(frames: _Frames, part: Spoken, index: int, pause_ns: int, dice: Rng) -> Iterator[Written]:
    here: Json = {"contentBlockIndex": index}
    if isinstance(part, ToolCall):
        start = {"toolUse": {"name": part.name, "toolUseId": part.id or _call_id(index, dice)}}
        data = frames.next("contentBlockStart", here | {"start": start})
        yield Written(data, content=True, pause_ns=pause_ns)
        pause_ns = 0
    for piece, pause in deltas(part.arguments if isinstance(part, ToolCall) else part.text, pause_ns):
        data = frames.next("contentBlockDelta", here | {"delta": _delta(part, piece)})
        yield Written(data, content=True, pause_ns=pause)
    yield Written(frames.next("contentBlockStop", here))


def _delta(part: Spoken, piece: str) -> Json:
    if isinstance(part, ToolCall):
        return {"toolUse": {"input": piece}}
    return {"reasoningContent": {"text": piece}} if isinstance(part, Reasoning) else {"text": piece}


def _whole_block(part: Part, index: int, dice: Rng) -> Json:
    if part.kind == "tool":
        use: Json = {"input": arguments(part.text), "name": part.name, "toolUseId": part.id or _call_id(index, dice)}
        return {"toolUse": use}
    if part.kind == "reasoning":
        return {"reasoningContent": {"reasoningText": {"text": part.text}}}
    return {"toolResult": {"content": value_of(part.text)}} if part.kind == "media" else {"text": part.text}


def _usage(usage: Usage) -> Json:
    told: Json = {"cacheReadInputTokens": usage.cached} if usage.cached else {}
    return told | {
        "inputTokens": usage.input or 0,
        "outputTokens": usage.output or 0,
        "totalTokens": total(usage),
    }


def _latency(dice: Rng) -> int:
    return dice.between(place("ms"), 400, 2000)


def _call_id(index: int, dice: Rng) -> str:
    return f"tooluse_{name(dice, 8 + index, 22)}"


def _uuid(dice: Rng) -> str:
    drawn = name(dice, 0, 32, HEX)
    return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-a{drawn[17:20]}-{drawn[20:]}"
