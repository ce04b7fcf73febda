"""MCP over streamable HTTP: JSON-RPC messages in an event stream; the response to the request is the last of them.

Before it may come notifications (progress, log) and requests of the server. A tool's result has contents: text is the
answer's text, pictures, sounds and resources are media. ``isError`` is the tool's failure, told as the reason it
ended. Events are named ``message``; an event with empty data only sets an id to resume from. Only read: a response
needs the id of its request.

Source: modelcontextprotocol.io/specification (2025-11-25), and recorded streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.failing import failure
from streamsim.dialects.loosely import decoded, inside
from streamsim.dialects.protocol import Dialect, Problem
from streamsim.dialects.regrown import regrown
from streamsim.dialects.told import NOTHING, Piece, Told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.dialects.json_values import Path
    from streamsim.dialects.protocol import Writer
    from streamsim.sse import Event

_NULL = msgspec.Raw(b"null")


class _Content(msgspec.Struct):
    type: str = ""
    text: str | None = None


class _Message(msgspec.Struct):
    jsonrpc: str
    id: int | str | None = None
    method: str | None = None
    result: msgspec.Raw = _NULL
    error: msgspec.Raw = _NULL


class _Result(msgspec.Struct):
    content: list[msgspec.Raw] | None = None
    is_error: bool | None = msgspec.field(default=None, name="isError")


_decoder = msgspec.json.Decoder(_Message)
_result_decoder = msgspec.json.Decoder(_Result)
_content_decoder = msgspec.json.Decoder(_Content)


class Mcp(Dialect):
    """``POST`` of a JSON-RPC message to an MCP server."""

    name: ClassVar[str] = "mcp"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = None

    def owns(self, event: Event) -> bool:
        """Tell by ``jsonrpc``, where the result is not of A2A's kinds."""
        said = decoded(_decoder, event.data)
        return said is not None and not _of_a2a(said)

    def tell(self, event: Event) -> Told:
        """Return a result's contents, or an error; of a notification nothing."""
        said = decoded(_decoder, event.data)
        if said is None or said.method is not None:
            return NOTHING
        identity = "" if said.id is None else str(said.id)
        if inside(said.error):
            return Told(id=identity, failure=failure(said.error), terminal=True)
        if not inside(said.result):
            return NOTHING
        result = decoded(_result_decoder, inside(said.result)) or _Result()
        stops = () if result.is_error is None else ((0, "error" if result.is_error else "result"),)
        return Told(pieces=tuple(_pieces(result)), stops=stops, id=identity, terminal=True)

    def problems(self, events: Sequence[Event]) -> list[Problem]:
        """Return what is no JSON-RPC, what misses a response, and what comes after it."""
        found: list[Problem] = []
        over = False
        for index, event in enumerate(events):
            if event.data and decoded(_decoder, event.data) is None:
                found.append(Problem(index, "not_json", "the event is no JSON-RPC message"))
            elif over and event.data and not self.tell(event).terminal:
                found.append(Problem(index, "content_after_finish", "a message comes after the response"))
            over = over or self.tell(event).terminal
        if not over:
            found.append(Problem(None, "finish_missing", "no response comes"))
        return found

    def with_text(self, event: Event, text: str) -> str | None:
        """Put ``text`` for the result's only text."""
        told = self.tell(event)
        paths: list[Path] = [("result", "content", place, "text") for place in range(len(told.pieces))]
        return regrown(told, event.data, paths, text)


class _A2aResult(msgspec.Struct, rename="camel"):
    kind: str | None = None
    task: msgspec.Raw = _NULL
    message: msgspec.Raw = _NULL
    status_update: msgspec.Raw = _NULL
    artifact_update: msgspec.Raw = _NULL


_a2a_decoder = msgspec.json.Decoder(_A2aResult)


def _of_a2a(said: _Message) -> bool:
    result = decoded(_a2a_decoder, inside(said.result))
    if result is None:
        return False
    if result.kind is not None:
        return True
    return any(map(inside, (result.task, result.message, result.status_update, result.artifact_update)))


def _pieces(result: _Result) -> Iterator[Piece]:
    for raw in result.content or ():
        content = decoded(_content_decoder, bytes(raw).decode())
        if content is not None and content.text is not None and content.type == "text":
            yield Piece("text", content.text)
        elif content is not None:
            yield Piece("media", bytes(raw).decode())


DIALECTS = (Mcp(),)
