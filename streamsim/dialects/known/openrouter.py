"""OpenRouter: the chat dialect with the provider behind it named, and comments while that one is waited for.

As recorded (68 streams): ``: OPENROUTER PROCESSING`` in 66; thoughts as ``reasoning`` and once more in
``reasoning_details``; usage in a chunk after the finish that still has a choice; an error after content began is
a chunk with ``error`` beside its choices, and then ``[DONE]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.dialects import spell
from streamsim.dialects.known._chat_grammar import Grammar
from streamsim.dialects.known._chat_writing import ChatWriter
from streamsim.dialects.known.openai_chat import OpenAIChat
from streamsim.dialects.protocol import Written
from streamsim.dialects.said import Reasoning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.known._chat_writing import Json, Stream
    from streamsim.dialects.protocol import Clues, Writer
    from streamsim.dialects.told import Failure, Usage
    from streamsim.dialects.turns import Spoken
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers


class OpenRouterWriter(ChatWriter):
    """Comments first; a role in every delta; usage beside an empty choice."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/api/v1/chat/completions"),)
    model: ClassVar[str] = "openai/gpt-4o-mini"
    thought: ClassVar[str] = "reasoning"

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return those of Cloudflare and the generation."""
        return (
            ("content-type", "text/event-stream" if stream else "application/json"),
            ("cache-control", "no-cache"),
            ("server", "cloudflare"),
            ("vary", "Accept-Encoding"),
            ("x-generation-id", self.identity(dice)),
        )

    def identity(self, dice: Rng) -> str:
        """Return the generation's id."""
        return f"gen-{spell.EPOCH}-{spell.name(dice, 0, 20)}"

    def opening(self, stream: Stream) -> Iterator[Written]:
        """Yield two to four comments, while the provider is waited for."""
        for _ in range(stream.dice.between(spell.place("wait"), 2, 4)):
            yield Written(b": OPENROUTER PROCESSING\n\n")

    def first(self, part: Spoken) -> Json:  # noqa: ARG002 - the same for all
        """Return nothing: every delta has a role."""
        return {}

    def growing(self, part: Spoken, piece: str) -> Json:
        """Return a thought twice, as OpenRouter does."""
        if not isinstance(part, Reasoning):
            return super().growing(part, piece)
        details = [{"type": "reasoning.text", "text": piece, "format": "unknown", "index": 0}]
        return {"content": "", "reasoning": piece, "reasoning_details": details}

    def choice(self, delta: Json, reason: str | None) -> Json:
        """Return a choice with the provider's own reason."""
        content: Json = {} if "content" in delta else {"content": None if "tool_calls" in delta else ""}
        whole = {"role": "assistant", **content, **delta}
        return {"index": 0, "delta": whole, "finish_reason": reason, "native_finish_reason": reason, "logprobs": None}

    def dressed(self, stream: Stream, choices: list[Json], usage: Usage | None, grown: str = "") -> Json:  # noqa: ARG002
        """Return a chunk that names the provider."""
        chunk: Json = {"id": stream.id, "provider": "OpenAI", "model": stream.model}
        chunk |= {"object": "chat.completion.chunk", "created": spell.EPOCH, "choices": choices}
        return chunk if usage is None else {**chunk, "usage": {**self.counted(usage), "cost": 0.0, "is_byok": False}}

    def ending(self, stream: Stream, reason: str) -> Iterator[Json]:
        """Yield the reason, then the usage beside an empty choice."""
        yield self.dressed(stream, [self.choice({}, reason)], None)
        yield self.dressed(stream, [self.choice({}, None)], stream.usage)

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:
        """Return the status as the code."""
        told = {"error": {"message": failure.message, "code": status}}
        return (("content-type", "application/json"),), spell.compact(told).encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:
        """Return a chunk with the error beside its choice, and the end."""
        told = [OpenAIChat().tell(event) for event in before]
        identity = next((item.id for item in told if item.id), f"gen-{spell.EPOCH}")
        model = next((item.model for item in told if item.model), self.model)
        chunk: Json = {"id": identity, "provider": "OpenAI", "model": model, "object": "chat.completion.chunk"}
        code: object = int(failure.code) if failure.code.isdigit() else failure.code or 502
        error: Json = {"code": code, "message": failure.message}
        choices = [{**self.choice({}, "error"), "native_finish_reason": None}]
        chunk |= {"created": spell.EPOCH, "choices": choices, "error": error}
        return self.framed(self.spelt(chunk)) + self.last()


class OpenRouter(OpenAIChat):
    """``POST /api/v1/chat/completions``."""

    name: ClassVar[str] = "openrouter"
    family: ClassVar[str] = OpenAIChat.name
    writer: ClassVar[Writer | None] = OpenRouterWriter()
    grammar: ClassVar[Grammar] = Grammar(repeats=True)

    def marks(self, event: Event) -> bool:
        """Tell by the provider behind it and its own reason to finish."""
        return '"provider"' in event.data and '"native_finish_reason"' in event.data and self.owns(event)

    def suits(self, clues: Clues) -> bool:
        """Tell by the host, a comment, or the header that names the generation."""
        if clues.host == "openrouter.ai" or any(comment.startswith("OPENROUTER") for comment in clues.comments):
            return True
        return clues.header("x-generation-id").startswith("gen-")


DIALECTS = (OpenRouter(),)
