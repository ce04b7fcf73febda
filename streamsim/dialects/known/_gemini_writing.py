"""Writing Gemini's answers: text in pieces of a few words, whole function calls, and usage with every one of them.

As recorded: JSON with a space after colons and none after commas, ``<`` and ``>`` escaped; the first piece is short,
later ones longer; after thoughts a signature comes with what follows first; the last piece has the reason to finish
and, in newer models, an empty text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import msgspec

from streamsim.dialects import tokens
from streamsim.dialects.loosely import arguments, value_of
from streamsim.dialects.protocol import Written
from streamsim.dialects.said import Reasoning, ToolCall
from streamsim.dialects.spell import LETTERS, frame, name, place
from streamsim.dialects.told import Failure
from streamsim.dialects.turns import turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamsim.dialects.answer import Answer, Choice
    from streamsim.dialects.answer import Part as AnswerPart
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Usage
    from streamsim.dialects.turns import Spoken
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

Json: TypeAlias = dict[str, object]

STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_CODES = {word: code for code, word in STATUS.items()}
_STOPS = {"stop": "STOP", "tool": "STOP", "length": "MAX_TOKENS", "filter": "SAFETY", "refusal": "PROHIBITED_CONTENT"}
_BASE64 = LETTERS + "+/"
_URL = LETTERS + "-_"
_ESCAPES = {"<": "\\u003c", ">": "\\u003e"}


def spelt(value: object, *, indent: int | None = None) -> str:
    """Return JSON as Google's servers spell it."""
    separators = (",", ": ")
    text = json.dumps(value, ensure_ascii=False, separators=separators, indent=indent)
    for sign, escape in _ESCAPES.items():
        text = text.replace(sign, escape)
    return text


class GeminiWriter:
    """Server-sent events with CRLF."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (
        ("POST", "/v1beta/models/{model}:streamGenerateContent?alt=sse"),
        ("POST", "/v1beta/models/{model}:generateContent"),
        ("POST", "/v1/models/{model}:streamGenerateContent?alt=sse"),
        ("POST", "/v1/models/{model}:generateContent"),
    )
    model: ClassVar[str] = "gemini-2.5-flash"
    content_type: ClassVar[str] = "text/event-stream"

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return those of Google's front end."""
        kind = self.content_type if stream else "application/json; charset=UTF-8"
        return (
            ("Content-Type", kind),
            *((("Content-Disposition", "attachment"),) if stream else ()),
            ("Vary", "Origin"),
            ("Vary", "X-Origin"),
            ("Vary", "Referer"),
            ("Server", "scaffolding on HTTPServer2"),
            ("X-XSS-Protection", "0"),
            ("X-Frame-Options", "SAMEORIGIN"),
            ("X-Content-Type-Options", "nosniff"),
            ("Server-Timing", f"gfet4t7; dur={dice.between(place('ms'), 150, 900)}"),
        )

    def write(self, say: Say, dice: Rng) -> Iterable[Written]:
        """Yield one event for each piece; the last one has the reason."""
        begun = False
        for chunk, step in self._chunks(say, dice):
            yield Written(self.framed(chunk, first=not begun), not step.last, step.pause_ns)
            begun = True
        if say.failure is not None:
            said = say.failure
            yield Written(self.error_frame(Failure(said.message, said.type, str(said.status)), first=not begun))
        elif self.tail:
            yield Written(self.tail)

    tail: ClassVar[bytes] = b""
    """What follows the last event."""

    def framed(self, chunk: Json, *, first: bool) -> bytes:  # noqa: ARG002 - the array form needs it
        """Return the bytes of one event."""
        return frame(self.spelt(chunk), eol="\r\n")

    def spelt(self, chunk: Json, *, indent: int | None = None) -> str:
        """Return a response as JSON."""
        return spelt(chunk, indent=indent)

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return a response with all parts of each candidate."""
        choices = answer.choices or {0: answer.first}
        thoughts = answer.usage.reasoning or 0
        told: Json = {
            "candidates": [self._whole_candidate(number, choice) for number, choice in sorted(choices.items())],
            "usageMetadata": _counted(answer.usage, (answer.usage.output or 0) - thoughts, thoughts),
            "modelVersion": answer.model or self.model,
            "responseId": answer.id or _response_id(dice),
        }
        return (self.spelt(told, indent=2) + "\n").encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:
        """Return an error as Google's APIs have it."""
        body = spelt({"error": _error(failure, status)}, indent=2) + "\n"
        return (
            ("Content-Type", "application/json; charset=UTF-8"),
            ("Server", "scaffolding on HTTPServer2"),
        ), body.encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:
        """Return the error in an event of its own."""
        return self.error_frame(failure, first=not before)

    def error_frame(self, failure: Failure, *, first: bool) -> bytes:
        """Return the bytes of an error inside the stream."""
        return self.framed({"error": _error(failure, _CODES.get(failure.type, 500))}, first=first)

    def _chunks(self, say: Say, dice: Rng) -> Iterator[tuple[Json, _Step]]:
        """Yield each response with what it is made of."""
        usage = say.counted()
        identity = _response_id(dice)
        thoughts = output = 0
        for step in _steps(say, dice):
            thoughts += step.size * step.thought
            output += step.size * (not step.thought)
            candidate: Json = {"content": {"parts": [step.part], "role": "model"}}
            if step.last:
                candidate["finishReason"] = _STOPS.get(say.reason, say.reason)
                thoughts = usage.reasoning or 0
                output = (usage.output or 0) - thoughts
            candidate["index"] = 0
            told: Json = {"candidates": [candidate], "usageMetadata": _counted(usage, output, thoughts, last=step.last)}
            yield told | {"modelVersion": say.model or self.model, "responseId": identity}, step

    def _whole_candidate(self, number: int, choice: Choice) -> Json:
        parts = [_whole_part(part) for part in choice.parts if part.kind != "citation"]
        sources = [value_of(part.text) for part in choice.parts if part.kind == "citation"]
        told: Json = {"content": {"parts": parts, "role": "model"}, "finishReason": choice.stop or "STOP"}
        return told | {"index": number} | ({"groundingMetadata": {"groundingChunks": sources}} if sources else {})


class _Step(msgspec.Struct, frozen=True):
    """What one response of the stream brings."""

    part: Json
    size: int = 0
    thought: bool = False
    last: bool = False
    pause_ns: int = 0


def _steps(say: Say, dice: Rng) -> Iterator[_Step]:
    unsigned = False
    drawn = 0
    for part, pause_ns in turns(say):
        if part is None:
            if say.failure is None:
                yield _Step({"text": ""}, last=True, pause_ns=pause_ns)
            continue
        thought = isinstance(part, Reasoning)
        for nth, (told, size) in enumerate(_cut(part, dice, drawn)):
            signature: Json = {"thoughtSignature": _signature(dice)} if unsigned and not thought else {}
            yield _Step(told | signature, size, thought, pause_ns=0 if nth else pause_ns)
            unsigned = thought
            drawn += 1


def _cut(part: Spoken, dice: Rng, drawn: int) -> Iterator[tuple[Json, int]]:
    """Yield the parts that ``part`` becomes, each with its tokens: a short one, then longer ones."""
    if isinstance(part, ToolCall):
        call: Json = {"name": part.name, "args": arguments(part.arguments)}
        size = tokens.count(part.name) + tokens.count(part.arguments)
        yield {"functionCall": call | ({"id": part.id} if part.id else {})}, size
        return
    pieces = tokens.cut(part.text)
    start = 0
    while start < len(pieces):
        size = dice.between(place("size") + drawn, 1, 3) if not start else dice.between(place("size") + drawn, 8, 24)
        run = pieces[start : start + size]
        yield _text("".join(run), thought=isinstance(part, Reasoning)), len(run)
        start += size
        drawn += 1


def _counted(usage: Usage, output: int, thoughts: int, *, last: bool = True) -> Json:
    asked = usage.input or 0
    total = usage.total if last and usage.total is not None else asked + output + thoughts
    told: Json = {"promptTokenCount": asked}
    if output or last:
        told["candidatesTokenCount"] = output
    told["totalTokenCount"] = total
    if usage.cached:
        told["cachedContentTokenCount"] = usage.cached
    told["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": asked}]
    return told | ({"thoughtsTokenCount": thoughts} if thoughts else {})


def _whole_part(part: AnswerPart) -> Json:
    if part.kind == "tool":
        call: Json = {"name": part.name, "args": arguments(part.text)}
        return {"functionCall": call | ({"id": part.id} if part.id else {})}
    if part.kind == "media":
        return dict(arguments(part.text))
    return _text(part.text, thought=part.kind == "reasoning")


def _text(text: str, *, thought: bool) -> Json:
    return {"text": text, "thought": True} if thought else {"text": text}


def _error(failure: Failure, status: int) -> Json:
    code = int(failure.code) if failure.code.isdigit() else status
    return {"code": code, "message": failure.message, "status": failure.type or STATUS.get(code, "UNKNOWN")}


def _response_id(dice: Rng) -> str:
    return name(dice, 0, 23, _URL)


def _signature(dice: Rng) -> str:
    return name(dice, 1, 224, _BASE64)
