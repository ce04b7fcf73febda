"""Start: how long a test waits for a server, and what importing us costs those who do not use us yet.

Wall time from the process's start: until the first byte of an answer of ``streamsim serve``; until ``import streamsim``
and ``streamsim --version`` are over. Beside them, what Python takes by itself, and a bare asyncio server.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.inputs import TARGET, chat_events, recording_file
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.processes import ready_port, running
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.measure import Contestant, Sample

# One run is short, and a busy machine makes it long: three for each round asked for.
MORE = 3

METRICS = (Metric(name="wall time", unit="ms"),)

_REQUEST = f"POST {TARGET} HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{{}}".encode()
_PYTHON = "python -c pass"


def run(bench: Bench) -> Iterator[Row]:
    """Measure a server's start, an import and a command."""
    frames = chat_events(100)
    file = recording_file(bench.folder / "start.jsonl", frames)
    events = bench.folder / "start.txt"
    events.write_bytes(b"".join(frames))
    nothing: Contestant = partial(_over, sys.executable, "-c", "pass")
    cases: dict[str, dict[str, Contestant]] = {
        "serve, until the first byte": {
            OURS: partial(_first_byte, *_streamsim(), "serve", str(file), "--port", "0"),
            "bare asyncio server": partial(_first_byte, sys.executable, "-m", "benchmarks.peers.naive", events, "20"),
            _PYTHON: nothing,
        },
        "import streamsim": {OURS: partial(_over, sys.executable, "-c", "import streamsim"), _PYTHON: nothing},
        "streamsim --version": {OURS: partial(_over, *_streamsim(), "--version"), _PYTHON: nothing},
    }
    for case, contestants in cases.items():
        yield from rows(case, METRICS, interleaved(bench.rounds * MORE, contestants))


def _streamsim() -> list[str]:
    """Return the command as users have it, or as a module where it is not installed."""
    script = Path(sys.executable).with_name("streamsim")
    return [str(script)] if script.exists() else [sys.executable, "-m", "streamsim"]


def _over(*command: str) -> Sample:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return {"wall time": (time.perf_counter() - start) * 1e3}


def _first_byte(*command: str | Path) -> Sample:
    start = time.perf_counter()
    with running(command) as process:
        port = ready_port(process)
        if port is None:
            raise RuntimeError(f"{command!r} did not start")
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
            sock.sendall(_REQUEST)
            sock.recv(1)
            return {"wall time": (time.perf_counter() - start) * 1e3}
