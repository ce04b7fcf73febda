"""DeepSeek: the chat dialect with ``reasoning_content`` before ``content``, and usage in the chunk that finishes.

As recorded (21 streams): every delta has both fields, one of them null; the usage counts cache hits and misses apart;
``system_fingerprint`` names the build. The docs tell of ``: keep-alive`` comments while a request waits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from streamsim.dialects import spell
from streamsim.dialects.known._chat_writing import ChatWriter
from streamsim.dialects.known.openai_chat import OpenAIChat
from streamsim.dialects.said import Reasoning, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.dialects.known._chat_writing import Json, Stream
    from streamsim.dialects.protocol import Clues, Writer
    from streamsim.dialects.told import Usage
    from streamsim.dialects.turns import Spoken
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

_BUILD = re.compile(r'"system_fingerprint":\s*"fp_[0-9a-z]+_prod')


class DeepSeekWriter(ChatWriter):
    """Thoughts and text in every delta, one of them null; usage with the reason to finish."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/chat/completions"), ("POST", "/v1/chat/completions"))
    model: ClassVar[str] = "deepseek-reasoner"
    thought: ClassVar[str] = "reasoning_content"

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return those of its load balancer."""
        return (
            ("content-type", "text/event-stream; charset=utf-8" if stream else "application/json"),
            ("cache-control", "no-cache"),
            ("server", "elb"),
            ("vary", "origin, access-control-request-method, access-control-request-headers"),
            ("x-ds-trace-id", spell.name(dice, 2, 32, spell.HEX)),
        )

    def identity(self, dice: Rng) -> str:
        """Return a UUID."""
        return spell.uuid(dice, 0)

    def call_id(self, dice: Rng, nth: int) -> str:
        """Return a tool call's id: its number and a name."""
        return f"call_{nth:02d}_{spell.name(dice, 8 + nth, 24)}"

    def first(self, part: Spoken) -> Json:
        """Return a role, and an empty first increment."""
        if isinstance(part, ToolCall):
            return {"role": "assistant", "content": None}
        return {"role": "assistant", **self.growing(part, "")}

    def growing(self, part: Spoken, piece: str) -> Json:
        """Return both fields."""
        if isinstance(part, Reasoning):
            return {"content": None, "reasoning_content": piece}
        return {"content": piece, "reasoning_content": None}

    def dressed(self, stream: Stream, choices: list[Json], usage: Usage | None, grown: str = "") -> Json:  # noqa: ARG002
        """Return a chunk that names the build."""
        chunk: Json = {
            "id": stream.id,
            "object": "chat.completion.chunk",
            "created": spell.EPOCH,
            "model": stream.model,
        }
        build = f"fp_{stream.build}_prod0820_fp8_kvcache"
        usage_told = None if usage is None else self.counted(usage)
        return {**chunk, "system_fingerprint": build, "choices": choices, "usage": usage_told}

    def counted(self, usage: Usage) -> Json:
        """Return the usage with hits and misses of the cache."""
        cached = usage.cached or 0
        return {
            "prompt_tokens": usage.input or 0,
            "completion_tokens": usage.output or 0,
            "total_tokens": spell.total(usage),
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
            "prompt_cache_hit_tokens": cached,
            "prompt_cache_miss_tokens": max(0, (usage.input or 0) - cached),
        }

    def ending(self, stream: Stream, reason: str) -> Iterator[Json]:
        """Yield the reason with the usage."""
        delta: Json = {"content": "", "reasoning_content": None}
        yield self.dressed(stream, [self.choice(delta, reason)], stream.usage)


class DeepSeek(OpenAIChat):
    """``POST /chat/completions`` of api.deepseek.com."""

    name: ClassVar[str] = "deepseek"
    family: ClassVar[str] = OpenAIChat.name
    writer: ClassVar[Writer | None] = DeepSeekWriter()

    def marks(self, event: Event) -> bool:
        """Tell by the build, or by the count of cache hits."""
        told = _BUILD.search(event.data) is not None or '"prompt_cache_hit_tokens"' in event.data
        return told and self.owns(event)

    def suits(self, clues: Clues) -> bool:
        """Tell by the host."""
        return clues.host == "api.deepseek.com"


DIALECTS = (DeepSeek(),)
