"""Writing chat completions: what OpenAI does, and where its variations differ.

As recorded: compact JSON, one chunk a token; with ``include_usage`` every chunk has ``usage``, null but in the last
one, which has no choices; ``obfuscation`` fills the chunks of a stream up to the same length, at most 15 characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

import msgspec

from streamsim.dialects import spell
from streamsim.dialects.generic import DONE
from streamsim.dialects.known._openai_errors import error_body, error_headers, error_object
from streamsim.dialects.known._openai_heads import openai_headers
from streamsim.dialects.protocol import Writer, Written
from streamsim.dialects.said import Reasoning, Refusal, ToolCall
from streamsim.dialects.told import Usage
from streamsim.dialects.turns import deltas, turns
from streamsim.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.answer import Answer, Choice, Part
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Failure
    from streamsim.dialects.turns import Spoken
    from streamsim.sse import Event
    from streamsim.wire import Headers

Json: TypeAlias = dict[str, object]

PADDED = 1 << 20  # where the draws of padding begin


class Stream(msgspec.Struct):
    """What the chunks of one stream share, and what has been told in it.

    Attributes:
        dice: For names and padding.
        id, model: Of the answer.
        width: What text and padding of a chunk add up to.
        chunks: How many were written.
        text: The text so far.
        counted: Deltas so far.
        usage: What the last chunks tell.
        build: Ten drawn digits that every chunk tells, of the system that answers.

    """

    dice: Rng
    id: str
    model: str
    usage: Usage
    width: int = 16
    chunks: int = 0
    text: str = ""
    counted: int = 0
    build: str = ""

    def __post_init__(self) -> None:
        """Draw what all chunks tell once."""
        self.build = spell.name(self.dice, 1, 10, spell.HEX)


class ChatWriter(Writer):
    """OpenAI's own manner; a variation overrides where it differs."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/v1/chat/completions"),)
    model: ClassVar[str] = "gpt-4o-mini-2024-07-18"
    stops: ClassVar[dict[str, str]] = {
        "stop": "stop",
        "length": "length",
        "tool": "tool_calls",
        "filter": "content_filter",
        "refusal": "stop",
    }
    thought: ClassVar[str] = ""
    """The field of a delta for thoughts; "" where there is none."""
    whole_calls: ClassVar[bool] = False
    """A tool call comes in one chunk."""

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return OpenAI's: its processing time, its version, the limits of the account."""
        return openai_headers(dice, stream=stream, ms=dice.between(spell.place("ms"), 120, 700))

    def write(self, say: Say, dice: Rng) -> Iterator[Written]:
        """Yield a chunk for each token, then the reason to finish, the usage, and the end."""
        stream = Stream(dice, self.identity(dice), say.model or self.model, say.counted(), 8 + dice.below(PADDED, 9))
        yield from self.opening(stream)
        calls = 0
        for part, pause_ns in turns(self.sayable(say)):
            if part is None:
                yield from self._end(stream, say, pause_ns)
            else:
                for delta, grown, pause in self._deltas(stream, part, calls, pause_ns):
                    first = self.first(part) if not stream.counted else {}
                    if first and self.role_apart(part):
                        yield self._written(stream, first, "", pause_ns=pause)
                        first, pause = {}, 0  # noqa: PLW2901 - the pause was made
                    yield self._written(stream, {**first, **delta}, grown, content=True, pause_ns=pause)
                calls += isinstance(part, ToolCall)

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return a ``chat.completion``."""
        choices = [self._choice(number, choice, dice) for number, choice in sorted(answer.choices.items())]
        stream = Stream(dice, answer.id or self.identity(dice), answer.model or self.model, answer.usage)
        told = self.dressed(stream, choices or [self._choice(0, answer.first, dice)], answer.usage)
        told |= {"object": "chat.completion"}
        told.pop("obfuscation", None)
        return self.spelt(told).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:
        """Return OpenAI's error object."""
        return error_headers(status), error_body(failure, status)

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it needs no more
        """Return an error object instead of a chunk; no ``[DONE]`` follows."""
        return self.framed(self.spelt({"error": error_object(failure)}))

    # What a variation may do in its own way.

    def sayable(self, say: Say) -> Say:
        """Return the script without parts that have no place in an answer."""
        if self.thought:
            return say
        parts = tuple(part for part in say.parts if not isinstance(part, Reasoning))
        return msgspec.structs.replace(say, parts=parts)

    def identity(self, dice: Rng) -> str:
        """Return the answer's id."""
        return f"chatcmpl-{spell.name(dice, 0, 29)}"

    def call_id(self, dice: Rng, nth: int) -> str:
        """Return a tool call's id."""
        return f"call_{spell.name(dice, 8 + nth, 24)}"

    def opening(self, stream: Stream) -> Iterator[Written]:  # noqa: ARG002 - OpenAI says nothing first
        """Yield what comes before the answer."""
        yield from ()

    def first(self, part: Spoken) -> Json:
        """Return what the first delta says besides what it adds."""
        if isinstance(part, ToolCall):
            return {"role": "assistant", "content": None}
        return {"role": "assistant", "content": None if isinstance(part, Refusal) else "", "refusal": None}

    def role_apart(self, part: Spoken) -> bool:
        """Tell whether the first delta has a chunk of its own."""
        return not isinstance(part, ToolCall)

    def growing(self, part: Spoken, piece: str) -> Json:
        """Return the delta by which text, a thought or a refusal grows."""
        if isinstance(part, Reasoning):
            return {self.thought: piece}
        return {"refusal": piece} if isinstance(part, Refusal) else {"content": piece}

    def choice(self, delta: Json, reason: str | None) -> Json:
        """Return a chunk's only choice."""
        return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}

    def dressed(self, stream: Stream, choices: list[Json], usage: Usage | None, grown: str = "") -> Json:
        """Return a whole chunk."""
        chunk: Json = {
            "id": stream.id,
            "object": "chat.completion.chunk",
            "created": spell.EPOCH,
            "model": stream.model,
            "service_tier": "default",
            "system_fingerprint": f"fp_{stream.build}",
            "choices": choices,
            "usage": None if usage is None else self.counted(usage),
        }
        return chunk | {"obfuscation": self.padding(stream, grown)}

    def padding(self, stream: Stream, grown: str) -> str:
        """Return what makes this chunk as long as the others; what is longer is so by a multiple of 16."""
        length = (stream.width - len(spell.compact(grown).encode()) + 2) % 16
        return spell.name(stream.dice, PADDED + 1 + stream.chunks, length)

    def counted(self, usage: Usage) -> Json:
        """Return the usage object."""
        return {
            "prompt_tokens": usage.input or 0,
            "completion_tokens": usage.output or 0,
            "total_tokens": spell.total(usage),
            "prompt_tokens_details": {"cached_tokens": usage.cached or 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": usage.reasoning or 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }

    def ending(self, stream: Stream, reason: str) -> Iterator[Json]:
        """Yield the last chunks."""
        yield self.dressed(stream, [self.choice({}, reason)], None)
        stream.chunks += 1
        yield self.dressed(stream, [], stream.usage)

    def spelt(self, chunk: Json) -> str:
        """Return a chunk's JSON."""
        return spell.compact(chunk)

    def framed(self, data: str) -> bytes:
        """Return an event's frame."""
        return spell.frame(data)

    def last(self) -> bytes:
        """Return what ends the stream."""
        return self.framed(DONE)

    # What all have in common.

    def _written(self, stream: Stream, delta: Json, grown: str, *, content: bool = False, pause_ns: int = 0) -> Written:
        stream.counted += 1
        stream.text += grown if "content" in delta else ""
        chunk = self.dressed(stream, [self.choice(delta, None)], None, grown)
        stream.chunks += 1
        return Written(self.framed(self.spelt(chunk)), content, pause_ns)

    def _deltas(self, stream: Stream, part: Spoken, calls: int, pause_ns: int) -> Iterator[tuple[Json, str, int]]:
        """Yield deltas, the text by which each grows, and its pause."""
        if not isinstance(part, ToolCall):
            for piece, pause in deltas(part.text, pause_ns):
                yield self.growing(part, piece), piece, pause
            return
        function = {"name": part.name, "arguments": part.arguments if self.whole_calls else ""}
        identity = part.id or self.call_id(stream.dice, calls)
        yield {"tool_calls": [{"index": calls, "id": identity, "type": "function", "function": function}]}, "", pause_ns
        for piece, _ in () if self.whole_calls else deltas(part.arguments, 0):
            yield {"tool_calls": [{"index": calls, "function": {"arguments": piece}}]}, piece, 0

    def _end(self, stream: Stream, say: Say, pause_ns: int) -> Iterator[Written]:
        if say.failure is not None:
            yield Written(self.error_event(say.failure.told, ()) or b"", pause_ns=pause_ns)
            return
        if not stream.counted:  # nothing was said
            yield self._written(stream, {"role": "assistant", "content": ""}, "")
        for chunk in self.ending(stream, self.stops.get(say.reason, say.reason)):
            yield Written(self.framed(self.spelt(chunk)), pause_ns=pause_ns)
            pause_ns = 0
        if self.last():
            yield Written(self.last())

    def _choice(self, number: int, choice: Choice, dice: Rng) -> Json:
        said = "".join(part.text for part in choice.parts if part.kind == "text")
        message: Json = {"role": "assistant", "content": said or (None if choice.calls or choice.refusal else "")}
        if self.thought and choice.reasoning:
            message[self.thought] = choice.reasoning
        message |= {"refusal": choice.refusal or None, "annotations": []}
        if choice.calls:
            message["tool_calls"] = [self._call(call, nth, dice) for nth, call in enumerate(choice.calls)]
        return {"index": number, "message": message, "logprobs": None, "finish_reason": choice.stop or "stop"}

    def _call(self, call: Part, nth: int, dice: Rng) -> Json:
        function = {"name": call.name, "arguments": call.text}
        return {"id": call.id or self.call_id(dice, nth), "type": "function", "function": function}
