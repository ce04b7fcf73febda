"""Ollama's own API, ``/api/chat`` and ``/api/generate``: one JSON object a line, the last with ``done: true``.

Tool calls come whole, their arguments as an object. An error amid a stream is a line with nothing but ``error``.
``/api/pull`` and its like tell their progress in the same way, line by line, up to ``"status":"success"``.

Source: docs.ollama.com/api, and recorded streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.asking import whole_by_field
from streamsim.dialects.known._ollama_writing import OllamaGenerateWriter, OllamaWriter
from streamsim.dialects.loosely import decoded, inside
from streamsim.dialects.protocol import Dialect, Problem
from streamsim.dialects.regrown import regrown
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.json_values import Path
    from streamsim.dialects.protocol import Clues, Writer
    from streamsim.sse import Event

_NULL = msgspec.Raw(b"null")


class _Function(msgspec.Struct):
    name: str = ""
    index: int | None = None
    arguments: msgspec.Raw = _NULL


class _Call(msgspec.Struct):
    function: _Function
    id: str | None = None


class _Message(msgspec.Struct):
    content: str | None = None
    thinking: str | None = None
    tool_calls: list[_Call] | None = None
    images: list[str] | None = None


class _Line(msgspec.Struct):
    model: str | None = None
    created_at: str | None = None
    message: _Message | None = None
    response: str | None = None
    thinking: str | None = None
    image: str | None = None
    done: bool | None = None
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    error: str | None = None
    status: str | None = None


class _Progress(msgspec.Struct, forbid_unknown_fields=True):
    """A line of a pull: it has these fields and no other."""

    status: str
    digest: str = ""
    total: int = 0
    completed: int = 0


_decoder = msgspec.json.Decoder(_Line)
_progress_decoder = msgspec.json.Decoder(_Progress)


class Ollama(Dialect):
    """``POST /api/chat``, which streams unless told otherwise."""

    name: ClassVar[str] = "ollama"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = OllamaWriter()

    def owns(self, event: Event) -> bool:
        """Tell by ``done`` with a model and a time, or by a line of a pull."""
        line = decoded(_decoder, event.data)
        if line is None:
            return False
        if line.done is not None and line.model is not None:
            return line.message is not None or line.response is not None or line.created_at is not None
        return line.status is not None and decoded(_progress_decoder, event.data) is not None

    def asks_whole(self, target: str, body: bytes) -> bool:  # noqa: ARG002 - the protocol's signature
        """Tell by ``stream``, which is true where it is not said."""
        return whole_by_field(body, unsaid=False)

    def tell(self, event: Event) -> Told:
        """Return text, thoughts and tool calls; with the last line the reason and the counts."""
        line = decoded(_decoder, event.data)
        if line is None:
            return NOTHING
        if line.error is not None:
            return Told(failure=Failure(line.error), terminal=True)
        done = line.done is True
        counted = line.prompt_eval_count is not None or line.eval_count is not None
        return Told(
            pieces=tuple(_pieces(line)),
            usage=Usage(line.prompt_eval_count, line.eval_count) if counted else None,
            stops=((0, line.done_reason),) if line.done_reason else (),
            model=line.model or "",
            terminal=done or (line.status == "success" and line.model is None),
        )

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return what is no JSON object, and what follows or misses the last line."""
        found: list[Problem] = []
        over = False
        for index, event in enumerate(events):
            if decoded(_decoder, event.data) is None:
                found.append(Problem(index, "not_json", "the line is no JSON object"))
            elif over:
                found.append(Problem(index, "content_after_finish", "a line comes after the last one"))
            over = over or self.tell(event).terminal
        if not over:
            found.append(Problem(None, "finish_missing", "no line has done: true"))
        return found

    def complete(self, events: Sequence[Event]) -> bool:
        """Tell whether the last line ends the answer."""
        return bool(events) and self.tell(events[-1]).terminal

    def with_text(self, event: Event, text: str) -> str | None:
        """Put ``text`` for the content, the response or the thought, whichever it is."""
        paths: tuple[Path, ...] = (("message", "content"), ("message", "thinking"), ("response",), ("thinking",))
        return regrown(self.tell(event), event.data, paths, text)


class OllamaGenerate(Ollama):
    """``POST /api/generate``: the text is ``response``."""

    name: ClassVar[str] = "ollama-generate"
    family: ClassVar[str] = "ollama"
    writer: ClassVar[Writer | None] = OllamaGenerateWriter()

    def marks(self, event: Event) -> bool:
        """Tell by ``response``."""
        line = decoded(_decoder, event.data) if '"response"' in event.data else None
        return line is not None and line.response is not None and line.done is not None and line.model is not None

    def suits(self, clues: Clues) -> bool:
        """Tell by the target."""
        return clues.path == "/api/generate"


def _pieces(line: _Line) -> Iterator[Piece]:
    said = line.message or _Message()
    if thought := said.thinking or line.thinking:
        yield Piece("reasoning", thought)
    if text := said.content or line.response:
        yield Piece("text", text)
    for call in said.tool_calls or ():
        function = call.function
        which = call.id or ("" if function.index is None else str(function.index))
        yield Piece("tool", inside(function.arguments) or "{}", 0, which, function.name, call.id or "")
    for image in (*(said.images or ()), *((line.image,) if line.image else ())):
        yield Piece("media", image)


DIALECTS = (Ollama(), OllamaGenerate())
