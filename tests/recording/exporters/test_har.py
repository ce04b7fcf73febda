"""HAR as developer tools read it, with the events and their times."""

from __future__ import annotations

import base64

import msgspec

from streamsim.recording import codec
from streamsim.recording.exporters import export_recording
from streamsim.recording.model import Info, Recording
from streamsim.version import __version__
from tests.builders import as_file, exchange, recording


def entries(told: Recording) -> list[dict[str, object]]:
    found: list[dict[str, object]] = msgspec.json.decode(export_recording(told, format="har").data)["log"]["entries"]
    return found


WHOLE = {
    "log": {
        "version": "1.2",
        "creator": {"name": "streamsim", "version": __version__},
        "entries": [
            {
                "startedDateTime": "2026-11-22T08:00:01.000000Z",
                "time": 140.75,
                "request": {
                    "method": "POST",
                    "url": "https://example.test/v1/x?a=1&b=%20",
                    "httpVersion": "HTTP/1.1",
                    "cookies": [],
                    "headers": [
                        {"name": "host", "value": "example.test"},
                        {"name": "content-type", "value": "application/json"},
                    ],
                    "queryString": [{"name": "a", "value": "1"}, {"name": "b", "value": " "}],
                    "headersSize": -1,
                    "bodySize": 15,
                    "postData": {"mimeType": "application/json", "text": '{"stream":true}'},
                },
                "response": {
                    "status": 200,
                    "statusText": "OK",
                    "httpVersion": "HTTP/1.1",
                    "cookies": [],
                    "headers": [{"name": "content-type", "value": "text/event-stream"}],
                    "content": {
                        "size": 28,
                        "mimeType": "text/event-stream",
                        "text": "id: 7\ndata: one\n\ndata: two\n\n",
                    },
                    "redirectURL": "",
                    "headersSize": -1,
                    "bodySize": 28,
                },
                "cache": {},
                "timings": {"send": 0, "wait": 100.5, "receive": 40.25},
                "_eventSourceMessages": [
                    {"time": 1795334401.1205, "eventName": "message", "eventId": "7", "data": "one"},
                    {"time": 1795334401.1405, "eventName": "message", "eventId": "7", "data": "two"},
                ],
            }
        ],
    }
}


def test_an_event_stream() -> None:
    """All that HAR has a place for, and each event when its last byte came."""
    told = exchange(
        target="/v1/x?a=1&b=%20",
        chunks=[b"id: 7\ndata: one\n\nda", b"ta: two\n\n"],
        infos=[Info(exchange=1, dt_us=500, status=103)],
        at_us=1_000_000,
        end_us=250,
    )
    data = export_recording(recording(told), format="har").data
    assert msgspec.json.decode(data) == WHOLE


def test_what_is_no_text_is_base64() -> None:
    """Of the request and of the answer; a redirection says where to."""
    (entry,) = entries(
        recording(
            exchange(body=b"\xff", chunks=[b"\xfe"], status=302, headers=(("Location", "/y"),), request_headers=())
        )
    )
    request, response = entry["request"], entry["response"]
    assert isinstance(request, dict)
    assert isinstance(response, dict)
    assert request["postData"] == {"mimeType": "", "text": base64.b64encode(b"\xff").decode(), "encoding": "base64"}
    assert response["content"] == {"size": 1, "mimeType": "x-unknown", "text": "/g==", "encoding": "base64"}
    assert (response["redirectURL"], request["url"]) == ("/y", "https://localhost/v1/chat/completions")
    assert "_eventSourceMessages" not in entry


def test_a_request_without_a_body_posts_none_and_an_undated_recording_is_of_1970() -> None:
    """A date that is not known is not made up but by HAR's need of one; the URL is that of the upstream."""
    told = exchange(body=b"", method="GET", target="*", end=None)
    header = b'{"streamsim":1,"upstream":"http://up.test:81"}\n'
    (entry,) = entries(codec.decode([header + as_file(recording(told)).partition(b"\n")[2]]))
    assert isinstance(entry["request"], dict)
    assert "postData" not in entry["request"]
    assert (entry["startedDateTime"], entry["request"]["url"]) == ("1970-01-01T00:00:00.000000Z", "http://up.test:81/*")


def test_a_near_host_is_not_taken_for_a_secure_one() -> None:
    """Where the header names no upstream, and the host is that of this machine."""
    told = recording(exchange(request_headers=(("Host", "127.0.0.1:8080"),)))
    kept = codec.decode([b'{"streamsim":1,"mood":"good"}\n' + as_file(told).partition(b"\n")[2]])
    for one in (told, kept):
        (entry,) = entries(one)
        assert isinstance(entry["request"], dict)
        assert entry["request"]["url"] == "http://127.0.0.1:8080/v1/chat/completions"
