"""The head of an answer, and how it was delivered, rule by rule."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from tests.analysis.lint.linted import GOOD, finding, graves, one, streamed
from tests.builders import HELLO, exchange

if TYPE_CHECKING:
    from streamsim.wire import Framing, Headers

CACHE = ("cache-control", "no-store")


@pytest.mark.parametrize(
    ("headers", "rules"),
    [
        (GOOD, {}),
        ((("Content-Type", "Text/Event-Stream; charset=UTF-8"), CACHE), {}),
        ((("content-type", "text/event-stream"),), {"cache_control": "note"}),
        ((("content-type", "text/event-stream"), ("cache-control", "max-age=3")), {"cache_control": "note"}),
        ((CACHE,), {"content_type_missing": "error"}),
        ((("content-type", "text/plain"), CACHE), {"content_type_wrong": "error"}),
        ((("content-type", "application/json"), CACHE), {"content_type_wrong": "error"}),
        ((("content-type", "text/event-stream; charset=latin-1"), CACHE), {"charset": "warning"}),
        ((*GOOD, ("x-accel-buffering", "yes")), {"proxy_buffering": "warning"}),
        ((*GOOD, ("x-accel-buffering", "no")), {}),
        ((*GOOD, ("content-encoding", "identity")), {}),
    ],
)
def test_headers_are_what_a_stream_needs(headers: Headers, rules: dict[str, str]) -> None:
    """A content type that everybody reads, UTF-8, no caches, no buffers."""
    assert graves(streamed(*HELLO, headers=headers)) == rules


@pytest.mark.parametrize(
    ("headers", "rule", "message"),
    [
        (
            (("content-type", "text/plain"),),
            "content_type_wrong",
            "the body looks like an event stream but its content type is text/plain",
        ),
        (
            (("content-type", "text/event-stream; charset=ascii"),),
            "charset",
            "the charset is told to be ascii: an event stream is always decoded as UTF-8",
        ),
        (
            (*GOOD, ("x-accel-buffering", "yes")),
            "proxy_buffering",
            "x-accel-buffering: yes asks proxies to hold the stream back",
        ),
    ],
)
def test_the_header_that_is_wrong_is_cited(headers: Headers, rule: str, message: str) -> None:
    """So that it need not be looked for."""
    assert finding(streamed(*HELLO, headers=headers), rule).message == message


def test_a_compressed_stream_is_read_and_warned_of() -> None:
    """Its events count as those of any other; where its chunks end says nothing."""
    packed = gzip.compress(b"".join(HELLO), mtime=0)
    report = streamed(packed[:20], packed[20:], headers=(*GOOD, ("content-encoding", "gzip")))
    assert (report.events, report.verdict, graves(report)) == (3, "complete", {"compressed": "warning"})


def test_an_encoding_that_cannot_be_undone_is_an_error() -> None:
    """Nothing was checked, and that is said."""
    report = streamed(b"\x1b\x03", headers=(*GOOD, ("content-encoding", "br")))
    assert (report.verdict, report.why, graves(report)) == (
        "no stream",
        "the body can't be read",
        {"encoding_unread": "error"},
    )
    assert not report.passed


@pytest.mark.parametrize(
    ("framing", "rules"), [("content-length", {"content_length": "warning"}), ("close", {"close_delimited": "note"})]
)
def test_a_stream_that_is_not_chunked_is_told(framing: Framing, rules: dict[str, str]) -> None:
    """A known length was not streamed; a body until the connection's end could be cut unseen."""
    assert graves(one(exchange(headers=GOOD, framing=framing))) == rules


def test_a_status_other_than_200_is_told() -> None:
    """An EventSource would not take it."""
    report = one(exchange(headers=GOOD, status=202, reason="Accepted"))
    assert finding(report, "status_not_200").message == "a stream with status 202: an EventSource gives up"


def test_a_long_silence_is_told() -> None:
    """More than 15 s without a byte; comments count as bytes."""
    quiet = one(exchange(chunks=HELLO, gaps_us=[0, 23_500_000, 20_000_000], headers=GOOD))
    assert finding(quiet, "silence").message == "23.5s without a byte: proxies close idle connections"
    assert graves(one(exchange(chunks=HELLO, gaps_us=15_000_000, headers=GOOD))) == {}
