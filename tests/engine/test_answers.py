from __future__ import annotations

import json

from streamsim.engine.answers import error_answer, json_answer, preflight


def test_json_answer() -> None:
    """An answer of our own says its length, may be read by browsers, and keeps the connection."""
    script = json_answer(200, "OK", {"a": 1})
    head, body, _ = script.wires
    assert head.startswith(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
    assert b"content-length: %d\r\n" % len(body) in head
    assert b"access-control-allow-origin: *\r\n" in head
    assert json.loads(body) == {"a": 1}
    assert script.keeps_alive


def test_head_only_answer() -> None:
    """The answer to HEAD is the head of the answer to GET."""
    assert json_answer(200, "OK", [], head_only=True).wires[0] == json_answer(200, "OK", []).wires[0]
    assert b"".join(json_answer(200, "OK", [], head_only=True).wires[1:]) == b""


def test_error_answer() -> None:
    """An error is told in the form of the OpenAI API, and may close the connection."""
    script = error_answer(404, "Not Found", "no", close=True, nearest=[1])
    assert not script.keeps_alive
    assert b"connection: close\r\n" in script.wires[0]
    told = {"message": "no", "type": "streamsim_error", "code": 404, "nearest": [1]}
    assert json.loads(script.wires[1]) == {"error": told}
    assert len(b"".join(error_answer(404, "Not Found", "no", head_only=True).wires[1:])) == 0


def test_preflight_allows_what_is_asked() -> None:
    """A preflight is allowed the headers it asks for, or all."""
    head = b"".join(preflight("authorization, x-a").wires)
    assert head.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert b"access-control-allow-headers: authorization, x-a\r\n" in head
    assert b"access-control-allow-headers: *\r\n" in b"".join(preflight("").wires)
