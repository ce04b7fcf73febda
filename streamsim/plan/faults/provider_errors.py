"""Errors as the stream's dialect writes them, or in forms that are nobody's: in a stream, or as an HTTP error's body.

The messages are ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.known._responses_writing import ResponsesWriter
from streamsim.dialects.told import Failure
from streamsim.sse import encode
from streamsim.wire.statuses import REASONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects.protocol import Writer
    from streamsim.plan.anatomy import Anatomy
    from streamsim.plan.faults.fault import Scene
    from streamsim.sse import Event
    from streamsim.wire import Headers

StreamForm: TypeAlias = Literal["auto", "openai", "anthropic", "responses", "incomplete", "flat", "text", "generic"]
HttpForm: TypeAlias = Literal["auto", "openai", "anthropic", "flat", "generic", "html"]

# Whose form has which name.
_SPOKEN = {"openai": "openai-chat", "anthropic": "anthropic", "responses": "openai-responses"}
# What is only read fails in the words of another dialect.
_LIKE = {"bedrock-invoke": "bedrock-converse", "mcp": "a2a"}


def error_object(message: str) -> bytes:
    """Return a server's error as JSON."""
    return msgspec.json.encode({"error": {"message": message, "type": "server_error", "code": 500}})


def http_error(form: HttpForm, dialect: str, status: int, message: str) -> tuple[Headers, bytes]:
    """Return the headers, without a length, and the body of an HTTP error."""
    told = message or f"streamsim: {REASONS[status].lower()}"
    writer = _writer(form, dialect)
    if writer is not None:
        return writer.error(Failure(told), status)
    if form == "html":
        return (("content-type", "text/html"),), page(status)
    kind = "invalid_request_error" if status < 500 else "server_error"
    error: object = {"error": {"code": status, "message": told, "type": kind}}
    if form == "flat":
        error = {"message": told}
    return (("content-type", "application/json"),), msgspec.json.encode(error)


def page(status: int) -> bytes:
    """Return a gateway's page of HTML."""
    title = f"{status} {REASONS[status]}"
    return f"<html>\r\n<head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body>\r\n</html>\r\n".encode()


def stream_error(form: StreamForm, scene: Scene, offset: int, *, kind: str, message: str) -> bytes:
    """Return an error as frames, lines of SSE ended with LF, for a stream that was recorded up to ``offset``."""
    before = _before(scene.anatomy, offset)
    if form == "incomplete":
        return ResponsesWriter().incomplete_event(kind or "max_output_tokens", before)
    writer = _writer(form, scene.dialect)
    usual = "overloaded_error" if writer is BY_NAME["anthropic"].writer else "server_error"
    told = message or f"streamsim: {(kind or usual).replace('_', ' ')}"
    frames = writer.error_event(Failure(told, kind), before) if writer is not None else None
    if frames is not None:
        return frames.replace(b"\r\n", b"\n") if scene.anatomy.kind == "sse" else frames
    if form == "text":
        return encode(told, event="error")
    if form == "auto" and scene.dialect == "watsonx":
        return encode(
            msgspec.json.encode({"errors": [{"code": kind or usual, "message": told}]}).decode(), event="error"
        )
    error = {"message": told} if form == "flat" else {"error": {"message": told, "type": kind or usual}}
    if form == "auto" and scene.anatomy.kind == "lines":
        return msgspec.json.encode(error) + b"\n"
    return encode(msgspec.json.encode(error).decode(), event="error")


def _writer(form: StreamForm | HttpForm, dialect: str) -> Writer | None:
    """Return who writes errors in this form; None for forms that are nobody's."""
    spoken = BY_NAME.get(_LIKE.get(dialect, dialect) if form == "auto" else _SPOKEN.get(form, ""))
    return spoken.writer if spoken is not None else None


def _before(anatomy: Anatomy, offset: int) -> Sequence[Event]:
    """Return the events that are complete at ``offset``."""
    return [item.event for item in anatomy.landed[: anatomy.first_event_after(offset)]]
