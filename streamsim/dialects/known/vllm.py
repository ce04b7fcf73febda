"""vLLM: the chat dialect of a server of one's own.

As in its source and three recorded streams: ids are ``chatcmpl-`` and 32 or 16 hexadecimal digits, the last choice says
``stop_reason`` too, and newer versions give the tokens' ids. An error after content began is a bare object whose
``object`` is ``error``, which the official SDK takes for a chunk without choices.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from streamsim.dialects import spell
from streamsim.dialects.failing import failure
from streamsim.dialects.known._chat_writing import ChatWriter
from streamsim.dialects.known.openai_chat import OpenAIChat
from streamsim.dialects.told import Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects.known._chat_writing import Json, Stream
    from streamsim.dialects.protocol import Writer
    from streamsim.dialects.told import Failure, Usage
    from streamsim.dialects.turns import Spoken
    from streamsim.rng import Rng
    from streamsim.sse import Event
    from streamsim.wire import Headers

_ERROR = re.compile(r'^\{\s*"object":\s*"error"')
_ID = re.compile(r'"id":\s*"chat(?:cmpl)?-[0-9a-f]{32}"')


class VLLMWriter(ChatWriter):
    """Chunks without a service around them."""

    model: ClassVar[str] = "meta-llama/Llama-3.3-70B-Instruct"
    thought: ClassVar[str] = "reasoning_content"

    def headers(self, dice: Rng, *, stream: bool) -> Headers:  # noqa: ARG002 - they hold no names
        """Return uvicorn's."""
        return (
            ("server", "uvicorn"),
            ("content-type", "text/event-stream; charset=utf-8" if stream else "application/json"),
        )

    def identity(self, dice: Rng) -> str:
        """Return a name of 32 hexadecimal digits."""
        return f"chatcmpl-{spell.name(dice, 0, 32, spell.HEX)}"

    def call_id(self, dice: Rng, nth: int) -> str:
        """Return a tool call's id."""
        return f"chatcmpl-tool-{spell.name(dice, 8 + nth, 32, spell.HEX)}"

    def first(self, part: Spoken) -> Json:  # noqa: ARG002 - the same for all
        """Return role and empty content."""
        return {"role": "assistant", "content": ""}

    def role_apart(self, part: Spoken) -> bool:  # noqa: ARG002 - the same for all
        """Begin with a role alone."""
        return True

    def choice(self, delta: Json, reason: str | None) -> Json:
        """Return a choice; the last one has a second reason."""
        second: Json = {"stop_reason": None} if reason else {}
        return {**super().choice(delta, reason), **second, "token_ids": None}

    def dressed(self, stream: Stream, choices: list[Json], usage: Usage | None, grown: str = "") -> Json:  # noqa: ARG002
        """Return a chunk."""
        chunk: Json = {
            "id": stream.id,
            "object": "chat.completion.chunk",
            "created": spell.EPOCH,
            "model": stream.model,
        }
        chunk["choices"] = choices
        return chunk if usage is None else {**chunk, "usage": self.counted(usage)}

    def counted(self, usage: Usage) -> Json:
        """Return the usage; details only where there are any."""
        told: Json = {"prompt_tokens": usage.input or 0, "total_tokens": spell.total(usage)}
        told["completion_tokens"] = usage.output or 0
        cached: Json = {"prompt_tokens_details": {"cached_tokens": usage.cached}} if usage.cached else {}
        thoughts: Json = {"completion_tokens_details": {"reasoning_tokens": usage.reasoning}} if usage.reasoning else {}
        return {**told, **cached, **thoughts}

    def error(self, failure: Failure, status: int) -> tuple[Headers, bytes]:
        """Return an error object that says that it is one."""
        return (("content-type", "application/json"),), spell.compact(_error(failure, status)).encode()

    def error_event(self, failure: Failure, before: Sequence[Event]) -> bytes | None:  # noqa: ARG002 - it needs no more
        """Return a bare error object, and the end."""
        return self.framed(self.spelt(_error(failure, 400))) + self.last()


def _error(failure: Failure, status: int) -> Json:
    kind = failure.type or ("BadRequestError" if status < 500 else "InternalServerError")
    return {"object": "error", "message": failure.message, "type": kind, "param": None, "code": status}


class VLLM(OpenAIChat):
    """``POST /v1/chat/completions`` of vLLM."""

    name: ClassVar[str] = "vllm"
    family: ClassVar[str] = OpenAIChat.name
    writer: ClassVar[Writer | None] = VLLMWriter()

    def marks(self, event: Event) -> bool:
        """Tell by the id, or by fields for the tokens' ids."""
        told = _ID.search(event.data) is not None or '"prompt_token_ids"' in event.data
        return told and self.owns(event)

    def tell(self, event: Event) -> Told:
        """Take a bare error object for what it is."""
        if _ERROR.search(event.data) is None:
            return super().tell(event)
        return Told(failure=failure(event.data.encode()), terminal=True)


DIALECTS = (VLLM(),)
