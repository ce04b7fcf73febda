"""What of a plan the tests of bytes, frames and answers look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.sse import parse
from streamsim.wire import Raw, Send
from tests.builders import EVENT_STREAM, chat, exchange
from tests.plan.faults.scenes import CHUNKED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.recording.model import Exchange
    from tests.plan.faults.scenes import Result

CHAT = exchange(headers=CHUNKED, chunks=chat("Hel", "lo ☃", usage=True), gaps_us=7_000)
GZIPPED = exchange(headers=(*EVENT_STREAM, ("content-encoding", "gzip")), chunks=[b"\x1f\x8b", b"\x08\x00"])
NO_STREAM = exchange(headers=(("content-type", "application/json"),), chunks=[b'{"a":\n', b"1}\n"])
NO_BODY = exchange(status=204, reason="No Content", headers=(), framing="none", chunks=())
NO_ANSWER = exchange(status=0, chunks=(), end="reset")


def stream(*frames: bytes, eol: bytes = b"\n") -> Exchange:
    """Return an answer with these frames, a chunk each, their LF written as ``eol``."""
    return exchange(headers=CHUNKED, chunks=[frame.replace(b"\n", eol) for frame in frames])


def together(frames: Iterable[bytes]) -> Exchange:
    """Return an answer with these frames in one chunk."""
    return exchange(headers=CHUNKED, chunks=[b"".join(frames)])


def sent(result: Result) -> list[bytes]:
    """Return the bytes of each chunk."""
    return [step.action.data for step in result.timeline if isinstance(step.action, Send | Raw)]


def data(result: Result) -> list[str]:
    """Return the data of each event that a client has."""
    return [event.data for event in parse(result.body)]
