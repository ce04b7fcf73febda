"""Requests as the engine gets them, for tests that start behind the reader."""

from __future__ import annotations

from streamsim.engine.requests import Limits, Request, RequestReader


def asked(
    method: str = "POST",
    target: str = "/v1/chat/completions",
    body: bytes = b'{"stream":true}',
    headers: dict[str, str] | None = None,
) -> Request:
    """Return a request, read from its bytes."""
    lines = [f"{method} {target} HTTP/1.1", "Host: example.test", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    (request,) = RequestReader(Limits()).feed("\r\n".join((*lines, "", "")).encode("latin-1") + body)
    assert isinstance(request, Request)
    return request
