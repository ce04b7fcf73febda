"""xAI: the chat dialect with ``reasoning_content``, tool calls whole, and usage in a chunk without choices.

As recorded (16 streams): reasoning tokens are counted beside the completion tokens, not within them; the model's name
begins with ``grok-``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from streamsim.dialects import spell
from streamsim.dialects.known._chat_writing import ChatWriter
from streamsim.dialects.known.openai_chat import OpenAIChat

if TYPE_CHECKING:
    from streamsim.dialects.known._chat_writing import Json, Stream
    from streamsim.dialects.protocol import Clues, Writer
    from streamsim.dialects.told import Usage
    from streamsim.dialects.turns import Spoken
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

_MODEL = re.compile(r'"model":\s*"grok-')


class XAIWriter(ChatWriter):
    """No nulls; tool calls whole; usage in a chunk without choices."""

    model: ClassVar[str] = "grok-code-fast-1"
    thought: ClassVar[str] = "reasoning_content"
    whole_calls: ClassVar[bool] = True

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return those of Cloudflare, with the limits of the account."""
        return (
            ("content-type", "text/event-stream" if stream else "application/json"),
            ("cache-control", "no-cache"),
            ("server", "cloudflare"),
            ("vary", "origin, access-control-request-method, access-control-request-headers"),
            ("x-ratelimit-limit-requests", "1800"),
            ("x-ratelimit-limit-tokens", "10000000"),
            ("x-ratelimit-remaining-requests", "1799"),
            ("x-ratelimit-remaining-tokens", "9999000"),
            ("x-request-id", spell.uuid(dice, 2)),
        )

    def identity(self, dice: Rng) -> str:
        """Return a UUID."""
        return spell.uuid(dice, 0)

    def call_id(self, dice: Rng, nth: int) -> str:
        """Return a tool call's id."""
        return f"call_{spell.name(dice, 8 + nth, 8, spell.LETTERS[:10])}"

    def first(self, part: Spoken) -> Json:  # noqa: ARG002 - the same for all
        """Return the role."""
        return {"role": "assistant"}

    def role_apart(self, part: Spoken) -> bool:  # noqa: ARG002 - the same for all
        """Begin with the first token."""
        return False

    def choice(self, delta: Json, reason: str | None) -> Json:
        """Return a choice with no more than there is."""
        return {"index": 0, "delta": delta, **({"finish_reason": reason} if reason else {})}

    def dressed(self, stream: Stream, choices: list[Json], usage: Usage | None, grown: str = "") -> Json:  # noqa: ARG002
        """Return a chunk."""
        chunk: Json = {
            "id": stream.id,
            "object": "chat.completion.chunk",
            "created": spell.EPOCH,
            "model": stream.model,
        }
        told: Json = {"choices": choices, **({} if usage is None else {"usage": self.counted(usage)})}
        return {**chunk, **told, "system_fingerprint": f"fp_{stream.build}"}

    def counted(self, usage: Usage) -> Json:
        """Return the usage; thoughts are counted beside the completion."""
        told = super().counted(usage)
        input_: Json = {"text_tokens": usage.input or 0, "audio_tokens": 0, "image_tokens": 0}
        told["prompt_tokens_details"] = {**input_, "cached_tokens": usage.cached or 0}
        output, total = usage.output or 0, spell.total(usage)
        if total == (usage.input or 0) + output:  # thoughts are within
            told["completion_tokens"] = max(0, output - (usage.reasoning or 0))
        return {**told, "num_sources_used": 0, "cost_in_usd_ticks": 739000}


class XAI(OpenAIChat):
    """``POST /v1/chat/completions`` of api.x.ai."""

    name: ClassVar[str] = "xai"
    family: ClassVar[str] = OpenAIChat.name
    writer: ClassVar[Writer | None] = XAIWriter()

    def marks(self, event: Event) -> bool:
        """Tell by the model's name, or by the cost that its usage tells."""
        return (_MODEL.search(event.data) is not None or '"cost_in_usd_ticks"' in event.data) and self.owns(event)

    def suits(self, clues: Clues) -> bool:
        """Tell by the host."""
        return clues.host == "api.x.ai"


DIALECTS = (XAI(),)
