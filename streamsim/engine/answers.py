"""Answers of our own: errors, control pages, preflights. They are played by the same scripts as recorded ones."""

from __future__ import annotations

import msgspec

from streamsim.engine.script import CORS, Script
from streamsim.wire import End, Head, Headers, Send, Step


def json_answer(status: int, reason: str, body: object, *, close: bool = False, head_only: bool = False) -> Script:
    """Return an answer with ``body`` as JSON; ``close`` ends the connection after it."""
    data = msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n"
    more: Headers = (("connection", "close"),) if close else ()
    return body_answer(status, reason, ((("content-type", "application/json"),), data), head_only=head_only, more=more)


def body_answer(
    status: int, reason: str, told: tuple[Headers, bytes], *, head_only: bool = False, more: Headers = ()
) -> Script:
    """Return an answer with the headers and the body that are ``told``; ``more`` headers come last."""
    headers, data = told
    lines = (*headers, ("content-length", str(len(data))), *CORS, *more)
    head = Step(0, Head(status, reason, lines, framing="content-length"))
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
