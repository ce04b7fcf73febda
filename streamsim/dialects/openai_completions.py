"""OpenAI's older Completions: ``object`` is ``text_completion`` and a choice has ``text``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamsim.dialects.generic import DONE

if TYPE_CHECKING:
    from streamsim.sse import Event


class _Choice(msgspec.Struct):
    text: str | None = None


class _Chunk(msgspec.Struct):
    object: str | None = None
    choices: list[_Choice] | None = None


_decoder: msgspec.json.Decoder[_Chunk] = msgspec.json.Decoder(_Chunk)


def _chunk(event: Event) -> _Chunk | None:
    try:
        return _decoder.decode(event.data)
    except msgspec.MsgspecError:
        return None


class OpenAICompletions:
    """``POST /v1/completions`` with ``stream: true``."""

    name = "openai-completions"

    def owns(self, event: Event) -> bool:
        """Tell by ``object``."""
        chunk = _chunk(event)
        return chunk is not None and chunk.object == "text_completion"

    def content(self, event: Event) -> str:
        """Return the text of all choices."""
        chunk = _chunk(event)
        return "" if chunk is None else "".join(choice.text or "" for choice in chunk.choices or ())

    def is_terminal(self, event: Event) -> bool:
        """Tell by ``[DONE]``."""
        return event.data == DONE
