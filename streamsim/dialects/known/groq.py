"""Groq: the chat dialect with an ``x_groq`` object in its first and last chunks.

As recorded (15 streams): the usage is in ``x_groq`` of the chunk that finishes, and again in a chunk without choices if
that was asked for; an error after content began is ``event: error`` and ends the stream without ``[DONE]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.dialects import spell
from streamsim.dialects.known._chat_writing import ChatWriter
from streamsim.dialects.known._openai_errors import error_object
from streamsim.dialects.known.openai_chat import OpenAIChat
from streamsim.dialects.said import ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.known._chat_writing import Json, Stream
    from streamsim.dialects.protocol import Clues, Writer
    from streamsim.dialects.told import Failure, Usage
    from streamsim.dialects.turns import Spoken
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers


class GroqWriter(ChatWriter):
    """An object of its own in the first chunk and in the one that finishes."""

    endpoints: ClassVar[tuple[tuple[str, str], ...]] = (("POST", "/openai/v1/chat/completions"),)
    model: ClassVar[str] = "openai/gpt-oss-20b"
    thought: ClassVar[str] = "reasoning"
    whole_calls: ClassVar[bool] = True

    def headers(self, dice: Rng, *, stream: bool) -> Headers:
        """Return those of Cloudflare, with the limits of the account."""
        return (
            ("content-type", "text/event-stream" if stream else "application/json"),
            ("cache-control", "no-cache"),
            ("server", "cloudflare"),
            ("vary", "Origin"),
            ("x-groq-region", "fra"),
            ("x-ratelimit-limit-requests", "14400"),
            ("x-ratelimit-limit-tokens", "6000"),
            ("x-ratelimit-remaining-requests", "14399"),
            ("x-ratelimit-remaining-tokens", "5987"),
            ("x-ratelimit-reset-requests", "6s"),
            ("x-ratelimit-reset-tokens", "130ms"),
            ("x-request-id", self._request(dice)),
        )

    def identity(self, dice: Rng) -> str:
        """Return a name with a UUID."""
        return f"chatcmpl-{spell.uuid(dice, 0)}"

    def call_id(self, dice: Rng, nth: int) -> str:
        """Return a tool call's id."""
        return f"call_{spell.name(dice, 8 + nth, 24, spell.LETTERS[:10] + spell.LETTERS[36:])}"

    def first(self, part: Spoken) -> Json:
        """Return a role and empty content."""
        return {"role": "assistant", "content": None if isinstance(part, ToolCall) else ""}

    def role_apart(self, part: Spoken) -> bool:  # noqa: ARG002 - the same for all
        """Begin with a role alone."""
        return True

    def choice(self, delta: Json, reason: str | None) -> Json:
        """Return a choice that has log probabilities, none, at both ends only."""
        ends: Json = {"logprobs": None} if "role" in delta or reason else {}
        return {"index": 0, "delta": delta, **ends, "finish_reason": reason}

    def dressed(self, stream: Stream, choices: list[Json], usage: Usage | None, grown: str = "") -> Json:  # noqa: ARG002
        """Return a chunk; the first one says the request's id."""
        chunk: Json = {
            "id": stream.id,
            "object": "chat.completion.chunk",
            "created": spell.EPOCH,
            "model": stream.model,
        }
        chunk |= {"system_fingerprint": f"fp_{stream.build}", "choices": choices}
        if usage is not None:
            return {**chunk, "usage": self.counted(usage), "service_tier": "on_demand"}
        return chunk if stream.chunks else {**chunk, "x_groq": {"id": self._request(stream.dice), "seed": 1}}

    def counted(self, usage: Usage) -> Json:
        """Return the usage with times in seconds."""
        told: Json = {"queue_time": 0.05, "prompt_tokens": usage.input or 0, "prompt_time": 0.01}
        told |= {"completion_tokens": usage.output or 0, "completion_time": 0.02, "total_tokens": spell.total(usage)}
        cached: Json = {"prompt_tokens_details": {"cached_tokens": usage.cached}} if usage.cached else {}
        thoughts: Json = {"completion_tokens_details": {"reasoning_tokens": usage.reasoning}} if usage.reasoning else {}
        return {**told, "total_time": 0.03, **cached, **thoughts}

    def ending(self, stream: Stream, reason: str) -> Iterator[Json]:
        """Yield the reason with the usage inside ``x_groq``, then the usage by itself."""
        told = {"id": self._request(stream.dice), "usage": self.counted(stream.usage)}
        yield {**self.dressed(stream, [self.choice({}, reason)], None), "x_groq": told}
        yield self.dressed(stream, [], stream.usage)

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it needs no more
        """Return an event of its own type; no ``[DONE]`` follows."""
        told = {key: value for key, value in error_object(failure).items() if value is not None}
        return spell.frame(spell.compact({"error": {**told, "status_code": 500}}), event="error")

    def _request(self, dice: Rng) -> str:
        return f"req_{spell.name(dice, 2, 26, spell.LETTERS[:10] + spell.LETTERS[36:])}"


class Groq(OpenAIChat):
    """``POST /openai/v1/chat/completions`` of api.groq.com."""

    name: ClassVar[str] = "groq"
    family: ClassVar[str] = OpenAIChat.name
    writer: ClassVar[Writer | None] = GroqWriter()

    def marks(self, event: Event) -> bool:
        """Tell by its own object."""
        return '"x_groq"' in event.data and self.owns(event)

    def suits(self, clues: Clues) -> bool:
        """Tell by the host, or by the header that names its region."""
        return clues.host == "api.groq.com" or bool(clues.header("x-groq-region"))


DIALECTS = (Groq(),)
