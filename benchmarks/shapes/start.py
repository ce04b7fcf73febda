"""Start: how long a test waits for a server, and what importing us costs those who do not use us yet.

Wall time from the process's start: until the first byte of an answer; until ``import streamsim`` and ``streamsim
--version`` are over. Beside them, what Python takes by itself. Each peer is started as its documentation says, from its
installed command.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from benchmarks.bench import AbsentError
from benchmarks.goals import Goal
from benchmarks.inputs import REQUEST
from benchmarks.measure import OURS, interleaved, rows
from benchmarks.peers import aimock, llmock, naive, native, node_http, ours, starlette, stubllm
from benchmarks.peers.answering import Answer
from benchmarks.processes import running, wait_until_listening
from benchmarks.rows import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.contest import Peer
    from benchmarks.measure import Contestant, Sample
    from benchmarks.processes import Command

# One run is short, and a busy machine makes it long: three for each round asked for.
MORE = 3
PATIENCE_S = 30.0
ANSWER = Answer(events=100, gap_ms=0)
FIRST_BYTE = "serve, until the first byte"
PEERS = (ours, native, naive, node_http, aimock, starlette, stubllm, llmock)

WALL = "wall time"
METRICS = (Metric(name=WALL, unit="ms"),)

GOALS = (
    Goal(
        says="start until the first byte against aimock",
        cases=(FIRST_BYTE,),
        metric=WALL,
        peers=(aimock.NAME,),
        most=1,
        limit=(
            "imports: asyncio, click, msgspec and httptools take two thirds. Dialects and faults are loaded when a "
            "stream or an option asks for them, and what only errors need when there is one."
        ),
    ),
)

_PYTHON = "python -c pass"


def run(bench: Bench) -> Iterator[Row]:
    """Measure a server's start, an import and a command."""
    nothing: Contestant = partial(_over, sys.executable, "-c", "pass")
    contestants: dict[str, Contestant] = {_PYTHON: nothing}
    for peer in PEERS:
        try:
            contestants[peer.NAME] = partial(_first_byte, _as_installed(peer, bench))
        except AbsentError as error:
            yield Row(case=FIRST_BYTE, peer=peer.NAME, skipped=str(error))
    yield from rows(FIRST_BYTE, METRICS, interleaved(bench.rounds * MORE, contestants))
    for case, command in (
        ("import streamsim", (sys.executable, "-c", "import streamsim")),
        ("streamsim --version", (*_streamsim(), "--version")),
    ):
        taken = interleaved(bench.rounds * MORE, {OURS: partial(_over, *command), _PYTHON: nothing})
        yield from rows(case, METRICS, taken)


def _as_installed(peer: Peer, bench: Bench) -> Command:
    command = peer.command(bench, ANSWER)
    if peer.NAME != OURS:
        return command
    _, _, _, *arguments = command.words  # python -m streamsim
    return msgspec.structs.replace(command, words=(*_streamsim(), *arguments))


def _streamsim() -> tuple[str, ...]:
    """Return the command as users have it, or as a module where it is not installed."""
    script = Path(sys.executable).with_name("streamsim")
    return (str(script),) if script.exists() else (sys.executable, "-m", "streamsim")


def _over(*command: str) -> Sample:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return {WALL: (time.perf_counter() - start) * 1e3}


def _first_byte(command: Command) -> Sample:
    start = time.perf_counter()
    with running(command.words, environment=command.environment) as process:
        wait_until_listening(process, command.port)
        with socket.create_connection(("127.0.0.1", command.port), timeout=PATIENCE_S) as sock:
            sock.sendall(REQUEST)
            sock.recv(1)
            return {WALL: (time.perf_counter() - start) * 1e3}
