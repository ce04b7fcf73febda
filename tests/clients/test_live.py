"""The official SDKs through ``streamsim record --proxy``, in front of a real llama.cpp server.

The server and its tiny random model come from the scripts in STREAMSIM_SERVERS (else ``shared/servers`` beside the
checkout), run by STREAMSIM_LLAMA_PYTHON (else by this Python), which needs xllamacpp, gguf and numpy.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anthropic
import httpx
import openai
import pytest

from streamsim.shells.files import load
from tests.clients.gate import gate
from tests.clients.running import PATIENCE_S, command
from tests.clients.said import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamsim.recording.model import Exchange

pytestmark = pytest.mark.live

SERVERS = Path(os.environ.get("STREAMSIM_SERVERS") or Path(__file__).parents[2].parent / "shared" / "servers")
PYTHON = os.environ.get("STREAMSIM_LLAMA_PYTHON") or sys.executable
KEY = "sk-example-0123456789abcdef"
QUESTION: dict[str, Any] = {
    "model": "tiny",
    "messages": [{"role": "user", "content": "Tell me about the sea."}],
    "max_tokens": 40,
}


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a llama.cpp server with a random model."""
    if not (SERVERS / "llama_server.py").is_file():
        pytest.skip(f"no llama_server.py in {SERVERS}: set STREAMSIM_SERVERS to the folder of the server scripts")
    probe = subprocess.run([PYTHON, "-c", "import xllamacpp, gguf, numpy"], check=False, capture_output=True)
    if probe.returncode:
        pytest.skip(f"{PYTHON} lacks xllamacpp, gguf or numpy: set STREAMSIM_LLAMA_PYTHON to one that has them")
    folder = tmp_path_factory.mktemp("llama")
    subprocess.run([PYTHON, SERVERS / "mk_tiny_gguf.py", "tiny.gguf"], check=True, cwd=folder, timeout=PATIENCE_S)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [PYTHON, SERVERS / "llama_server.py", "tiny.gguf", str(port)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    watchdog = threading.Timer(PATIENCE_S, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        while process.stdout.readline()[:6] not in (b"LISTEN", b""):
            pass
        watchdog.cancel()
        url = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{url}/health").status_code == 200, (folder / "server.log").read_text()
        yield url
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def _recorded(file: Path) -> Exchange:
    """Return the one exchange of ``file``, which is complete and keeps no key."""
    assert KEY.encode() not in file.read_bytes()
    (exchange,) = load(file).exchanges
    assert exchange.end is not None
    assert exchange.end.cause == "complete"
    return exchange


def test_openai_sees_the_first_event_before_the_upstream_finished(llama: str, tmp_path: Path) -> None:
    """The client holds the first event while the rest is still to come, and at last has all that was recorded."""
    file = tmp_path / "chat.jsonl"
    with (
        gate(llama) as rest,
        command("record", "--proxy", rest.url, "-o", str(file), "--port", "0") as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0, timeout=PATIENCE_S) as client,
        client.chat.completions.create(**QUESTION, stream=True) as stream,
    ):
        first = next(stream)
        assert b'"kind":"end"' not in file.read_bytes()
        rest.open()
        chunks = [first, *stream]
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == said(_recorded(file)).content


def test_anthropic_sees_the_first_event_before_the_upstream_finished(llama: str, tmp_path: Path) -> None:
    """The client holds the first event while the rest is still to come, and at last has all that was recorded."""
    file = tmp_path / "messages.jsonl"
    with (
        gate(llama) as rest,
        command("record", "--proxy", rest.url, "-o", str(file), "--port", "0") as url,
        anthropic.Anthropic(base_url=url, api_key=KEY, max_retries=0, timeout=PATIENCE_S) as client,
        client.messages.stream(**QUESTION) as stream,
    ):
        assert next(stream).type == "message_start"
        assert b'"kind":"end"' not in file.read_bytes()
        rest.open()
        text = stream.get_final_text()
    assert text == said(_recorded(file)).content


def test_async_openai(llama: str, tmp_path: Path) -> None:
    """The async client completes through the proxy with the text that was recorded."""
    file = tmp_path / "chat.jsonl"

    async def main(url: str) -> str:
        async with (
            openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0, timeout=PATIENCE_S) as client,
            await client.chat.completions.create(**QUESTION, stream=True) as stream,
        ):
            return "".join([choice.delta.content or "" async for chunk in stream for choice in chunk.choices])

    with command("record", "--proxy", llama, "-o", str(file), "--port", "0") as url:
        text = asyncio.run(main(url))
    assert text == said(_recorded(file)).content


def test_async_anthropic(llama: str, tmp_path: Path) -> None:
    """The async client completes through the proxy with the text that was recorded."""
    file = tmp_path / "messages.jsonl"

    async def main(url: str) -> str:
        async with (
            anthropic.AsyncAnthropic(base_url=url, api_key=KEY, max_retries=0, timeout=PATIENCE_S) as client,
            client.messages.stream(**QUESTION) as stream,
        ):
            return await stream.get_final_text()

    with command("record", "--proxy", llama, "-o", str(file), "--port", "0") as url:
        text = asyncio.run(main(url))
    assert text == said(_recorded(file)).content
