"""Gemini's ``streamGenerateContent`` with ``alt=sse``: each event is a whole GenerateContentResponse.

Lines end in CRLF, and there are data lines only. There is no last event: the answer is over when a candidate has a
``finishReason``, or the prompt was blocked, and then the connection ends. Some models, the older ones, give the reason
with every event. Function calls, code and its results come whole. Thoughts are counted beside the candidates' tokens,
and what tools put into the prompt beside the prompt's: `Usage` has the sums.

Source: ai.google.dev/api/generate-content, and recorded streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.failing import failure
from streamsim.dialects.known._gemini_writing import GeminiWriter
from streamsim.dialects.loosely import decoded, inside
from streamsim.dialects.protocol import Dialect, Problem
from streamsim.dialects.spell import replaced
from streamsim.dialects.told import NOTHING, Piece, Told, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.json_values import Path
    from streamsim.dialects.protocol import Writer
    from streamsim.sse import Event

_NULL = msgspec.Raw(b"null")
# Reasons as numbers, where a client asked for them so; from 6 on the two services differ.
_REASONS = {1: "STOP", 2: "MAX_TOKENS", 3: "SAFETY", 4: "RECITATION", 5: "OTHER"}


class _Call(msgspec.Struct):
    name: str = ""
    args: msgspec.Raw = _NULL
    id: str | None = None


class _Part(msgspec.Struct, rename="camel"):
    text: str | None = None
    thought: bool = False
    function_call: _Call | None = None
    inline_data: msgspec.Raw = _NULL
    file_data: msgspec.Raw = _NULL
    executable_code: msgspec.Raw = _NULL
    code_execution_result: msgspec.Raw = _NULL


class _Content(msgspec.Struct):
    parts: list[_Part] | None = None


class _Grounding(msgspec.Struct, rename="camel"):
    grounding_chunks: list[msgspec.Raw] | None = None


class _Citations(msgspec.Struct, rename="camel"):
    citation_sources: list[msgspec.Raw] | None = None
    citations: list[msgspec.Raw] | None = None


class _Candidate(msgspec.Struct, rename="camel"):
    content: _Content | None = None
    index: int | None = None
    finish_reason: str | int | None = None
    grounding_metadata: _Grounding | None = None
    citation_metadata: _Citations | None = None


class _Usage(msgspec.Struct, rename="camel"):
    prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    total_token_count: int | None = None
    thoughts_token_count: int | None = None
    cached_content_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None


class _Feedback(msgspec.Struct, rename="camel"):
    block_reason: str | int | None = None


class _Chunk(msgspec.Struct, rename="camel"):
    candidates: list[_Candidate] | None = None
    usage_metadata: _Usage | None = None
    prompt_feedback: _Feedback | None = None
    model_version: str | None = None
    response_id: str | None = None
    error: msgspec.Raw = _NULL


class _Error(msgspec.Struct):
    """Google's: others have no number and word together."""

    code: int
    message: str
    status: str


_decoder = msgspec.json.Decoder(_Chunk)
_error_decoder = msgspec.json.Decoder(_Error)
_MEDIA = {
    "inline_data": "inlineData",
    "file_data": "fileData",
    "executable_code": "executableCode",
    "code_execution_result": "codeExecutionResult",
}


def _pieces(candidate: _Candidate, choice: int) -> Iterator[Piece]:
    for part in (candidate.content.parts if candidate.content is not None else None) or ():
        if part.text:
            yield Piece("reasoning" if part.thought else "text", part.text, choice)
        if part.function_call is not None:
            call = part.function_call
            yield Piece("tool", inside(call.args) or "{}", choice, call.id or "", call.name, call.id or "")
        for field, spelt in _MEDIA.items():
            if whole := inside(getattr(part, field)):
                yield Piece("media", f'{{"{spelt}":{whole}}}', choice)
    for source in _sources(candidate):
        yield Piece("citation", bytes(source).decode(), choice)


def _sources(candidate: _Candidate) -> Iterator[msgspec.Raw]:
    if candidate.grounding_metadata is not None:
        yield from candidate.grounding_metadata.grounding_chunks or ()
    if candidate.citation_metadata is not None:
        yield from candidate.citation_metadata.citation_sources or ()
        yield from candidate.citation_metadata.citations or ()


def _word(reason: str | int) -> str:
    return _REASONS.get(reason, str(reason)) if isinstance(reason, int) else reason


def _stops(chunk: _Chunk) -> Iterator[tuple[int, str]]:
    for number, candidate in enumerate(chunk.candidates or ()):
        if candidate.finish_reason:
            yield candidate.index or number, _word(candidate.finish_reason)
    if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason:
        yield 0, _word(chunk.prompt_feedback.block_reason)


def _usage(told: _Usage | None) -> Usage | None:
    if told is None:
        return None
    return Usage(
        input=_sum(told.prompt_token_count, told.tool_use_prompt_token_count),
        output=_sum(told.candidates_token_count, told.thoughts_token_count),
        total=told.total_token_count,
        reasoning=told.thoughts_token_count,
        cached=told.cached_content_token_count,
    )


def _sum(count: int | None, more: int | None) -> int | None:
    return None if count is None and more is None else (count or 0) + (more or 0)


class Gemini(Dialect):
    """``POST /v1beta/models/{model}:streamGenerateContent?alt=sse``."""

    name: ClassVar[str] = "gemini"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = GeminiWriter()
    whole_at: ClassVar[tuple[tuple[str, str], ...]] = ((":generateContent", ":streamGenerateContent"),)

    def owns(self, event: Event) -> bool:
        """Tell by the names of what is on top, or by the form of Google's errors."""
        chunk = decoded(_decoder, event.data)
        if chunk is None:
            return False
        if chunk.usage_metadata is not None or chunk.candidates is not None or chunk.prompt_feedback is not None:
            return True
        return decoded(_error_decoder, inside(chunk.error)) is not None

    def tell(self, event: Event) -> Told:
        """Return what the candidates grow by, the counts, the reasons, or the error."""
        chunk = decoded(_decoder, event.data)
        if chunk is None:
            return NOTHING
        if inside(chunk.error):
            return Told(failure=failure(chunk.error), terminal=True)
        numbered = enumerate(chunk.candidates or ())
        stops = tuple(_stops(chunk))
        return Told(
            pieces=tuple(piece for number, one in numbered for piece in _pieces(one, one.index or number)),
            usage=_usage(chunk.usage_metadata),
            stops=stops,
            model=chunk.model_version or "",
            id=chunk.response_id or "",
            terminal=bool(stops),
        )

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Every event is a response, and the last one tells why it is over."""
        found = [
            Problem(index, "not_json", "the event is no JSON object")
            for index, event in enumerate(events)
            if decoded(_decoder, event.data) is None
        ]
        if not self.complete(events):
            found.append(Problem(None, "finish_missing", "the last event has no finishReason, blockReason or error"))
        return found

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether the last event that has a candidate gives the reason, or an error is told."""
        for event in reversed(events):
            told = self.tell(event)
            if told.terminal or told.pieces:
                return told.terminal
        return False

    def with_text(self, event: Event, text: str) -> str | None:
        """Put ``text`` for the only part that is text or a thought."""
        chunk = decoded(_decoder, event.data)
        paths: list[Path] = [
            ("candidates", number, "content", "parts", place, "text")
            for number, candidate in enumerate((chunk.candidates if chunk is not None else None) or ())
            for place, part in enumerate((candidate.content.parts if candidate.content is not None else None) or ())
            if part.text
        ]
        return replaced(event.data, paths, text) if len(paths) == 1 else None


DIALECTS = (Gemini(),)
