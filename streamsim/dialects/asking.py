"""Whether a request asks for a stream or for a whole answer: by ``stream`` in its body, by its path, or by its method.

As providers document it. What says nothing, an empty body or ``{}``, is taken to want whatever is there.
"""

from __future__ import annotations

from typing import Final

import msgspec

from streamsim.dialects.loosely import UNREADABLE

STREAMED_AT: Final = {
    ":generateContent": ":streamGenerateContent",
    "/converse": "/converse-stream",
    "/generate": "/generate_stream",
    "/runs/wait": "/runs/stream",
}
"""How the path of a whole answer ends, and how that of the stream."""

_BY_PATH: Final = frozenset(("gemini", "gemini-array", "vertex", "bedrock-converse", "langgraph"))
_BY_DEFAULT: Final = frozenset(("ollama", "ollama-generate"))
_ALWAYS: Final = frozenset(("ag-ui", "ui-messages"))
_TGI: Final = ("/generate", "/generate_stream")  # its third place, /, looks at the body
_METHODS: Final = frozenset(("message/send", "SendMessage"))  # A2A's


class _Asked(msgspec.Struct):
    stream: bool | None = None
    method: str = ""


_decoder = msgspec.json.Decoder(_Asked)


def asks_whole(dialect: str, target: str, body: bytes) -> bool:
    """Tell whether a request in ``dialect`` wants the whole answer at once."""
    path = target.partition("?")[0]
    if dialect in _ALWAYS:
        return False
    if dialect in _BY_PATH or (dialect == "tgi" and path.endswith(_TGI)):
        return path.endswith(tuple(STREAMED_AT))
    asked = _asked(body)
    if asked is None:
        return False
    if dialect == "a2a":
        return asked.method in _METHODS
    return asked.stream is False or (asked.stream is None and dialect not in _BY_DEFAULT)


def _asked(body: bytes) -> _Asked | None:
    """Return what a body asks for; None if it is no JSON object, or an empty one."""
    if not body.startswith(b"{") or body[1:].strip() == b"}":
        return None
    try:
        return _decoder.decode(body)
    except UNREADABLE:
        return None


def streamed_at(target: str) -> str:
    """Return where the answer of ``target`` is streamed; "" where that is the same place."""
    path, mark, query = target.partition("?")
    for ending, streamed in STREAMED_AT.items():
        if path.endswith(ending):
            return path.removesuffix(ending) + streamed + mark + query
    return ""
