"""Cassettes of vcrpy, go-vcr, Ruby's VCR and Datadog's test agent, in the forms that are met."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from tests.recording.importers.inputs import (
    BODY,
    EVENTS,
    FRAMES,
    cassette,
    chunks,
    header,
    imported,
    interaction,
    only,
)


def test_a_vcrpy_cassette_in_yaml() -> None:
    """Headers are lists, bodies text, block scalars keep their line ends."""
    told = imported(
        """\
interactions:
- request:
    body: '{"stream":true}'
    headers:
      Content-Type:
      - application/json
    method: POST
    uri: http://localhost:8000/v1/chat/completions
  response:
    body:
      string: |+
        data: {"n":1}

        data: {"n":2}

    headers:
      Content-Type:
      - text/event-stream
      Transfer-Encoding:
      - chunked
    status:
      code: 200
      message: OK
version: 1
"""
    )
    exchange = only(told)
    assert header(told).imported == "vcrpy"
    assert header(told).lacks == ("boundaries", "times")
    assert chunks(exchange) == FRAMES
    assert exchange.request.data == b'{"stream":true}'
    assert exchange.request.headers == (("host", "localhost:8000"), ("Content-Type", "application/json"))


ZIPPED = gzip.compress(BODY, mtime=0)


@pytest.mark.parametrize(
    "response",
    [
        {"body": {"string": BODY.decode()}},
        {"body": {"base64_string": base64.b64encode(BODY).decode()}},
        {"body": BODY.decode()},
        {"content": BODY.decode()},
        {
            "body": {"base64_string": base64.b64encode(ZIPPED).decode()},
            "headers": {**EVENTS, "content-encoding": "gzip"},
        },
    ],
)
def test_a_body_is_found_wherever_it_stands(response: dict[str, object]) -> None:
    """As a string in a table, as base64, by itself, under another name, compressed."""
    told = interaction()
    told["response"] = {"status_code": 200, "headers": EVENTS, **response}
    assert only(imported(cassette(told))).body == BODY


def test_a_body_that_was_stored_parsed_is_json_again() -> None:
    """Some suites keep JSON as YAML, to be read by people."""
    told = interaction(parsed_body={"stream": True}, headers={"content-type": "application/json"})
    told["response"] = {"status": {"code": 429}, "parsed_body": {"error": "é"}}
    exchange = only(imported(cassette(told)))
    assert exchange.request.data == b'{"stream":true}'
    assert exchange.body == '{"error":"é"}'.encode()
    assert exchange.response is not None
    assert exchange.response.status == 429


@pytest.mark.parametrize("body", [None, "", {"string": None}, {"string": ""}, {}])
def test_a_body_that_is_not_there_is_none(body: object) -> None:
    """In whichever way it is said."""
    assert only(imported(cassette(interaction(body=body)))).request.data == b""


def test_binary_bodies_and_python_objects_are_read_as_data() -> None:
    """``!!binary`` is bytes; a tag of Python's is what it holds."""
    told = imported(
        """\
interactions:
- request: {method: GET, uri: "https://api.test/", body: !!binary "//4="}
  response:
    body: {string: !!binary "AP8="}
    headers: !!python/object/apply:multidict.CIMultiDict
    - - [Content-Type, application/octet-stream]
      - [X-Two, '2']
    status: {code: 200, message: OK}
"""
    )
    exchange = only(told)
    assert (exchange.request.data, exchange.body) == (b"\xff\xfe", b"\0\xff")
    assert exchange.response is not None
    assert exchange.response.headers[:2] == (("Content-Type", "application/octet-stream"), ("X-Two", "2"))


def test_a_go_vcr_cassette() -> None:
    """``duration`` is the time until the head; the status is written with its number."""
    told = imported(
        """\
version: 2
interactions:
- id: 0
  request:
    host: api.test
    headers: {Accept: [text/event-stream]}
    url: https://api.test/v1/x
    method: POST
    body: '{}'
  response:
    headers: {Content-Type: [text/event-stream]}
    body: "data: {\\"n\\":1}\\n\\ndata: {\\"n\\":2}\\n\\n"
    status: 200 OK
    code: 200
    duration: 1m2.5s
"""
    )
    exchange = only(told)
    assert header(told).imported == "go-vcr"
    assert chunks(exchange) == FRAMES
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.reason, exchange.response.dt_us) == (200, "OK", 62_500_000)


@pytest.mark.parametrize(
    ("duration", "us"),
    [
        ("309.1ms", 309_100),
        ("52µs", 52),
        ("52μs", 52),
        ("7us", 7),
        ("900ns", 0),
        (1_500_000, 1500),
        ("1h", 3_600_000_000),
        ("", 0),
        (None, 0),
        ("soon", 0),
    ],
)
def test_a_duration_of_go(duration: object, us: int) -> None:
    """As ``time.Duration`` prints itself, or as its nanoseconds."""
    row = {"request": {"url": "/", "method": "GET"}, "response": {"body": "", "status": "Fine", "duration": duration}}
    response = only(imported({"interactions": [row]})).response
    assert response is not None
    assert (response.dt_us, response.reason) == (us, "Fine")


def test_a_ruby_cassette() -> None:
    """``http_interactions``; methods are symbols; bodies are strings, base64 or ``!binary``."""
    told = imported(
        """\
---
http_interactions:
- request:
    method: post
    uri: https://api.test/v1/x
    body: {encoding: UTF-8, string: '{}'}
    headers: {Accept: ["*/*"]}
  response:
    status: {code: 200, message: OK}
    headers: {Content-Type: [text/event-stream]}
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        ZGF0YTogeyJuIjoxfQoKZGF0YTogeyJuIjoyfQoK
  recorded_at: Sun, 22 Nov 2026 08:00:00 GMT
recorded_with: VCR 6.2.0
"""
    )
    assert header(told).imported == "ruby-vcr"
    assert (only(told).request.method, chunks(only(told))) == ("POST", FRAMES)


def test_a_file_of_datadogs_test_agent() -> None:
    """One request and one response side by side."""
    file = {
        "request": {"method": "POST", "url": "https://api.test/v1/x", "headers": {"Accept": "*/*"}, "body": "{}"},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": EVENTS, "body": BODY.decode()},
    }
    told = imported(json.dumps(file))
    assert header(told).imported == "datadog"
    assert (only(told).request.target, chunks(only(told))) == ("/v1/x", FRAMES)
