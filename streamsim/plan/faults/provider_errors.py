"""Errors in the words of each provider: in a stream, and as the body of an HTTP error.

Shapes, types and codes are those of recorded answers where there are any; the messages are ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from streamsim.sse import encode, parse

if TYPE_CHECKING:
    from streamsim.plan.anatomy import Anatomy
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Headers

StreamForm: TypeAlias = Literal["auto", "openai", "anthropic", "responses", "incomplete", "flat", "text", "generic"]
HttpForm: TypeAlias = Literal["auto", "openai", "anthropic", "flat", "generic", "html"]

_FORMS: dict[str, Literal["openai", "anthropic", "responses"]] = {
    "openai-chat": "openai",
    "openai-completions": "openai",
    "openai-responses": "responses",
    "anthropic": "anthropic",
}

REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    409: "Conflict",
    413: "Content Too Large",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    529: "Site Overloaded",
}

# Those of the other statuses are invalid_request_error below 500, server_error or api_error from there on.
_OPENAI = {429: "requests"}
_OPENAI_CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
_ANTHROPIC = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_RETRIED = (408, 409, 429)


def error_object(message: str) -> bytes:
    """Return a server's error as JSON."""
    return msgspec.json.encode({"error": {"message": message, "type": "server_error", "code": 500}})


def http_error(form: HttpForm, dialect: str, status: int, message: str) -> tuple[Headers, bytes]:
    """Return the headers, without a length, and the body of an HTTP error."""
    shape = _FORMS.get(dialect, "generic") if form == "auto" else form
    told = message or f"streamsim: {REASONS[status].lower()}"
    if shape == "html":
        return (("content-type", "text/html"),), page(status)
    if shape == "anthropic":
        return _anthropic(status, told)
    kind = "invalid_request_error" if status < 500 else "server_error"
    error: object = {"error": {"code": status, "message": told, "type": kind}}
    if shape == "flat":
        error = {"message": told}
    elif shape in ("openai", "responses"):
        kind, code = _OPENAI.get(status, kind), _OPENAI_CODES.get(status)
        error = {"error": {"message": told, "type": kind, "param": None, "code": code}}
    return (("content-type", "application/json"),), msgspec.json.encode(error)


def _anthropic(status: int, message: str) -> tuple[Headers, bytes]:
    kind = _ANTHROPIC.get(status, "invalid_request_error" if status < 500 else "api_error")
    told = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_streamsim"}
    headers = [("content-type", "application/json"), ("request-id", "req_streamsim")]
    if status < 500 and status not in _RETRIED:
        headers.append(("x-should-retry", "false"))
    return tuple(headers), msgspec.json.encode(told)


def page(status: int) -> bytes:
    """Return a gateway's page of HTML."""
    title = f"{status} {REASONS[status]}"
    return f"<html>\r\n<head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body>\r\n</html>\r\n".encode()


def stream_error(form: StreamForm, scene: Scene, offset: int, *, kind: str, message: str) -> bytes:
    """Return an error as events, their lines ended with LF, for a stream that was recorded up to ``offset``."""
    shape = _FORMS.get(scene.dialect, "generic") if form == "auto" else form
    if shape == "incomplete":
        return _failed(scene.anatomy, offset, incomplete=kind or "max_output_tokens")
    kind = kind or ("overloaded_error" if shape == "anthropic" else "server_error")
    told = message or f"streamsim: {kind.replace('_', ' ')}"
    if shape == "text":
        return encode(told, event="error")
    if shape == "responses":
        return _responses(scene.anatomy, offset, kind, told)
    if shape == "openai":
        return _frame({"error": {"message": told, "type": kind, "param": None, "code": None}})
    if shape == "anthropic":
        error = {"type": kind, "message": told}
        return _frame({"type": "error", "error": error, "request_id": "req_streamsim"}, event="error")
    return _frame({"message": told} if shape == "flat" else {"error": {"message": told, "type": kind}}, event="error")


def _frame(told: object, event: str | None = None) -> bytes:
    return encode(msgspec.json.encode(told).decode(), event=event)


def _responses(anatomy: Anatomy, offset: int, kind: str, message: str) -> bytes:
    number = anatomy.first_event_after(offset)
    error = {"type": "error", "code": kind, "message": message, "param": None, "sequence_number": number}
    return _frame(error, event="error") + _failed(anatomy, offset, error={"code": kind, "message": message})


def _failed(anatomy: Anatomy, offset: int, *, error: dict[str, str] | None = None, incomplete: str = "") -> bytes:
    """Return the last event of a response that failed or is incomplete; the rest is what its first event said of it."""
    status = "incomplete" if incomplete else "failed"
    response = {**_response(anatomy), "status": status, "error": error}
    response["incomplete_details"] = {"reason": incomplete} if incomplete else None
    number = anatomy.first_event_after(offset) + (error is not None)
    told = {"type": f"response.{status}", "response": response, "sequence_number": number}
    return _frame(told, event=f"response.{status}")


class _Created(msgspec.Struct):
    response: dict[str, object]


def _response(anatomy: Anatomy) -> dict[str, object]:
    """Return the object that the stream's first event says it is about."""
    first = anatomy.events[0] if anatomy.events else None
    events = parse(anatomy.body[first.start : first.stop]) if first is not None else []
    try:
        return msgspec.json.decode(events[0].data, type=_Created).response if events else {}
    except msgspec.MsgspecError:
        return {}
