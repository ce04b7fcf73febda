"""Servers in processes of their own: each a context that gives who listens where."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from benchmarks.bench import Bench

PATIENCE_S = 10.0
_READY = re.compile(rb"ready at http://127\.0\.0\.1:(\d+)")


class Server(NamedTuple):
    """A process that listens."""

    pid: int
    port: int


def serve(bench: Bench, *arguments: str) -> AbstractContextManager[Server]:
    """Run ``streamsim serve`` on a free port."""
    return python_server(bench, "streamsim", "serve", *arguments, "--port", "0")


@contextmanager
def python_server(bench: Bench, *command: str) -> Iterator[Server]:
    """Run ``python -m command…``, whose first line says ``ready at http://127.0.0.1:PORT``."""
    complaints = bench.folder / "stderr.txt"
    with complaints.open("wb") as errors, running([sys.executable, "-m", *command], errors=errors) as process:
        port = ready_port(process)
        if port is None:
            raise RuntimeError(f"{' '.join(command)} did not start: {complaints.read_text()[-500:]}")
        yield Server(process.pid, port)


def ready_port(process: subprocess.Popen[bytes]) -> int | None:
    """Return the port that the first line of ``process`` names, once it is there."""
    assert process.stdout is not None
    ready = _READY.search(process.stdout.readline())
    return None if ready is None else int(ready[1])


@contextmanager
def c_server(bench: Bench, frames: Sequence[bytes], *, gap_ms: int = 20) -> Iterator[Server]:
    """Run the epoll server in C: the least that answering with ``frames`` costs on this machine.

    Paths: ``/burst`` at once, one write a chunk; ``/coal`` at once, one write; ``/stamp`` paced, each chunk holding the
    time of its sending; any other: paced.

    Raises:
        AbsentError: It cannot be built here.

    """
    program = bench.program("csrv")
    (bench.folder / "events100.txt").write_bytes(b"".join(frames))
    port = free_port()
    with running([program, str(port), str(gap_ms), "0"], folder=bench.folder) as process:
        wait_until_listening(process, port)
        yield Server(process.pid, port)


@contextmanager
def running(
    command: Sequence[str | Path], *, folder: Path | None = None, errors: IO[bytes] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``command`` and end it."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors or subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    """Return once ``port`` takes connections."""
    pause_s = 0.002
    for _ in range(round(PATIENCE_S / pause_s)):
        try:
            socket.create_connection(("127.0.0.1", port), PATIENCE_S).close()
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                raise RuntimeError(f"{process.args!r} ended with {process.wait(pause_s)}") from None
        else:
            return
    raise RuntimeError(f"{process.args!r} does not listen")
