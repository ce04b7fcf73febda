"""A body by itself: whose it is shows in its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders import chat
from tests.recording.importers.inputs import BODY, FRAMES, chunks, header, imported, only

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange

CHAT = b"".join(chat("one", "two"))


def asked(exchange: Exchange) -> str:
    return f"{exchange.request.method} {exchange.request.target}"


def kind(exchange: Exchange) -> str:
    assert exchange.response is not None
    return dict(exchange.response.headers)["content-type"]


def test_a_body_alone() -> None:
    """All but the bytes is lacking, and the header says so."""
    told = imported(BODY)
    assert (header(told).imported, header(told).lacks) == ("raw", ("boundaries", "times", "request", "head"))
    assert (asked(only(told)), kind(only(told)), chunks(only(told))) == ("GET /", "text/event-stream", FRAMES)


@pytest.mark.parametrize(
    ("body", "request_line", "content_type"),
    [
        (CHAT, "POST /v1/chat/completions", "text/event-stream"),
        (b": ping\n\n" + BODY, "GET /", "text/event-stream"),
        (b"\xef\xbb\xbf" + BODY, "GET /", "text/event-stream"),
        (
            b'{"model":"m","message":{"content":"a"},"done":false}\n{"model":"m","done":true}\n',
            "POST /api/chat",
            "ndjson",
        ),
        (b'{"model":"m","message":{"content":"a"},"done":true}\n', "POST /api/chat", "ndjson"),
        (b'[{"a":1}]', "GET /", "application/json"),
    ],
)
def test_the_provider_shows_in_the_events(body: bytes, request_line: str, content_type: str) -> None:
    """So its client finds the answer where it asks; the bytes are those of the file."""
    exchange = only(imported(body))
    assert asked(exchange) == request_line
    assert content_type in kind(exchange)
    assert exchange.body == body


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "text/event-stream"),
        (b'{"a":1}', "application/json"),
        (b'{"a":1}\n{"a":2}\n', "application/x-ndjson"),
        (b"{\n}\n", "application/json"),
        (b"hello", "text/event-stream"),
    ],
)
def test_any_body_can_be_said_to_be_one(body: bytes, content_type: str) -> None:
    """With ``--format raw`` nothing is refused."""
    exchange = only(imported(body, "raw"))
    assert (kind(exchange), exchange.body) == (content_type, body)


def test_a_head_is_read_where_there_is_one() -> None:
    """As ``curl -i`` prints it; of several the last, which answered."""
    told = imported(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/2 429 \r\nContent-Type: text/event-stream\r\nx-a: b\r\n\r\n" + CHAT
    )
    exchange = only(told)
    assert header(told).lacks == ("boundaries", "times", "request")
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.reason) == (429, "")
    assert exchange.response.headers[:2] == (("Content-Type", "text/event-stream"), ("x-a", "b"))
    assert (exchange.body, asked(exchange)) == (CHAT, "POST /v1/chat/completions")


def test_a_reason_is_kept() -> None:
    """Words and all."""
    response = only(imported(b"HTTP/1.1 404 Not Found\n\nno")).response
    assert response is not None
    assert response.reason == "Not Found"
