"""The same by the commands that a user types: what is served and recorded through the proxy is the same file again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from streamsim.shells.files import load
from tests.clients.running import command
from tests.fidelity.replays import told
from tests.fidelity.wire import ask

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["llama-chat", "llama-errors", "llama-client-left", "starlette-broken", "mcp-session"])
def test_serve_and_record_give_the_recording_again(name: str, tmp_path: Path) -> None:
    """`record --proxy` in front of `serve NAME` writes a file with the exchanges of NAME, times aside."""
    file = tmp_path / "again.jsonl"
    recording = load(name)
    with (
        command("serve", name, "--port", "0", "--pacing", "instant", "--no-headers") as served,
        command("record", "--proxy", served, "-o", str(file), "--port", "0") as url,
    ):
        for exchange in recording.exchanges:
            asyncio.run(ask(int(url.rpartition(":")[2]), exchange))
    assert [told(one) for one in load(file).exchanges] == [told(one) for one in recording.exchanges]
