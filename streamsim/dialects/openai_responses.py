"""OpenAI Responses: every event has a type, ``response.…``, in its data too, and there is no ``[DONE]``.

Some servers leave the ``event`` lines out, and the official SDKs do not need them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from streamsim.sse import Event

_LAST = frozenset(("response.completed", "response.incomplete", "response.failed", "error"))


class _Delta(msgspec.Struct):
    delta: str | None = None


class _Typed(msgspec.Struct):
    type: str


_decoder: msgspec.json.Decoder[_Delta] = msgspec.json.Decoder(_Delta)
_typed_decoder: msgspec.json.Decoder[_Typed] = msgspec.json.Decoder(_Typed)


def _type(event: Event) -> str:
    if event.type != "message":
        return event.type
    try:
        return _typed_decoder.decode(event.data).type
    except msgspec.MsgspecError:
        return ""


class OpenAIResponses:
    """``POST /v1/responses`` with ``stream: true``."""

    name = "openai-responses"

    def owns(self, event: Event) -> bool:
        """Tell by the type."""
        return _type(event).startswith("response.")

    def content(self, event: Event) -> str:
        """Return ``delta`` of every event whose type ends in ``.delta``."""
        if not _type(event).endswith(".delta"):
            return ""
        try:
            return _decoder.decode(event.data).delta or ""
        except msgspec.MsgspecError:
            return ""

    def is_terminal(self, event: Event) -> bool:
        """Tell by the type."""
        return _type(event) in _LAST
