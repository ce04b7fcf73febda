"""Hugging Face's Text Generation Inference, ``/generate_stream``: an event a token, the last with the whole text.

``data:`` has no space behind it. Special tokens are told, but are no part of the text. An error is an event with
``error`` and ``error_type``.

Source: the OpenAPI document and the server's source, huggingface/text-generation-inference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

import msgspec

from streamsim.dialects.asking import whole_by_field
from streamsim.dialects.loosely import decoded
from streamsim.dialects.protocol import Dialect, Problem, Written
from streamsim.dialects.regrown import regrown
from streamsim.dialects.said import Reasoning, ToolCall
from streamsim.dialects.spell import compact, place
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage
from streamsim.dialects.turns import deltas, turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamsim.dialects.answer import Answer
    from streamsim.dialects.protocol import Writer
    from streamsim.dialects.said import Say
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

Json: TypeAlias = dict[str, object]

_STOPS = {"stop": "eos_token", "tool": "eos_token", "length": "length", "filter": "eos_token", "refusal": "eos_token"}


class _Token(msgspec.Struct):
    text: str
    id: int | None = None
    special: bool = False


class _Details(msgspec.Struct):
    finish_reason: str | None = None
    generated_tokens: int | None = None
    input_length: int | None = None


class _Said(msgspec.Struct):
    token: _Token | None = None
    generated_text: str | None = None
    details: _Details | None = None
    error: str | None = None
    error_type: str | None = None


_decoder = msgspec.json.Decoder(_Said)


def _framed(told: Json) -> bytes:
    return f"data:{compact(told)}\n\n".encode()


class TgiWriter:
    """Server-sent events with LF, and no space after the colon."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (
        ("POST", "/generate_stream"),
        ("POST", "/generate"),
        ("POST", "/"),
    )

    def headers(self, dice: Rng, *, stream: bool) -> Headers:  # noqa: ARG002 - nothing is drawn
        """Return those of the server."""
        if not stream:
            return (("content-type", "application/json"), ("x-compute-type", "gpu+optimized"))
        return (
            ("content-type", "text/event-stream"),
            ("cache-control", "no-cache"),
            ("x-accel-buffering", "no"),
            ("x-compute-type", "gpu+optimized"),
        )

    def write(self, say: Say, dice: Rng) -> Iterable[Written]:
        """Yield a token each, then the end of text as a special token; it knows no tools and no thoughts."""
        usage = say.counted()
        text = ""
        index = 0
        for part, pause_ns in turns(say):
            if part is None:
                if say.failure is not None:
                    yield Written(_error(say.failure.message, say.failure.type), pause_ns=pause_ns)
                    return
                reason = _STOPS.get(say.reason, say.reason)
                details: Json = {"finish_reason": reason, "generated_tokens": usage.output, "seed": None}
                details["input_length"] = usage.input
                last = _token(index + 1, "</s>", dice, special=True)
                yield Written(_framed(last | {"generated_text": text, "details": details}), pause_ns=pause_ns)
            elif not isinstance(part, Reasoning | ToolCall):
                for piece, pause in deltas(part.text, pause_ns):
                    index += 1
                    text += piece
                    told = _token(index, piece, dice) | {"generated_text": None, "details": None}
                    yield Written(_framed(told), content=True, pause_ns=pause)

    def whole(self, answer: Answer, dice: Rng) -> bytes:  # noqa: ARG002 - nothing is drawn
        """Return the text with its details."""
        said = answer.first
        details: Json = {"finish_reason": said.stop or "eos_token", "generated_tokens": answer.usage.output or 0}
        details |= {"seed": None, "prefill": [], "tokens": []}
        return compact({"generated_text": said.text + said.refusal, "details": details}).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:
        """Return message and type."""
        types = {422: "validation", 424: "generation", 429: "overloaded", 500: "incomplete_generation"}
        told: Json = {"error": failure.message, "error_type": failure.type or types.get(status, "generation")}
        return (("content-type", "application/json"),), compact(told).encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it needs no more
        """Return the error in an event."""
        return _error(failure.message, failure.type)


def _error(message: str, kind: str) -> bytes:
    return _framed({"error": message, "error_type": kind or "incomplete_generation"})


def _token(index: int, text: str, dice: Rng, *, special: bool = False) -> Json:
    identity = 2 if special else dice.between(place("id") + index, 100, 32_000)
    logprob = -dice.below(place("log") + index, 1 << 10) / (1 << 10)  # exact in binary: spelt alike everywhere
    return {"index": index, "token": {"id": identity, "text": text, "logprob": logprob, "special": special}}


class Tgi(Dialect):
    """``POST /generate_stream``."""

    name: ClassVar[str] = "tgi"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = TgiWriter()
    whole_at: ClassVar[tuple[tuple[str, str], ...]] = (("/generate", "/generate_stream"),)

    def owns(self, event: Event) -> bool:
        """Tell by the token."""
        said = decoded(_decoder, event.data) if '"token"' in event.data else None
        return said is not None and said.token is not None and said.token.id is not None

    def asks_whole(self, target: str, body: bytes) -> bool:
        """Tell by the path; at any other place, such as ``/``, by the body."""
        if target.partition("?")[0].endswith(self.whole_at[0]):
            return super().asks_whole(target, body)
        return whole_by_field(body)

    def tell(self, event: Event) -> Told:
        """Return the token's text; with the last one reason and counts."""
        said = decoded(_decoder, event.data)
        if said is None:
            return NOTHING
        if said.error is not None:
            return Told(failure=Failure(said.error, said.error_type or ""), terminal=True)
        grown = said.token is not None and said.token.text and not said.token.special
        pieces = (Piece("text", said.token.text),) if said.token is not None and grown else ()
        details = said.details
        if details is None:
            return Told(pieces=pieces, terminal=said.generated_text is not None)
        return Told(
            pieces=pieces,
            usage=Usage(details.input_length, details.generated_tokens),
            stops=((0, details.finish_reason),) if details.finish_reason else (),
            terminal=said.generated_text is not None,
        )

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return what comes after the whole text, and whether that is missing."""
        over = [index for index, event in enumerate(events) if self.tell(event).terminal]
        if not over:
            return [Problem(None, "finish_missing", "no event has the generated_text")]
        late = range(over[0] + 1, len(events))
        return [Problem(index, "content_after_finish", "an event comes after the last one") for index in late]

    def with_text(self, event: Event, text: str) -> str | None:
        """Put ``text`` for the token's text."""
        return regrown(self.tell(event), event.data, (("token", "text"),), text)


DIALECTS = (Tgi(),)
