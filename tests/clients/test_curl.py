"""``curl -N`` gets the recorded bytes, and says of a broken stream that it is broken."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from streamsim.shells.files import load, shipped
from tests.clients.running import PATIENCE_S, command, serving
from tests.clients.said import recorded

PARTIAL_FILE = 18  # curl's exit code for a transfer that ended too early

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on the PATH")

COMPLETE = [
    (name, exchange.number)
    for name in shipped()
    for exchange in load(name).exchanges
    if exchange.end is not None and exchange.end.cause == "complete"
]


def _curl(url: str, name: str, number: int = 1) -> tuple[int, bytes]:
    """Ask as recorded; return curl's exit code and what it wrote."""
    request = recorded(name, number).request
    body = ("-H", "Content-Type: application/json", "--data-binary", "@-") if request.data else ()
    done = subprocess.run(
        ["curl", "-sN", "-X", request.method, *body, url + request.target],  # noqa: S607 - whichever curl the user has
        input=request.data,
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )
    return done.returncode, done.stdout


def test_the_served_command_answers_curl() -> None:
    """What `streamsim serve NAME` streams arrives byte for byte."""
    with command("serve", "llama-chat", "--port", "0", "--speed", "20") as url:
        assert _curl(url, "llama-chat") == (0, recorded("llama-chat").body)


@pytest.mark.parametrize(("name", "number"), COMPLETE, ids=[f"{name}-{number}" for name, number in COMPLETE])
def test_curl_gets_every_byte(name: str, number: int) -> None:
    """The body of every complete exchange arrives byte for byte."""
    with serving(name) as url:
        assert _curl(url, name, number) == (0, recorded(name, number).body)


def test_curl_sees_the_break() -> None:
    """Of a stream that broke off curl gets what there was, and reports a partial file."""
    with serving("starlette-broken") as url:
        assert _curl(url, "starlette-broken") == (PARTIAL_FILE, recorded("starlette-broken").body)
