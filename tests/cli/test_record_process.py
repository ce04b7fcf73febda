"""``streamsim record`` in a process of its own: its first line, signals, a sudden death, a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from streamsim.shells.files import load
from tests.shells.upstreams import ASK, CHUNKED, GONE, PATIENCE_S, Upstream, chunk, read_exactly, read_rest, read_until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from streamsim.recording.model import Exchange
    from tests.shells.upstreams import Script

STREAMSIM = (sys.executable, "-m", "streamsim")
FIRST = chunk(b"data: one\n\n")


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


def only(path: Path) -> Exchange:
    (exchange,) = load(path).exchanges
    return exchange


@contextmanager
def running(*words: str | Path, **options: int) -> Generator[subprocess.Popen[bytes], None, None]:
    """Run ``streamsim record`` in a process of its own."""
    command = [*STREAMSIM, "record", *map(str, words)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    with subprocess.Popen(command, **streams) as process:  # type: ignore[call-overload]  # an int is a stream
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def proxying(url: str, *words: str | Path) -> Generator[tuple[subprocess.Popen[bytes], socket.socket], None, None]:
    """Run the proxy, and connect to where its first line says."""
    with running("--proxy", url, "--port", "0", *words) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(rb"streamsim record ready at http://127\.0\.0\.1:(\d+)\n", line)
        assert found, line
        with socket.create_connection(("127.0.0.1", int(found[1])), PATIENCE_S) as client:
            yield process, client


def test_the_proxy_is_ready_when_it_says_so(tmp_path: Path) -> None:
    """Through a pipe too; SIGINT and SIGTERM end it cleanly, and what is open is recorded as cancelled."""
    for number in (signal.SIGINT, signal.SIGTERM):
        path = tmp_path / f"{number}.jsonl"
        with (
            Upstream([ASK, CHUNKED + FIRST, GONE]) as upstream,
            proxying(upstream.url, "-o", path) as (process, client),
        ):
            client.sendall(b"GET / HTTP/1.1\r\nHost: us\r\n\r\n")
            read_until(client, FIRST)
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE_S)
            assert (process.returncode, out) == (0, b"")
            assert b"recorded 1 exchanges (1 cancelled), 1 events, 11 bytes, TTFT " in err
        exchange = only(path)
        assert exchange.end is not None
        assert (exchange.body, exchange.end.cause) == (b"data: one\n\n", "cancelled")


def test_a_proxy_that_nobody_used_leaves_no_file(tmp_path: Path) -> None:
    """An empty recording would only be in the way of the next."""
    path = tmp_path / "a.jsonl"
    with Upstream([ASK]) as upstream, proxying(upstream.url, "-o", path) as (process, client):
        assert path.exists()
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=PATIENCE_S) == (b"", b"streamsim: nothing was recorded\n")
        assert process.returncode == 0
        assert read_rest(client)[0] == b""
    assert not path.exists()


def test_a_request_that_is_interrupted_is_recorded_as_cancelled(tmp_path: Path) -> None:
    """SIGINT in the middle of a stream is a clean end."""
    path = tmp_path / "a.jsonl"
    came = threading.Event()

    def note(_: bytes) -> bytes:
        came.set()
        return b""

    with Upstream([ASK, note, GONE]) as upstream, running(upstream.url, "-o", path) as process:
        assert came.wait(PATIENCE_S)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, out) == (0, b"")
        assert b"recorded 1 exchanges (1 cancelled)" in err
        upstream.played()
    end = only(path).end
    assert end is not None
    assert end.cause == "cancelled"


def wait_for_chunks(path: Path, count: int) -> None:
    """Wait until the file tells of so many: that comes by itself."""
    deadline = time.monotonic() + PATIENCE_S
    while path.read_bytes().count(b'{"kind":"chunk"') < count:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("after", [0, 1, 5])
def test_a_killed_recorder_leaves_what_the_client_had(tmp_path: Path, after: int) -> None:
    """After ``kill -9`` the file loads; at most what came in the last moment is missing, and there is no end."""
    path = tmp_path / "a.jsonl"
    chunks = [chunk(b"data: %d\n\n" % number) for number in range(after)]
    more = threading.Event()
    script: Script = [ASK, CHUNKED, *chunks, more, FIRST, GONE]
    with Upstream(script) as upstream, proxying(upstream.url, "-o", path) as (process, client):
        client.sendall(b"GET / HTTP/1.1\r\nHost: us\r\n\r\n")
        read_exactly(client, len(CHUNKED + b"".join(chunks)))
        wait_for_chunks(path, after)
        more.set()
        read_exactly(client, len(FIRST))
        process.kill()
        process.wait(PATIENCE_S)
        assert process.returncode == -signal.SIGKILL
    exchange = only(path)
    assert exchange.end is None
    assert exchange.response is not None
    had = [b"data: %d\n\n" % number for number in range(after)]
    assert [line.data for line in exchange.chunks] in (had, [*had, b"data: one\n\n"])
    told = subprocess.run([*STREAMSIM, "inspect", str(path)], capture_output=True, check=True, timeout=PATIENCE_S)
    assert b"cut short" in told.stdout


def test_a_terminal_shows_live_counters(tmp_path: Path) -> None:
    """On standard error, as long as it runs; the ready line is where it always is."""
    near, far = pty.openpty()
    try:
        with running("--proxy", "http://h", "--port", "0", "-o", tmp_path / "a.jsonl", stderr=far) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(b"streamsim record ready at ")
            drawn = b""
            while b"exchanges" not in drawn or b"TTFT" not in drawn:
                assert select.select([near], [], [], PATIENCE_S)[0], drawn
                drawn += os.read(near, 4096)
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE_S) == 0
    finally:
        os.close(near)
        os.close(far)
