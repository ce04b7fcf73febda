"""Servers in processes of their own: each a context that gives who listens where."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from benchmarks.bench import ROOT
from benchmarks.inputs import TARGET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from benchmarks.bench import Bench

# Interpreters that load much before they listen, on a busy machine.
PATIENCE_S = 120.0
ENDING_S = 10.0
_READY = re.compile(rb"ready at http://127\.0\.0\.1:(\d+)")


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A process that listens.

    Attributes:
        pid: Of the process; it may have others below it.
        port: Where on loopback it listens.
        target: What it answers to with the stream.
        first_ms: When its first event is due, by its own rules, after the request.

    """

    pid: int
    port: int
    target: str = TARGET
    first_ms: float = 0.0

    def pids(self) -> list[int]:
        """Return the process and all below it."""
        return family(self.pid)


def family(pid: int) -> list[int]:
    """Return ``pid`` and all processes below it, on Linux; elsewhere ``pid`` alone."""
    found = [pid]
    for told in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it may end meanwhile
            for child in told.read_text().split():
                found += family(int(child))
    return found


def serve(bench: Bench, *arguments: str) -> AbstractContextManager[Server]:
    """Run ``streamsim serve`` on a free port."""
    return python_server(bench, "streamsim", "serve", *arguments, "--port", "0")


@contextmanager
def python_server(bench: Bench, *command: str) -> Iterator[Server]:
    """Run ``python -m command…``, whose first line says ``ready at http://127.0.0.1:PORT``."""
    with _complaints(bench) as errors, running([sys.executable, "-m", *command], errors=errors) as process:
        port = ready_port(process)
        if port is None:
            raise RuntimeError(f"{' '.join(command)} did not start: {_last_words(errors)}")
        yield Server(pid=process.pid, port=port)


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A server to start.

    Attributes:
        words: The program and its arguments.
        port: What it is told to listen on.
        environment: What it is told besides.
        first_ms: When its first event is due, by its own rules, after the request.

    """

    words: tuple[str | Path, ...]
    port: int
    environment: dict[str, str] = {}
    first_ms: float = 0.0


@contextmanager
def listening(bench: Bench, command: Command) -> Iterator[Server]:
    """Run a server until it is no longer needed."""
    with (
        _complaints(bench) as told,
        running(command.words, output=told, errors=told, environment=command.environment) as process,
    ):
        try:
            wait_until_listening(process, command.port)
        except RuntimeError as error:
            raise RuntimeError(f"{error}: {_last_words(told)}") from None
        yield Server(pid=process.pid, port=command.port, first_ms=command.first_ms)


@contextmanager
def _complaints(bench: Bench) -> Iterator[IO[bytes]]:
    nth = len(list(bench.folder.glob("stderr-*.txt")))
    with (bench.folder / f"stderr-{nth}.txt").open("w+b") as file:
        yield file


def _last_words(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read().decode(errors="replace")[-500:]


def ready_port(process: subprocess.Popen[bytes]) -> int | None:
    """Return the port that the first line of ``process`` names, once it is there."""
    assert process.stdout is not None
    ready = _READY.search(process.stdout.readline())
    return None if ready is None else int(ready[1])


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    output: IO[bytes] | None = None,
    errors: IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``command``, and end it and all that it started. Its output is for who calls, or goes to ``output``."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=output or subprocess.PIPE,
        stderr=errors or subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process, signal.SIGTERM)
        try:
            process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            _end(process, signal.SIGKILL)
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, how)


def allow_files() -> None:
    """Let this process and those it starts have as many open sockets as the system grants."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS says it grants all, and does not
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    """Return once ``port`` takes connections.

    Raises:
        RuntimeError: The process ended, or took too long.

    """
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
