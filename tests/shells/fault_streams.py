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


def call(index: int, arguments: str, head: str = "", name: str = "") -> bytes:
    """Return a frame of a tool call: arguments as JSON writes them in a string."""
    named = f'"name":"{name}",' if name else ""
    function = f'"function":{{{named}"arguments":"{arguments}"}}'
    return delta(f'"tool_calls":[{{"index":{index},{head}{function}}}]')


# Two tool calls: f with {"x":"pqr"}, g with {"y":1}.
K1, K2, K3, K4 = call(0, "", '"id":"a",', "f"), call(0, r"{\"x\":\"p"), call(0, "q"), call(0, r"r\"}")
L1, L2, L3 = call(1, "", '"id":"b",', "g"), call(1, r"{\"y\":"), call(1, "1}")
F = b'data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}\n\n'
CALLED = (K1, K2, K3, K4, L1, L2, L3, F, D)


def typed(kind: str, members: str = "") -> bytes:
    """Return a frame of an Anthropic message."""
    return f'event: {kind}\ndata: {{"type":"{kind}"{members}}}\n\n'.encode()


M1, M2 = typed("message_start", ',"message":{"id":"m"}'), typed("content_block_start", ',"index":0')
M3, M4 = typed("content_block_delta", ',"index":0,"delta":{"text":"Hi"}'), typed("content_block_stop", ',"index":0')
M5, M6 = typed("message_delta", ',"delta":{"stop_reason":"end_turn"}'), typed("message_stop")
MESSAGE = (M1, M2, M3, M4, M5, M6)

RECORDED: dict[str, Recording] = {
    "chat": recording(exchange(headers=(TYPE, CHUNKED), chunks=FRAMES)),
    "typed": recording(exchange(headers=(TYPE, CHUNKED), chunks=(T1, T2, T3))),
    "tools": recording(exchange(headers=(TYPE, CHUNKED), chunks=CALLED)),
    "message": recording(exchange(headers=(TYPE, CHUNKED), chunks=MESSAGE)),
}
SIZED = ("content-length", str(len(BODY)))
OTHERWISE: dict[str, Recording] = {
    "content-length": recording(exchange(headers=(TYPE, SIZED), framing="content-length", chunks=FRAMES)),
    "close": recording(exchange(headers=(TYPE,), framing="close", chunks=FRAMES)),
    "one chunk": recording(exchange(headers=(TYPE, CHUNKED), chunks=[BODY])),
    "http 1.0": recording(exchange(headers=(TYPE,), framing="close", chunks=FRAMES, http="1.0")),
    "reset": recording(exchange(headers=(TYPE, CHUNKED), chunks=FRAMES, end="reset")),
}
