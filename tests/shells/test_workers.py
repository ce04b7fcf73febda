"""Workers as processes: each test runs a small program that forks, as a program that serves does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from streamsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux spreads connections among processes")

# Workers say who they are, and do one more thing: what the test wants.
PROGRAM = r"""
import asyncio, os
from streamsim.errors import UsageError
from streamsim.shells.workers import Workers, shared_cells

cells = shared_cells(2)  # one each, for adding is a look and a write

def say(told):
    os.write(1, f"{{told}}\n".encode())

async def work(number, up):
    {before}
    up(f"worker {{number}}")
    say(f"up {{number}} {{os.getpid()}}")
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        {after}
        say(f"down {{number}}")

try:
    Workers(2, work, report=say).run(lambda url: say(f"ready: {{url}}"))
except UsageError as error:
    say(error)
say(f"over {{sum(cells)}}")
"""


class Program:
    """The running program."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def lines(self, count: int) -> list[str]:
        """Return the next lines, in alphabetical order, as those of several processes have no other."""
        assert self.process.stdout is not None
        return sorted(self.process.stdout.readline().rstrip("\n") for _ in range(count))

    def pids(self) -> list[int]:
        """Return the processes of both workers, once both serve."""
        first, second, ready = sorted(self.lines(3), key=lambda line: (line.startswith("ready"), line))
        assert ready == "ready: worker 1"
        return [int(line.split()[2]) for line in (first, second)]

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, list[str]]:
        """Signal it; return exit code and what else it says."""
        self.process.send_signal(number)
        return self.rest()

    def rest(self) -> tuple[int, list[str]]:
        out, _ = self.process.communicate(timeout=20)
        return self.process.returncode, sorted(out.splitlines())


@contextmanager
def program(*, before: str = "pass", after: str = "pass") -> Generator[Program]:
    code = PROGRAM.format(before=before, after=after)
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield Program(process)
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all(number: signal.Signals) -> None:
    """The parent passes either signal on, waits for all, and that is a clean end; memory was shared."""
    with program(after="cells[number - 1] = number") as running:
        running.pids()
        assert running.end(number) == (0, ["down 1", "down 2", "over 3"])


def test_a_signal_to_all_of_them_counts_once() -> None:
    """What a terminal or a service manager sends to the whole group, and the parent passes on, is one signal."""
    with program(after="await asyncio.sleep(0.2); cells[number - 1] = number") as running:
        running.pids()
        os.killpg(running.process.pid, signal.SIGINT)
        assert running.rest() == (0, ["down 1", "down 2", "over 3"])


def test_a_second_signal_ends_what_takes_its_time() -> None:
    """Workers that still finish what they were doing are cut short by a second signal."""
    with program(after="say('ending'); await asyncio.sleep(1000); cells[number - 1] = 1") as running:
        running.pids()
        running.process.send_signal(signal.SIGTERM)
        assert running.lines(2) == ["ending", "ending"]
        assert running.end() == (0, ["over 0"])


def test_a_worker_that_dies_is_told_of_and_replaced() -> None:
    """Another process takes its number, and the parent goes on looking after all."""
    with program() as running:
        first, second = running.pids()
        for victim, number in ((first, 1), (second, 2)):
            os.kill(victim, signal.SIGKILL)
            up, told = running.lines(2)
            assert told == f"worker {number} (process {victim}) was ended by SIGKILL; another takes its place"
            assert up.startswith(f"up {number} ")
        assert running.end() == (0, ["down 1", "down 2", "over 0"])


def test_a_worker_that_never_served_ends_all() -> None:
    """What fails at the start would fail again: the others end, and the error says which it was."""
    with program(before="if number == 2: raise UsageError('here', 'it is broken', 'mend it')") as running:
        code, told = running.rest()
    problem = "worker 2 ended before it served (ended with code 1); what it said stands above; look there"
    assert code == 0
    assert [line for line in told if not line.startswith("up ")] == [
        f"--workers: {problem}", "down 1", "here: it is broken; mend it", "over 0",
    ]  # fmt: skip


def test_a_worker_that_fails_shows_where() -> None:
    """An error of the program is shown whole, and so is that of a worker that ends badly."""
    with program(after="if number == 1: raise LookupError('lost')") as running:
        running.pids()
        code, told = running.end()
    assert code == 0
    assert "LookupError: lost" in told
    assert any(line.startswith("worker 1 (process ") and line.endswith("ended with code 1") for line in told)


def test_workers_end_with_their_parent() -> None:
    """When the parent is killed outright, workers notice and end well; their output ends when all have."""
    with program() as running:
        running.pids()
        running.process.kill()
        assert running.rest() == (-9, ["down 1", "down 2"])


def test_an_address_is_reserved_alone() -> None:
    """Who has a port already keeps it, and nobody else gets one that is reserved; workers may share it."""
    from streamsim.shells.workers import reserved  # noqa: PLC0415 - there is none of it elsewhere

    with reserved("localhost", 0) as port:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.bind(("127.0.0.1", port))
        with socket.socket() as sock, pytest.raises(OSError, match="Address already in use"):
            sock.bind(("127.0.0.1", port))
        with pytest.raises(UsageError, match=f"127.0.0.1:{port}: cannot listen there: Address already in use; choose"):
            reserved("127.0.0.1", port).__enter__()
    with pytest.raises(UsageError, match=r"256\.0\.0\.1:0: cannot listen there: "):
        reserved("256.0.0.1", 0).__enter__()
