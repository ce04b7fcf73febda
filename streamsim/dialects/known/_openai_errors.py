"""OpenAI's errors, as recorded: ``{"error": {"message", "type", "param", "code"}}``, in a stream as before one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from streamsim.dialects import spell

if TYPE_CHECKING:
    from streamsim.dialects.told import Failure
    from streamsim.wire import Headers

# The other statuses are invalid_request_error below 500, server_error from there on.
_TYPES: Final = {429: "requests"}
_CODES: Final = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


def error_object(failure: Failure) -> dict[str, object]:
    """Return the inner object."""
    kind = failure.type or "server_error"
    return {"message": failure.message, "type": kind, "param": None, "code": failure.code or None}


def error_headers(status: int) -> Headers:  # noqa: ARG001 - the same for all
    """Return what comes with it."""
    return (("content-type", "application/json"),)


def error_body(failure: Failure, status: int) -> bytes:
    """Return the body; where the failure has no type or code they are those of ``status``."""
    kind = failure.type or _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    code = failure.code or _CODES.get(status, "")
    told = msgspec.structs.replace(failure, type=kind, code=code)
    return spell.compact({"error": error_object(told)}).encode()
