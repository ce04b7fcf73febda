"""A process that answers lines with lines, and what becomes of it when it does not.

Law: whatever the process does, die, fall silent, eat memory, is an exception here, raised in time, and it is gone then.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from streamsim.conformance.forms.watching import IDLE
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

NOISE: Final = 6 << 20
"""So many bytes more or less a process holds for reasons of its own."""
_LOOK_S: Final = 0.05
_READ: Final = 1 << 20
_TOLD: Final = 2_000
_ERRORS_KEPT: Final = 1 << 20


class Ended(Exception):  # noqa: N818 - it may end for any reason
    """It ended, or was ended, before it answered; the message says how."""


class Silent(Exception):  # noqa: N818 - the same
    """It did not answer in time."""


class _Deadline(NamedTuple):
    """When it has taken too long: at ``at_s`` if it worked all the time, else at ``at_work_s`` or ``idle_s``."""

    at_s: float
    idle_s: float
    at_work_s: float


class Child:
    """A running process, in a group of its own.

    Its environment has no proxy, for all it may talk to is on this machine.

    Attributes:
        most: How many bytes it was seen to hold, while its `output` was waited for.
        printing_s: How long after the first of its output the last of it came.

    """

    def __init__(self, command: Sequence[str], where: str) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own command
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                env=environment(),
            )
        except OSError as error:
            self._errors.close()
            problem = f"{command[0]} cannot be run: {error.strerror or error}"
            raise UsageError(where, problem, "name a program and its arguments, as a shell would take them") from error
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        assert self._process.stdout is not None  # noqa: S101 - the same
        self._in, self._out = self._process.stdin, self._process.stdout
        os.set_blocking(self._in.fileno(), False)
        os.set_blocking(self._out.fileno(), False)
        self._rest = bytearray()
        self._searched = 0
        self.most = 0
        self.printing_s = 0.0

    def ask(self, line: bytes, limit_s: float, memory: int = 0) -> bytes:
        """Say a line and return the one that is answered.

        Args:
            line: With its line end.
            limit_s: How long that may take.
            memory: How many bytes it may hold; 0 for any number.

        Raises:
            Ended: It ended, or was made to for the memory it took.
            Silent: It did not answer in time, and was ended.

        """
        deadline = self._deadline(limit_s)
        left = memoryview(line)
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            selector.register(self._in, selectors.EVENT_WRITE)
            while True:
                if (answered := self._line()) is not None:
                    return answered
                ready = selector.select(_LOOK_S)
                for key, _ in ready:
                    if key.fileobj is self._in:
                        left = self._said(left)
                        if not left:
                            selector.unregister(self._in)
                    else:
                        self._heard()
                self._watched(memory if not ready else 0, deadline)

    def _deadline(self, limit_s: float) -> _Deadline:
        return _Deadline(monotonic() + limit_s, monotonic() + limit_s * IDLE, (self.at_work_s() or 0.0) + limit_s)

    def output(self, limit_s: float, memory: int = 0) -> tuple[bytes, str]:
        """Say nothing; return all it writes until it ends, and what is wrong with how it ended: "" if nothing is.

        Raises:
            Ended: It was made to for the memory it took.
            Silent: It did not end in time, and was ended.

        """
        deadline = self._deadline(limit_s)
        began_s = 0.0
        self._in.close()
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            while True:
                ready = selector.select(_LOOK_S)
                data = os.read(self._out.fileno(), _READ) if ready else b""
                if ready and not data:
                    return bytes(self._rest), self._closed()
                self._rest += data
                if data:
                    began_s = began_s or monotonic()
                    self.printing_s = monotonic() - began_s
                self.most = self.most if ready else max(self.most, self.peak())
                self._watched(memory if not ready else 0, deadline)

    def resident(self) -> int:
        """Return how many bytes it holds in memory; 0 where the system does not tell."""
        try:
            return int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            return 0

    def peak(self) -> int:
        """Return the most it held since `forget_peak`, or since it began; 0 where the system does not tell."""
        with suppress(OSError, ValueError, IndexError):
            told = Path(f"/proc/{self._process.pid}/status").read_text()
            return int(told.partition("VmHWM:")[2].split()[0]) << 10
        return 0

    def forget_peak(self) -> None:
        """Have the peak begin anew, where the system can do that."""
        with suppress(OSError):
            Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")

    def at_work_s(self) -> float | None:
        """Return how many seconds of a processor all its threads took; None where the system does not tell."""
        try:
            tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
            return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9 or None
        except (OSError, IndexError, ValueError):
            return None

    def end(self) -> int:
        """End it and all it started, if it has not ended; return its exit code."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        code = self._process.wait()
        for file in (self._in, self._out, self._errors):
            with suppress(OSError):
                file.close()
        return code

    def _line(self) -> bytes | None:
        end = self._rest.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._rest)
            return None
        self._searched = 0
        line = bytes(self._rest[: end + 1])
        del self._rest[: end + 1]
        return line

    def _said(self, left: memoryview) -> memoryview:
        try:
            return left[os.write(self._in.fileno(), left) :]
        except BlockingIOError:
            return left
        except BrokenPipeError:
            return left[:0]  # it listens no more; what it said before that can still be read

    def _heard(self) -> None:
        data = os.read(self._out.fileno(), _READ)
        if not data:
            raise self._ended()
        self._rest += data

    def _watched(self, memory: int, deadline: _Deadline) -> None:
        if memory and self.resident() > memory:
            self.end()
            raise Ended(f"MemoryError: it held more than {memory >> 20} MiB and was ended")
        now = monotonic()
        if now < deadline.at_s:
            return
        worked = self.at_work_s()
        if worked is None or worked >= deadline.at_work_s or now >= deadline.idle_s:
            self.end()
            raise Silent

    def _ended(self) -> Ended:
        """Return how it came to an end by itself, or nearly so."""
        return Ended(self._closed() or "Crash: the process ended, exit code 0")

    def _closed(self) -> str:
        """Return how it ended, now that it will say no more; "" for as it should."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        told = self._told()
        code = self.end()
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return f"Crash: the process ended, {how}{told and f': {told}'}" if code else ""

    def _told(self) -> str:
        """Return the last line of what it wrote to stderr."""
        with suppress(OSError):
            size = self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, size - _TOLD))
            lines = self._errors.read().decode("utf-8", "replace").split("\n")
            told = [line.strip() for line in lines if line.strip()]
            return _telling(told)
        return ""

    def forget_errors(self) -> None:
        """Keep what it wrote to stderr from filling the disk."""
        with suppress(OSError):
            if os.fstat(self._errors.fileno()).st_size > _ERRORS_KEPT:
                self._errors.truncate(0)


def _telling(lines: Sequence[str]) -> str:
    """Return the line that tells what happened: one that names an error, or else the last one.

    Python's comes last; Node's stands above its stack.
    """
    named = [line for line in lines if "Error" in line.split(":")[0] and not line.startswith(("at ", "^"))]
    return (named or lines or [""])[-1][:200]


def environment() -> dict[str, str]:
    """Return the environment without proxies."""
    ours = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {
        **ours,
        "NO_PROXY": "*",
        "no_proxy": "*",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONHASHSEED": "0",
    }


def own_python(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of ours with this very Python."""
    return [sys.executable, "-m", module, *arguments]
