"""The official OpenAI SDK for Node completes what the shipped recordings serve, and reports what they say."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from tests.clients.node import modules_with
from tests.clients.running import PATIENCE_S, command, serving
from tests.clients.said import Said, recorded, said

SCRIPT = Path(__file__).with_name("node_sdk.cjs")


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The folder that holds the SDK; without one the tests are skipped."""
    return modules_with("openai")


def _asked_by_node(modules: Path, url: str, api: str, name: str) -> Said:
    done = subprocess.run(
        ["node", str(SCRIPT), f"{url}/v1", api],  # noqa: S607 - whichever node the user has
        input=recorded(name).request.data,
        capture_output=True,
        check=False,
        env={**os.environ, "NODE_PATH": str(modules)},
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr.decode()
    return msgspec.json.decode(done.stdout, type=Said)


def test_the_served_command_answers_node(node_modules: Path) -> None:
    """A stream of `streamsim serve NAME` gives the SDK the recorded text and usage."""
    with command("serve", "llama-chat", "--port", "0", "--speed", "20") as url:
        assert _asked_by_node(node_modules, url, "chat", "llama-chat") == said(recorded("llama-chat"))


@pytest.mark.parametrize(
    ("api", "name"),
    [
        ("chat", "llama-tool-call"),
        ("chat", "llama-unicode"),
        ("chat", "llama-keep-alive"),
        ("completions", "llama-completions"),
        ("responses", "llama-responses"),
    ],
)
def test_node_reads_what_was_recorded(node_modules: Path, api: str, name: str) -> None:
    """Text, tool call and usage are those of the recording."""
    with serving(name) as url:
        assert _asked_by_node(node_modules, url, api, name) == said(recorded(name))
