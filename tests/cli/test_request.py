"""Options that curl's users know become the request that curl would send."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from streamsim.cli.request import build_request
from streamsim.errors import UsageError
from streamsim.shells.recorder import Upstream
from streamsim.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from streamsim.engine.requests import Request

URL = "http://api.test:8080/v1/chat?a=1"
AGENT = f"streamsim/{__version__}"


def build(
    *headers: str, url: str = URL, method: str | None = None, data: str | None = None, json: str | None = None
) -> Request:
    return build_request(url, Upstream(url, with_path=False), method, data, json, headers)


def told(request: Request) -> list[tuple[str, str]]:
    assert request.fields == {name.lower(): value for name, value in request.headers}
    return [(name.decode(), value.decode()) for name, value in request.headers]


def test_a_url_alone_is_got() -> None:
    """With the headers that every client sends."""
    request = build()
    assert (request.method, request.target, request.body) == ("GET", "/v1/chat?a=1", b"")
    assert told(request) == [("Host", "api.test:8080"), ("Accept", "*/*"), ("User-Agent", AGENT)]


def test_data_is_posted_as_a_form() -> None:
    """As curl does, whatever it looks like."""
    request = build(data='{"a": "é"}')
    assert (request.method, request.body) == ("POST", '{"a": "é"}'.encode())
    assert told(request)[1:] == [
        ("Accept", "*/*"),
        ("User-Agent", AGENT),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", "11"),
    ]


def test_json_is_posted_and_asked_for_as_json() -> None:
    """As curl does with its option of that name."""
    assert told(build(json="{}"))[1:] == [
        ("Accept", "application/json"),
        ("User-Agent", AGENT),
        ("Content-Type", "application/json"),
        ("Content-Length", "2"),
    ]


def test_an_empty_body_is_a_body() -> None:
    """It is posted, with its length."""
    request = build(data="")
    assert (request.method, request.body) == ("POST", b"")
    assert request.fields[b"content-length"] == b"0"


def test_a_body_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte; ``@-`` is what comes in."""
    path = tmp_path / "body"
    path.write_bytes(b"a\n\xff\r\n")
    assert build(data=f"@{path}").body == build(json=f"@{path}").body == b"a\n\xff\r\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"from\n\xff")))
    assert build(json="@-").body == b"from\n\xff"


def test_bytes_of_the_command_line_pass() -> None:
    """A shell may give what is no UTF-8; Python marks such bytes."""
    request = build(url=f"{URL}&b=\udcff", data="\udcff")
    assert (request.target, request.body) == ("/v1/chat?a=1&b=%FF", b"\xff")


def test_headers_replace_and_repeat() -> None:
    """One of ours is replaced, our own may repeat, an empty one is removed."""
    request = build("accept: text/event-stream", "X-A:1", "X-A:  2 ", "User-Agent:", "host: other", data="x")
    assert told(request) == [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", "1"),
        ("accept", "text/event-stream"),
        ("X-A", "1"),
        ("X-A", "2"),
        ("host", "other"),
    ]


def test_a_method_may_be_given() -> None:
    """In lower case too."""
    assert build(method="put", data="x").method == "PUT"
    assert build(method="DELETE").method == "DELETE"


def test_a_user_in_the_url_logs_in() -> None:
    """With Basic credentials, unless a header says otherwise; the target and Host do not tell them."""
    url = "http://me:p%40ss@api.test"
    request = build(url=url)
    assert request.target == "/"
    assert told(request)[:2] == [("Host", "api.test"), ("Authorization", "Basic bWU6cEBzcw==")]
    assert build("Authorization: Bearer x", url=url).fields[b"authorization"] == b"Bearer x"


def test_what_cannot_stand_in_a_request_line_is_encoded() -> None:
    """And what is encoded already is not encoded again; a fragment is for the client alone."""
    assert build(url="http://h/a b/é%20c?q=a b&r='x'#top").target == "/a%20b/%C3%A9%20c?q=a%20b&r='x'"


@pytest.mark.parametrize(
    "header", ["X-A", "X-A 1", ": 1", "X A: 1", "X-A : 1", "X-A: é", "Ü: 1", "X-A: 1\r\nX-B: 2", "X-A: \0", ""]
)
def test_what_is_no_header_is_refused(header: str) -> None:
    """It would make another request of it, or none."""
    with pytest.raises(UsageError) as caught:
        build(header)
    assert str(caught.value) == f"-H: {header!r} is not a header; write it like 'Name: value'"


@pytest.mark.parametrize("method", ["", "GE T", "GET\r\n", "É"])
def test_what_is_no_method_is_refused(method: str) -> None:
    """Likewise."""
    with pytest.raises(UsageError) as caught:
        build(method=method)
    assert str(caught.value) == f"-X: {method!r} is not a method; write it like POST"


def test_a_body_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """With the option that names it."""
    for option in ("-d", "--json"):
        body = f"@{tmp_path}"
        with pytest.raises(UsageError) as caught:
            build(data=body) if option == "-d" else build(json=body)
        assert str(caught.value) == f"{option}: {str(tmp_path)!r} cannot be read: Is a directory; check the file"


def test_one_body_is_enough() -> None:
    """Which of two is meant cannot be told."""
    with pytest.raises(UsageError) as caught:
        build(data="a", json="b")
    assert str(caught.value) == "--json: there is already a body from -d; give one of the two"
