"""The small answers that faults are asked of: an OpenAI chat of six frames, and others like it.

The head comes at 100 ms, the frames every 20 ms from 120 ms on, the end with the last, and the connection lives on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.builders import exchange, recording

if TYPE_CHECKING:
    from streamsim.recording.model import Recording

TYPE = ("content-type", "text/event-stream; charset=utf-8")
CHUNKED = ("transfer-encoding", "chunked")


def delta(inside: str) -> bytes:
    """Return a frame of an OpenAI chat answer."""
    return f'data: {{"choices":[{{"delta":{{{inside}}}}}]}}\n\n'.encode()


R, A, B, C = delta('"role":"assistant"'), delta('"content":"Hel"'), delta('"content":"lo ☃"'), delta('"content":"!"')
S = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
D = b"data: [DONE]\n\n"
FRAMES = (R, A, B, C, S, D)
BODY = b"".join(FRAMES)

# With event types and ids: message 1, message 2, end.
T1, T2, T3 = (b"event: %b\nid: %d\ndata: {}\n\n" % (name, nth) for nth, name in enumerate((b"one", b"two", b"end"), 1))

RECORDED: dict[str, Recording] = {
    "chat": recording(exchange(headers=(TYPE, CHUNKED), chunks=FRAMES)),
    "typed": recording(exchange(headers=(TYPE, CHUNKED), chunks=(T1, T2, T3))),
}
SIZED = ("content-length", str(len(BODY)))
OTHERWISE: dict[str, Recording] = {
    "content-length": recording(exchange(headers=(TYPE, SIZED), framing="content-length", chunks=FRAMES)),
    "close": recording(exchange(headers=(TYPE,), framing="close", chunks=FRAMES)),
    "one chunk": recording(exchange(headers=(TYPE, CHUNKED), chunks=[BODY])),
    "http 1.0": recording(exchange(headers=(TYPE,), framing="close", chunks=FRAMES, http="1.0")),
    "reset": recording(exchange(headers=(TYPE, CHUNKED), chunks=FRAMES, end="reset")),
}
