"""What is exported is played by the tool that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamsim.recording.exporters import export_recording
from streamsim.recording.exporters.told import upstream, url
from streamsim.shells.files import load
from tests.builders import exchange, recording
from tests.clients.running import PATIENCE_S

if TYPE_CHECKING:
    from pathlib import Path

vcr = pytest.importorskip("vcr", reason="vcrpy is not installed")
requests = pytest.importorskip("requests", reason="requests is not installed")


@pytest.mark.parametrize(
    "name", ["llama-chat", "llama-unicode", "llama-tool-call", "starlette-events", "mcp-tool-call"]
)
def test_vcrpy_plays_a_cassette(name: str, tmp_path: Path) -> None:
    """Every answer, byte for byte, with its status, and without asking any server."""
    told = load(name)
    (tmp_path / "cassette.yaml").write_bytes(export_recording(told, format="vcrpy").data)
    with vcr.use_cassette(str(tmp_path / "cassette.yaml"), record_mode="none"):
        for one in told.exchanges:
            assert one.response is not None
            where = url(one, upstream(told))
            answer = requests.request(one.request.method, where, data=one.request.data, timeout=PATIENCE_S)
            assert (answer.status_code, answer.content) == (one.response.status, one.body)


@pytest.mark.parametrize("body", [b"\xff\x00", "é\u2028\x85\r\n".encode(), b"", b"\n \n", b" a\n", b"---\n- x\n"])
def test_vcrpy_reads_any_bytes(body: bytes, tmp_path: Path) -> None:
    """Whatever YAML makes of other tools' text."""
    told = recording(exchange(chunks=[body], headers=(("content-type", "text/plain"),)))
    (tmp_path / "cassette.yaml").write_bytes(export_recording(told, format="vcrpy").data)
    with vcr.use_cassette(str(tmp_path / "cassette.yaml"), record_mode="none"):
        answer = requests.post("https://example.test/v1/chat/completions", timeout=PATIENCE_S)
    assert answer.content == body
