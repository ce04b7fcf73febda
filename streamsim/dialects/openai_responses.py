"""OpenAI Responses: every event has a type, ``response.…``, and there is no ``[DONE]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from streamsim.sse import Event

_LAST = frozenset(("response.completed", "response.incomplete", "response.failed", "error"))


class _Delta(msgspec.Struct):
    delta: str | None = None


_decoder: msgspec.json.Decoder[_Delta] = msgspec.json.Decoder(_Delta)


class OpenAIResponses:
    """``POST /v1/responses`` with ``stream: true``."""

    name = "openai-responses"

    def owns(self, event: Event) -> bool:
        """Tell by the event type."""
        return event.type.startswith("response.")

    def content(self, event: Event) -> str:
        """Return ``delta`` of every event whose type ends in ``.delta``."""
        if not event.type.endswith(".delta"):
            return ""
        try:
            return _decoder.decode(event.data).delta or ""
        except msgspec.MsgspecError:
            return ""

    def is_terminal(self, event: Event) -> bool:
        """Tell by the event type."""
        return event.type in _LAST
