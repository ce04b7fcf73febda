"""Several processes that serve one address, and the one that looks after them.

Laws: workers share nothing that an answer depends on; the kernel spreads connections among them (SO_REUSEPORT,
socket(7)). They are forked when all is loaded, before there is a loop or a thread, and share that memory until somebody
writes to it. One that dies is told of and another takes its place; one that never served ends them all. When their
parent dies they end as if told to.
"""

from __future__ import annotations

import asyncio
import gc
import mmap
import os
import signal
import socket
import sys
import traceback
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from streamsim.errors import StreamsimError, UsageError
from streamsim.shells.running import ENDING, allow_many_sockets, run_until_signalled

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterator

SIGNALS = frozenset((*ENDING, signal.SIGCHLD))
# What ends a worker that is ending. A signal that a terminal or a service manager sends to all of us comes to workers
# twice, and the second time it changes nothing.
HURRY = frozenset((signal.SIGQUIT,))


class Work(Protocol):
    """What a worker does."""

    def __call__(self, number: int, up: Callable[[str], None]) -> Coroutine[object, object, None]:
        """Serve as worker ``number``, from 1 on, and call ``up`` with the URL once clients may come."""
        ...


def shared_cells(count: int) -> memoryview:
    """Return ``count`` whole numbers, all 0, that processes forked later have in common."""
    return memoryview(mmap.mmap(-1, 8 * count)).cast("q")


@contextmanager
def reserved(host: str, port: int) -> Generator[int]:
    """Keep the address from others while the block runs, and let workers have it; yields the port.

    The sockets are bound alone and shared afterwards, so that whoever has the port already, or wants it later, is told.

    Raises:
        UsageError: There is no such address, or it is taken.

    """
    held: list[socket.socket] = []
    try:
        for family, address in _addresses(host, port):
            held.append(_bound(family, (address[0], port, *address[2:])))
            port = held[0].getsockname()[1]
        yield port
    except OSError as error:
        problem = f"cannot listen there: {error.strerror or error}"
        remedy = "choose another --host or --port; --port 0 takes a free one"
        raise UsageError(f"{host}:{port}", problem, remedy) from error
    finally:
        for sock in held:
            sock.close()


def _addresses(host: str, port: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    yield from dict.fromkeys((family, address) for family, _, _, _, address in found)


def _bound(family: int, address: tuple[Any, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 0
        )  # it was for connections that linger, for no one else
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError:
        sock.close()
        raise
    return sock


class Workers:
    """``count`` processes that do ``work``; ``report`` is told in a line what goes wrong."""

    def __init__(self, count: int, work: Work, *, report: Callable[[str], None]) -> None:
        self._count = count
        self._work = work
        self._report = report
        self._running: dict[int, int] = {}
        self._mask: set[int | signal.Signals] = set()
        self._life = (-1, -1)

    def run(self, ready: Callable[[str], None]) -> None:
        """Start them, say where they serve once all do, and look after them until SIGINT or SIGTERM.

        Either signal has them finish what they are doing for as long as they care to, a second one ends them at once.

        Raises:
            UsageError: One ended before it served.

        """
        allow_many_sockets()
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self._life = os.pipe()  # whoever waits at one end learns that nobody holds the other any more
        gc.collect()
        gc.freeze()  # a collection would write to all that is shared, and so copy it
        try:
            started = [self._start(number) for number in range(1, self._count + 1)]
            url, *_ = [self._wait_for(pid, pipe) for pid, pipe in started]
            ready(url)
            self._look_after()
        finally:
            self._end()
            gc.unfreeze()
            for end in self._life:
                os.close(end)
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def _start(self, number: int) -> tuple[int, int]:
        """Fork worker ``number``; return its process and the pipe that says when it serves."""
        told, telling = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if not pid:
            os.close(told)
            self._be(number, telling)
        os.close(telling)
        self._running[pid] = number
        return pid, told

    def _wait_for(self, pid: int, told: int) -> str:
        """Return the URL that a worker serves at."""
        with open(told, encoding="utf-8") as pipe:
            url = pipe.read()
        if url:
            return url
        number = self._running.pop(pid)
        problem = f"worker {number} ended before it served ({_manner(os.waitpid(pid, 0)[1])})"
        raise UsageError("--workers", problem, "what it said stands above; look there")

    def _look_after(self) -> None:
        while signal.sigwait(SIGNALS) == signal.SIGCHLD:
            for number, told in list(self._gone()):
                self._report(f"{told}; another takes its place")
                self._wait_for(*self._start(number))

    def _gone(self) -> Iterator[tuple[int, str]]:
        """Yield the number of each worker that is no more, and how it ended."""
        for pid in list(self._running):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                number = self._running.pop(pid)
                yield number, f"worker {number} (process {pid}) {_manner(status)}"

    def _end(self) -> None:
        self._tell(signal.SIGTERM)
        while self._running:
            for _, told in self._gone():
                if not told.endswith(CLEAN):
                    self._report(told)
            if self._running and signal.sigwait(SIGNALS) != signal.SIGCHLD:
                self._tell(signal.SIGQUIT)

    def _tell(self, number: signal.Signals) -> None:
        for pid in self._running:
            os.kill(pid, number)  # it is there, or a zombie, until we have waited for it

    def _be(self, number: int, telling: int) -> NoReturn:
        """Be the worker, to the end of the process."""
        code = 1
        try:
            os.close(self._life[1])
            run_until_signalled(self._serve(number, telling), again=HURRY)
            code = 0
        except StreamsimError as error:
            self._report(str(error))
        except BaseException:  # noqa: BLE001 - there is nobody to raise it to
            traceback.print_exc()
        finally:
            with suppress(OSError):
                sys.stderr.flush()
            os._exit(code)

    async def _serve(self, number: int, telling: int) -> None:
        loop, task, life = asyncio.get_running_loop(), asyncio.current_task(), self._life[0]

        def orphaned() -> None:
            loop.remove_reader(life)
            assert task is not None  # noqa: S101 - we are in it
            task.cancel()

        def up(url: str) -> None:
            os.write(telling, url.encode())
            os.close(telling)

        loop.add_reader(life, orphaned)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        await self._work(number, up)


CLEAN = "ended with code 0"


def _manner(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
