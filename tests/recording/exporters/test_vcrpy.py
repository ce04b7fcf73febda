"""Cassettes that vcrpy reads and plays."""

from __future__ import annotations

import sys

import pytest

from streamsim.errors import UsageError
from streamsim.recording.exporters import export_recording
from tests.builders import exchange, recording


def cassette(*told: object) -> str:
    exchanges = [one for one in told if isinstance(one, type(exchange()))]
    return export_recording(recording(*exchanges), format="vcrpy").data.decode()


def test_a_cassette_is_one_that_people_can_read() -> None:
    """Bodies of several lines stand in blocks, headers in lists, a name once."""
    told = exchange(
        request_headers=(("Host", "api.test"), ("X-A", "1"), ("x-a", "2")),
        chunks=[b"data: one\n\n", ": é\n\n".encode()],
    )
    assert (
        cassette(told)
        == """\
interactions:
- request:
    body: "{\\"stream\\":true}"
    headers:
      Host:
      - api.test
      X-A:
      - '1'
      - '2'
    method: POST
    uri: https://api.test/v1/chat/completions
  response:
    body:
      string: |+
        data: one

        : é

    headers:
      content-type:
      - text/event-stream
    status:
      code: 200
      message: OK
version: 1
"""
    )


def test_what_is_no_text_is_binary() -> None:
    """And a request without a body has none."""
    told = cassette(exchange(body=b"", method="GET", chunks=[b"\xff"]))
    assert "body: null" in told
    assert "string: !!binary |\n        /w==\n" in told


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_line_ends_that_yaml_would_change_are_escaped(end: str) -> None:
    """YAML takes more for a line end than an event stream does, and makes LF of it."""
    told = cassette(exchange(chunks=[f"data: one{end}data: two\n\n".encode()]))
    assert 'string: "data: one\\' in told


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML is an extra."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(UsageError) as caught:
        cassette(exchange())
    assert str(caught.value) == "--format vcrpy: to write YAML takes PyYAML; pip install 'streamsim[import]'"
