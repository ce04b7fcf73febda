"""Perplexity: the chat dialect with sources, CRLF, and no ``[DONE]``.

As recorded (5 streams): ``object`` is that of a whole answer; every chunk repeats the usage, the sources and the whole
message so far; the last one is the one with ``finish_reason``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects import spell
from streamsim.dialects.known._chat_grammar import Grammar
from streamsim.dialects.known._chat_writing import ChatWriter
from streamsim.dialects.known.openai_chat import OpenAIChat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.dialects.known._chat_writing import Json, Stream
    from streamsim.dialects.protocol import Clues, Writer
    from streamsim.dialects.told import Told, Usage
    from streamsim.dialects.turns import Spoken
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

_OBJECT = re.compile(r'"object":\s*"chat\.completion(?:\.chunk)?"')


class PerplexityWriter(ChatWriter):
    """All that is known in every chunk; the last one has the reason."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/chat/completions"),)
    model: ClassVar[str] = "sonar"

    def headers(self, dice: Rng, *, stream: bool) -> Headers:  # noqa: ARG002 - they hold no names
        """Return those of Cloudflare."""
        kind = "text/event-stream; charset=utf-8" if stream else "application/json"
        return (("content-type", kind), ("cache-control", "no-cache"), ("server", "cloudflare"))

    def identity(self, dice: Rng) -> str:
        """Return a UUID."""
        return spell.uuid(dice, 0)

    def first(self, part: Spoken) -> Json:  # noqa: ARG002 - the same for all
        """Return nothing: every delta has a role."""
        return {}

    def growing(self, part: Spoken, piece: str) -> Json:
        """Return a delta with a role."""
        return {"role": "assistant", **super().growing(part, piece)}

    def choice(self, delta: Json, reason: str | None) -> Json:
        """Return a choice."""
        return {"index": 0, "finish_reason": reason, "delta": delta or {"role": "assistant", "content": ""}}

    def dressed(self, stream: Stream, choices: list[Json], usage: Usage | None, grown: str = "") -> Json:  # noqa: ARG002
        """Return a chunk with the usage so far, the sources, and the message so far."""
        told: Json = {"id": stream.id, "model": stream.model, "created": spell.EPOCH}
        counted: Json = {"prompt_tokens": stream.usage.input or 0, "completion_tokens": stream.counted}
        counted |= {"total_tokens": stream.counted + (stream.usage.input or 0), "search_context_size": "low"}
        if usage is not None:
            counted = {**super().counted(usage), "search_context_size": "low"}
        sources: Json = {"citations": ["https://example.com/"], "search_results": []}
        for choice in choices:
            choice.setdefault("message", {"role": "assistant", "content": stream.text})
        return {**told, "usage": counted, **sources, "object": "chat.completion", "choices": choices}

    def ending(self, stream: Stream, reason: str) -> Iterator[Json]:
        """Yield the reason with the usage."""
        yield self.dressed(stream, [self.choice({}, reason)], stream.usage)

    def spelt(self, chunk: Json) -> str:
        """Return JSON as Python spells it."""
        return spell.spaced(chunk)

    def framed(self, data: str) -> bytes:
        """Return a frame with CRLF."""
        return spell.frame(data, eol="\r\n")

    def last(self) -> bytes:
        """Return nothing: the stream just ends."""
        return b""


class Perplexity(OpenAIChat):
    """``POST /chat/completions`` of api.perplexity.ai."""

    name: ClassVar[str] = "perplexity"
    family: ClassVar[str] = OpenAIChat.name
    writer: ClassVar[Writer | None] = PerplexityWriter()
    grammar: ClassVar[Grammar] = Grammar(done=False)

    def marks(self, event: Event) -> bool:
        """Tell by the sources beside an object of the wrong name."""
        return '"citations"' in event.data and _OBJECT.search(event.data) is not None and self.owns(event)

    def suits(self, clues: Clues) -> bool:
        """Tell by the host."""
        return clues.host == "api.perplexity.ai"

    def tell(self, event: Event) -> Told:
        """Take the chunk with a reason to finish for the last."""
        told = super().tell(event)
        return msgspec.structs.replace(told, terminal=True) if told.stops else told


DIALECTS = (Perplexity(),)
