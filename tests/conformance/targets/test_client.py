"""Clients that are given a URL: our server is the stimulus."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from streamsim.conformance.reading import Reading, Seen
from streamsim.conformance.targets import Spec, opened
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

CLIENT = """
import http.client, json, sys, urllib.parse
url = urllib.parse.urlsplit(sys.argv[1])
connection = http.client.HTTPConnection(url.netloc)
connection.request("GET", url.path)
body = connection.getresponse().read().decode()
"""


def client(tmp_path: Path, then: str) -> str:
    path = tmp_path / "client.py"
    path.write_text(CLIENT + then)
    return f"{sys.executable} {path} {{url}}"


def test_a_client_reads_what_is_served(tmp_path: Path) -> None:
    """Each stream is served once, and the events it prints are those it got; empty chunks are left out."""
    command = client(tmp_path, "print(json.dumps({'data': body}))\n")
    with opened(Spec("client", command, 20.0)) as target:
        assert target.read([b"data: a\n", b"", b"\n"]) == Reading((Seen("data: a\n\n"),))
        assert target.read([b"data: b\n\n"]) == Reading((Seen("data: b\n\n"),))


def test_a_client_that_fails_has_crashed(tmp_path: Path) -> None:
    """Events that came before count."""
    command = client(tmp_path, "print(json.dumps({'data': 'a'}), flush=True)\nraise KeyError(body[:4])\n")
    with opened(Spec("client", command, 20.0)) as target:
        reading = target.read([b"data: a\n\n"])
    assert reading.error == "Crash: the process ended, exit code 1: KeyError: 'data'"


def test_a_client_that_does_not_end_hangs(tmp_path: Path) -> None:
    """It is ended."""
    command = client(tmp_path, "while True: pass\n")
    with opened(Spec("client", command, 0.5)) as target:
        assert target.read([b"data: a\n\n"]).hung


def test_a_client_that_prints_something_else_is_the_users_to_mend(tmp_path: Path) -> None:
    """It is no finding."""
    command = client(tmp_path, "print('hello')\n")
    with opened(Spec("client", command, 20.0)) as target, pytest.raises(UsageError, match="it printed b'hello'"):
        target.read([b"data: a\n\n"])
