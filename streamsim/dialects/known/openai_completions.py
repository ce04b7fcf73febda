"""OpenAI's older Completions: ``object`` is ``text_completion`` and a choice has ``text``; else as the chat dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects import spell
from streamsim.dialects.failing import failure
from streamsim.dialects.generic import DONE
from streamsim.dialects.known._chat_grammar import Choices, Grammar
from streamsim.dialects.known._completions_writing import CompletionsWriter
from streamsim.dialects.known._usage import NULL, usage_of
from streamsim.dialects.loosely import decoded
from streamsim.dialects.told import NOTHING, Piece, Told

if TYPE_CHECKING:
    from streamsim.dialects.protocol import Writer
    from streamsim.sse import Event


class _Choice(msgspec.Struct):
    text: str | None = None
    index: int | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    object: str | None = None
    id: str | None = None
    model: str | None = None
    choices: list[_Choice] | None = None
    usage: msgspec.Raw = NULL
    error: msgspec.Raw = NULL


_decoder: msgspec.json.Decoder[_Chunk] = msgspec.json.Decoder(_Chunk)
_END = Told(terminal=True)


class OpenAICompletions(Choices):
    """``POST /v1/completions`` with ``stream: true``."""

    name: ClassVar[str] = "openai-completions"
    writer: ClassVar[Writer | None] = CompletionsWriter()
    grammar: ClassVar[Grammar] = Grammar()

    def owns(self, event: Event) -> bool:
        """Tell by ``object``."""
        chunk = decoded(_decoder, event.data)
        return chunk is not None and chunk.object == "text_completion"

    def tell(self, event: Event) -> Told:
        """Return the text of all choices, their reasons to finish, usage, an error."""
        if event.data == DONE:
            return _END
        chunk = decoded(_decoder, event.data)
        if chunk is None:
            return NOTHING
        choices = chunk.choices or ()
        told = None if bytes(chunk.error) == b"null" else failure(chunk.error)
        return Told(
            tuple(Piece("text", choice.text, choice.index or 0) for choice in choices if choice.text),
            usage_of(chunk.usage),
            tuple((choice.index or 0, choice.finish_reason) for choice in choices if choice.finish_reason),
            chunk.model or "",
            chunk.id or "",
            told,
            told is not None and not choices,
        )

    def with_text(self, event: Event, text: str) -> str | None:
        """Return the chunk with ``text``."""
        chunk = decoded(_decoder, event.data)
        places = [nth for nth, choice in enumerate((chunk and chunk.choices) or ()) if choice.text]
        return spell.replaced(event.data, [("choices", places[0], "text")], text) if len(places) == 1 else None


DIALECTS = (OpenAICompletions(),)
