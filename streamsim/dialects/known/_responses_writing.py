"""Writing OpenAI's responses.

As recorded: every event is named twice and numbered; ``response`` objects tell the whole setting again; deltas carry
``obfuscation`` that makes them equally long; the last event has all that was said, and the usage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

import msgspec

from streamsim.dialects import spell
from streamsim.dialects.known._openai_errors import error_body, error_headers
from streamsim.dialects.known._openai_heads import openai_headers
from streamsim.dialects.known._responses_items import Json, item_of, items_of
from streamsim.dialects.loosely import decoded
from streamsim.dialects.protocol import Writer, Written
from streamsim.dialects.turns import deltas, turns
from streamsim.rng import Rng

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.answer import Answer
    from streamsim.dialects.said import Say
    from streamsim.dialects.told import Failure, Usage
    from streamsim.dialects.turns import Spoken
    from streamsim.sse import Event
    from streamsim.wire import Headers

Status: TypeAlias = str

_MODEL: Final = "gpt-4o-mini-2024-07-18"
_PADDED: Final = 1 << 20  # where the draws of padding begin
_INCOMPLETE: Final = {"length": "max_output_tokens", "filter": "content_filter"}


class ResponsesWriter(Writer):
    """``event`` and ``data`` lines with LF, compact JSON, numbered."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/v1/responses"),)

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return OpenAI's: its processing time, its version, the limits of the account."""
        return openai_headers(dice, stream=stream, ms=dice.between(spell.place("ms"), 40, 540))

    def write(self, say: Say, dice: Rng) -> Iterator[Written]:
        """Yield created, the items, and how it ended."""
        stream = _Stream(dice, say.model or _MODEL)
        yield stream.event("response.created", {"response": stream.response("in_progress")})
        yield stream.event("response.in_progress", {"response": stream.response("in_progress")})
        for part, pause_ns in turns(say):
            if part is not None:
                yield from stream.item(part, pause_ns)
            elif say.failure is not None:
                yield from stream.failed(say.failure.told, pause_ns)
            else:
                yield stream.ended(say, pause_ns)

    def whole(self, answer: Answer, dice: Rng) -> bytes:
        """Return the response."""
        stop = answer.first.stop
        status, reason = ("completed", "") if stop in ("", "completed") else ("incomplete", stop)
        output = [item.done() for item in items_of(answer.first.parts, dice)]
        identity = answer.id or _identity(dice)
        told = _response(identity, answer.model or _MODEL, status, output, reason=reason, usage=answer.usage)
        return spell.compact(told).encode()

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:
        """Return OpenAI's error object."""
        return error_headers(status), error_body(failure, status)

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes:
        """Return an ``error`` event and the response that failed, numbered on from ``before``."""
        told = created(before)
        code = failure.type or failure.code or "server_error"
        error = {"type": "error", "code": code, "message": failure.message, "param": None}
        number = len(before)
        ending = {**told, "status": "failed", "error": {"code": code, "message": failure.message}}
        last = {"type": "response.failed", "response": ending | {"incomplete_details": None}}
        return _frame({**error, "sequence_number": number}) + _frame({**last, "sequence_number": number + 1})

    def incomplete_event(self, reason: str, before: Sequence[Event]) -> bytes:
        """Return the end of a response that is incomplete for ``reason``."""
        ending = {**created(before), "status": "incomplete", "error": None, "incomplete_details": {"reason": reason}}
        return _frame({"type": "response.incomplete", "response": ending, "sequence_number": len(before)})


class _Created(msgspec.Struct):
    response: dict[str, object]


_created_decoder: msgspec.json.Decoder[_Created] = msgspec.json.Decoder(_Created)


def created(before: Sequence[Event]) -> Json:
    """Return the object that the stream's first event says it is about."""
    told = decoded(_created_decoder, before[0].data) if before else None
    return told.response if told is not None else {}


class _Stream(msgspec.Struct):
    """What has been written of one stream."""

    dice: Rng
    model: str
    number: int = 0
    output: list[Json] = []

    def event(self, kind: str, told: Json, *, content: bool = False, pause_ns: int = 0) -> Written:
        """Return the next event."""
        data = {"type": kind, **told, "sequence_number": self.number}
        self.number += 1
        return Written(_frame(data), content, pause_ns)

    def response(self, status: Status, *, reason: str = "", usage: Usage | None = None) -> Json:
        """Return the response as it is now."""
        output = [] if status == "in_progress" else self.output
        return _response(_identity(self.dice), self.model, status, output, reason=reason, usage=usage)

    def item(self, part: Spoken, pause_ns: int) -> Iterator[Written]:
        """Yield one item."""
        index = len(self.output)
        item = item_of(part, index, self.dice)
        added: Json = {"output_index": index, "item": item.added()}
        yield self.event("response.output_item.added", added, content=item.named, pause_ns=pause_ns)
        for kind, where in item.opening():
            yield self.event(kind, {**where, "output_index": index})
        for piece, _ in deltas(item.text, 0):
            told: Json = {**item.place, "output_index": index, "delta": piece, "obfuscation": self._padding(piece)}
            yield self.event(item.delta, told, content=True)
        for kind, where in item.closing():
            yield self.event(kind, {**where, "output_index": index})
        self.output.append(item.done())
        yield self.event("response.output_item.done", {"output_index": index, "item": item.done()})

    def ended(self, say: Say, pause_ns: int) -> Written:
        """Return the last event."""
        usage = say.counted()
        fine = say.reason in ("stop", "tool", "refusal", "completed")
        reason = "" if fine else _INCOMPLETE.get(say.reason, say.reason)
        status = "completed" if fine else "incomplete"
        ending: Json = {"response": self.response(status, reason=reason, usage=usage)}
        return self.event(f"response.{status}", ending, pause_ns=pause_ns)

    def failed(self, failure: Failure, pause_ns: int) -> Iterator[Written]:
        """Yield the error, and the response that failed."""
        code = failure.type or failure.code or "server_error"
        told: Json = {"code": code, "message": failure.message, "param": None}
        yield self.event("error", told, pause_ns=pause_ns)
        error = {"error": {"code": code, "message": failure.message}}
        yield self.event("response.failed", {"response": {**self.response("failed"), **error}})

    def _padding(self, piece: str) -> str:
        length = (16 - len(spell.compact(piece).encode()) + 2) % 16
        return spell.name(self.dice, _PADDED + self.number, length)


def _identity(dice: Rng) -> str:
    return f"resp_{spell.name(dice, 0, 50, spell.HEX)}"


def _frame(told: Json) -> bytes:
    return spell.frame(spell.compact(told), event=str(told["type"]))


def _response(
    identity: str, model: str, status: Status, output: list[Json], *, reason: str, usage: Usage | None
) -> Json:
    return {
        "id": identity,
        "object": "response",
        "created_at": spell.EPOCH,
        "status": status,
        "background": False,
        "completed_at": spell.EPOCH if status == "completed" else None,
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "instructions": None,
        "max_output_tokens": None,
        "max_tool_calls": None,
        "model": model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "service_tier": "auto" if status == "in_progress" else "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_logprobs": 0,
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None if usage is None else _usage(usage),
        "user": None,
        "metadata": {},
    }


def _usage(usage: Usage) -> Json:
    return {
        "input_tokens": usage.input or 0,
        "input_tokens_details": {"cached_tokens": usage.cached or 0},
        "output_tokens": usage.output or 0,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
        "total_tokens": spell.total(usage),
    }
