"""Answers of our own: errors, control pages, preflights. They are played by the same scripts as recorded ones."""

from __future__ import annotations

import msgspec

from streamsim.engine.script import CORS, Script
from streamsim.wire import End, Head, Send, Step


def json_answer(status: int, reason: str, body: object, *, close: bool = False, head_only: bool = False) -> Script:
    """Return an answer with ``body`` as JSON; ``close`` ends the connection after it."""
    data = msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n"
    headers = [("content-type", "application/json"), ("content-length", str(len(data))), *CORS]
    if close:
        headers.append(("connection", "close"))
    head = Step(0, Head(status, reason, tuple(headers), framing="content-length"))
    steps = (head, Step(0, End())) if head_only else (head, Step(0, Send(data)), Step(0, End()))
    return Script(steps)


def error_answer(
    status: int, reason: str, message: str, *, close: bool = False, head_only: bool = False, **more: object
) -> Script:
    """Return an error in the form that OpenAI-like clients show to their users."""
    error = {"message": message, "type": "streamsim_error", "code": status, **more}
    return json_answer(status, reason, {"error": error}, close=close, head_only=head_only)


def preflight(asked_headers: str) -> Script:
    """Return the answer to a CORS preflight (Fetch standard, 3.2.4): everything is allowed."""
    headers = (
        *CORS,
        ("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("access-control-allow-headers", asked_headers or "*"),
        ("access-control-max-age", "86400"),
    )
    return Script((Step(0, Head(204, "No Content", headers, framing="none")), Step(0, End())))
