"""The event-stream grammar: bytes to events, bytes to frames, an event to bytes. Sans-IO.

Law: bytes are canonical and events derived. A `FrameSplitter` loses no byte; a `Parser` keeps only what the HTML living
standard, section 9.2.6, lets a listener see.
"""

from __future__ import annotations

from streamsim.sse.encoder import encode
from streamsim.sse.events import Event
from streamsim.sse.frames import FrameSplitter, frames
from streamsim.sse.limits import MAX_EVENT_BYTES, EventTooLarge
from streamsim.sse.parser import RETRY_MAX, Parser, parse

__all__ = [
    "MAX_EVENT_BYTES",
    "RETRY_MAX",
    "Event",
    "EventTooLarge",
    "FrameSplitter",
    "Parser",
    "encode",
    "frames",
    "parse",
]
