"""HAR: whole bodies, DevTools' events with their times, Polly's pieces."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from tests.recording.importers.inputs import BODY, FRAMES, chunks, gaps, header, imported, only

STARTED = 1_795_334_400  # 2026-11-22T08:00:00Z


def archive(*entries: object, creator: str = "WebInspector") -> dict[str, object]:
    return {"log": {"version": "1.2", "creator": {"name": creator}, "entries": list(entries)}}


def entry(
    text: str | None = BODY.decode(),
    *,
    status: int = 200,
    encoding: str | None = None,
    messages: object = None,
    started: str = "2026-11-22T08:00:00Z",
    posted: object = None,
    headers: object = None,
    mime: str = "text/event-stream",
) -> dict[str, object]:
    content = {"mimeType": mime, "text": text, "encoding": encoding}
    return {
        "startedDateTime": started,
        "request": {"method": "POST", "url": "https://api.test/v1/x", "headers": [], "postData": posted},
        "response": {"status": status, "statusText": "OK", "headers": headers or [], "content": content},
        "timings": {"blocked": -1, "dns": 1, "connect": 2, "send": 3, "wait": 94.5, "receive": 1000},
        "_eventSourceMessages": messages,
    }


def message(after_s: float, number: int, **told: object) -> dict[str, object]:
    return {"time": STARTED + after_s, "eventName": "message", "eventId": "", "data": f'{{"n":{number}}}', **told}


TIMED = [message(0.2, 1), message(0.25, 2)]


def test_a_body_as_text() -> None:
    """Only the time until the head is told."""
    told = imported(archive(entry(posted={"mimeType": "application/json", "text": "{}"})))
    exchange = only(told)
    assert (header(told).imported, header(told).lacks) == ("har", ("boundaries", "times"))
    assert (exchange.request.data, chunks(exchange), gaps(exchange)) == (b"{}", FRAMES, [0, 0])
    assert exchange.response is not None
    assert exchange.response.dt_us == 94_500
    assert exchange.response.headers[0] == ("content-type", "text/event-stream")


def test_a_header_that_tells_the_type_goes_before_the_content_s() -> None:
    """It is what was sent."""
    told = archive(entry(headers=[{"name": "Content-Type", "value": "text/event-stream; charset=utf-8"}]))
    response = only(imported(told)).response
    assert response is not None
    assert response.headers[0] == ("Content-Type", "text/event-stream; charset=utf-8")
    assert only(imported(archive(entry(mime="")))).response is not None


def test_a_body_in_base64() -> None:
    """Of the answer and of the request."""
    posted = {"text": base64.b64encode(b"\xff").decode(), "encoding": "base64"}
    exchange = only(imported(archive(entry(base64.b64encode(BODY).decode(), encoding="base64", posted=posted))))
    assert (exchange.request.data, exchange.body) == (b"\xff", BODY)


def test_events_time_the_frames_of_a_body() -> None:
    """A comment between them waits for none; from the head to the first event by the clock of both."""
    told = imported(archive(entry(f": hi\n\n{BODY.decode()}", messages=TIMED)))
    assert header(told).lacks == ("boundaries",)
    assert chunks(only(told)) == [b": hi\n\n", *FRAMES]
    assert gaps(only(told)) == [0, 99_500, 50_000]


def test_events_stand_in_for_a_body_that_is_missing() -> None:
    """Framed anew, with their names and ids."""
    messages = [message(0.2, 1, eventName="delta", eventId="7"), message(0.1, 2, eventName="", eventId="a\nb\0")]
    told = imported(archive(entry(None, messages=messages)))
    assert header(told).lacks == ("boundaries", "framing")
    assert chunks(only(told)) == [
        b'event: delta\nid: 7\ndata: {"n":1}\n\n',
        b'id: ab\ndata: {"n":2}\n\n',
    ]
    assert gaps(only(told)) == [99_500, 0]


@pytest.mark.parametrize("after_s", [-1.0, 7200.0])
def test_a_clock_that_disagrees_times_no_first_event(after_s: float) -> None:
    """The gaps between events hold all the same."""
    messages = [message(after_s, 1), message(after_s + 0.5, 2)]
    assert gaps(only(imported(archive(entry(messages=messages))))) == [0, 500_000]


def test_events_that_are_not_those_of_the_body_time_nothing() -> None:
    """A body that DevTools saw only a part of keeps its bytes."""
    told = imported(archive(entry(messages=TIMED[:1])))
    assert (header(told).lacks, chunks(only(told))) == (("boundaries", "times"), FRAMES)


PIECES = [BODY[:20], BODY[20:]]


@pytest.mark.parametrize(
    "pieces", [[piece.hex() for piece in PIECES], [base64.b64encode(piece).decode() for piece in PIECES]]
)
def test_pieces_of_polly_are_chunks(pieces: list[str]) -> None:
    """In hex or base64; its time of waiting is that of the whole answer, and so none of the head."""
    told = imported(archive(entry(json.dumps(pieces), encoding="base64"), creator="Polly.JS"))
    assert (header(told).lacks, chunks(only(told))) == (("times",), PIECES)
    response = only(told).response
    assert response is not None
    assert response.dt_us == 0


def test_pieces_of_a_compressed_body_are_decoded() -> None:
    """Each gives what it completes."""
    zipped = gzip.compress(BODY, mtime=0)
    pieces = json.dumps([zipped[:5].hex(), zipped[5:].hex()])
    headers = [{"name": "content-encoding", "value": "gzip"}]
    assert only(imported(archive(entry(pieces, encoding="base64", headers=headers)))).body == BODY


def test_one_piece_tells_no_boundaries() -> None:
    """It is the whole body."""
    told = imported(archive(entry(json.dumps([BODY.hex()]), encoding="base64")))
    assert (header(told).lacks, chunks(only(told))) == (("boundaries", "times"), FRAMES)


def test_requests_are_at_their_times() -> None:
    """Since the first one; one without a time is with it."""
    entries = [entry(started="2026-11-22T09:00:01.5+01:00"), entry(), entry(started="soon")]
    told = imported(archive(*entries))
    assert [exchange.request.at_us for exchange in told.recording.exchanges] == [1_500_000, 0, 0]


def test_a_request_that_failed_is_left_out() -> None:
    """Browsers write status 0."""
    assert imported(archive(entry(status=0), entry())).notes == ("left out 1 exchange without an answer",)


def test_a_stream_that_mitmproxy_has_passed_on_is_empty() -> None:
    """It keeps no body that it streams: that is said."""
    assert imported(archive(entry(""), creator="mitmproxy")).notes == (
        "exchange 1: the file holds nothing of its stream; some tools keep no streamed body",
    )
