"""Anthropic Messages: ``message_start``, blocks of deltas, ``message_stop``; pings anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from streamsim.sse import Event

_OWN = frozenset(("message_start", "content_block_start", "content_block_delta", "message_delta", "message_stop"))


class _Delta(msgspec.Struct):
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None


class _Chunk(msgspec.Struct):
    delta: _Delta | None = None


_decoder: msgspec.json.Decoder[_Chunk] = msgspec.json.Decoder(_Chunk)


class AnthropicMessages:
    """``POST /v1/messages`` with ``stream: true``."""

    name = "anthropic"

    def owns(self, event: Event) -> bool:
        """Tell by the event type."""
        return event.type in _OWN

    def content(self, event: Event) -> str:
        """Return text, thinking, and tool arguments."""
        if event.type != "content_block_delta":
            return ""
        try:
            delta = _decoder.decode(event.data).delta
        except msgspec.MsgspecError:
            return ""
        return "" if delta is None else "".join(filter(None, (delta.thinking, delta.text, delta.partial_json)))

    def is_terminal(self, event: Event) -> bool:
        """Tell by the event type; ``error`` ends a stream too."""
        return event.type in ("message_stop", "error")
