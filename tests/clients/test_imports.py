"""What real tools record of our own server is imported as it was served."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from streamsim.recording.importers import import_recording
from streamsim.recording.model import Exchange, Header
from tests.clients.running import PATIENCE_S, command, serving
from tests.clients.said import recorded

if TYPE_CHECKING:
    from pathlib import Path

curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on the PATH")
ANSWERED = ["llama-chat", "llama-messages", "llama-tool-call", "llama-unicode", "starlette-events"]


def _curl(url: str, name: str, *options: str) -> bytes:
    request = recorded(name).request
    body = ("-H", "Content-Type: application/json", "--data-binary", "@-") if request.data else ()
    done = subprocess.run(
        ["curl", "-sN", *options, "-X", request.method, *body, url + request.target],  # noqa: S607 - whichever there is
        input=request.data,
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )
    return done.stdout


def imported(data: bytes) -> tuple[Exchange, tuple[str, ...]]:
    """Return the one exchange, and what its file did not tell."""
    recording = import_recording(data, source="file").recording
    (exchange,) = recording.exchanges
    assert isinstance(recording.header, Header)
    return exchange, recording.header.lacks


@curl
@pytest.mark.parametrize("name", ANSWERED)
def test_a_trace_of_curl_is_what_was_served(name: str, tmp_path: Path) -> None:
    """Bytes and chunks in their order; the request as it was sent."""
    with serving(name) as url:
        _curl(url, name, "--trace", str(tmp_path / "trace"), "--trace-time")
    served = recorded(name)
    exchange, lacks = imported((tmp_path / "trace").read_bytes())
    assert lacks == ()
    assert [chunk.data for chunk in exchange.chunks] == [chunk.data for chunk in served.chunks]
    assert (exchange.request.target, exchange.request.data) == (served.request.target, served.request.data)
    assert exchange.response is not None
    assert exchange.response.framing == "chunked"
    assert exchange.end is not None
    assert exchange.end.cause == "complete"


@curl
def test_a_trace_of_curl_tells_when(tmp_path: Path) -> None:
    """No chunk comes before its time."""
    with command("serve", "starlette-plain", "--port", "0", "--ttft", "60ms", "--itl", "20ms") as url:
        _curl(url, "starlette-plain", "--trace", str(tmp_path / "trace"), "--trace-time")
    exchange, _ = imported((tmp_path / "trace").read_bytes())
    assert exchange.response is not None
    whole_us = exchange.response.dt_us + sum(chunk.dt_us for chunk in exchange.chunks)
    content = len(recorded("starlette-plain").chunks) - 1
    assert whole_us >= 60_000 + (content - 2) * 20_000


@curl
def test_a_trace_of_a_stream_that_broke_tells_that_it_did(tmp_path: Path) -> None:
    """What came is kept; it did not end as it should have."""
    with serving("starlette-broken") as url:
        _curl(url, "starlette-broken", "--trace", str(tmp_path / "trace"))
    exchange, lacks = imported((tmp_path / "trace").read_bytes())
    assert lacks == ("times",)
    assert exchange.body == recorded("starlette-broken").body
    assert exchange.end is not None
    assert exchange.end.cause == "fin"


@curl
@pytest.mark.parametrize("name", ANSWERED)
def test_what_curl_prints_is_imported(name: str) -> None:
    """Alone or after its head: the same bytes, at the endpoint that they show."""
    with serving(name) as url:
        alone, lacks = imported(_curl(url, name))
        after, fewer = imported(_curl(url, name, "-i"))
    assert alone.body == after.body == recorded(name).body
    assert (lacks, fewer) == (("boundaries", "times", "request", "head"), ("boundaries", "times", "request"))
    if name.startswith("llama"):
        assert alone.request.target == recorded(name).request.target


@pytest.mark.parametrize("name", ["llama-chat", "llama-unicode"])
@pytest.mark.parametrize("serializer", ["yaml", "json"])
def test_a_cassette_of_vcrpy_is_what_was_served(name: str, serializer: str, tmp_path: Path) -> None:
    """As it writes it itself, in both of its forms."""
    vcr = pytest.importorskip("vcr", reason="vcrpy is not installed")
    requests = pytest.importorskip("requests", reason="requests is not installed")
    served = recorded(name)
    with serving(name) as url, vcr.use_cassette(str(tmp_path / "cassette"), serializer=serializer):
        requests.post(url + served.request.target, data=served.request.data, timeout=PATIENCE_S)
    exchange, lacks = imported((tmp_path / "cassette").read_bytes())
    assert lacks == ("boundaries", "times")
    assert (exchange.body, exchange.request.data) == (served.body, served.request.data)
