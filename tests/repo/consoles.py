"""Runs the code blocks of a page, as a reader would who pastes them into one terminal.

A ``console`` block holds commands (``$ ``, continued by ``> ``), each followed by lines that its output must hold, in
this order. ``…`` stands for any text in a line, and alone on a line for any lines; any number stands for any other, but
a digest of 12 hex digits or more for itself; runs of spaces are equal. A command must succeed unless its output shows a
complaint (``streamsim: …``). Ports are replaced by free ones. A ``python`` block is run as a script, or, if it begins
with a comment that is a file's name (``# test_it.py``), becomes that file. Other blocks are not run.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from typing import NamedTuple, Self

PATIENCE_S = 120.0
ANY = "…"

_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# ([\w/.-]+\.\w+)\n")
_PORT = re.compile(r"(?<=127\.0\.0\.1:)\d{4,5}\b|(?<=--port )\d{4,5}\b")
_DEFAULTS = {r"streamsim serve\b(?!.*--port)": "8080", r"streamsim record\b(?=.*--proxy)(?!.*--port)": "8081"}
_NUMBER = re.compile(r"\b[0-9a-f]{12,}\b|(?<!\w)\d+(?:\.\d+)?")


class Command(NamedTuple):
    """One command and the lines its output must hold."""

    text: str
    expected: list[str]


def blocks(page: str, *languages: str) -> list[tuple[str, str]]:
    """Return (language, text) of the fenced blocks of ``page`` in one of ``languages``."""
    return [(language, text) for language, text in _FENCE.findall(page) if language in languages]


def commands(block: str) -> list[Command]:
    """Return the commands of a ``console`` block."""
    found: list[Command] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:], []))
        elif line.startswith("> ") and found and not found[-1].expected:
            found[-1] = Command(f"{found[-1].text}\n{line[2:]}", [])
        elif line.strip() and line.strip() != ANY:
            found[-1].expected.append(line)
    return found


def missing(expected: list[str], output: str) -> str | None:
    """Return the first of ``expected`` that ``output`` lacks, or has only before an earlier one; None if it has all."""
    told = [_plain(line) for line in output.splitlines()]
    for line in expected:
        wanted = re.compile(".*".join(map(re.escape, _plain(line).split(ANY))))
        place = next((number for number, got in enumerate(told) if wanted.fullmatch(got)), None)
        if place is None:
            return line
        told = told[place + 1 :]
    return None


def _plain(line: str) -> str:
    loose = _NUMBER.sub(lambda match: match[0] if len(match[0]) >= 12 else "0", line)
    return " ".join(loose.split())


class Ports:
    """Gives each port of a page a free one of this machine."""

    def __init__(self) -> None:
        self._free: dict[str, str] = {}

    def command(self, text: str) -> str:
        """Return a command with its ports replaced, and with the port that it takes by default spelt out."""
        for command, port in _DEFAULTS.items():
            text = re.sub(command, rf"\g<0> --port {port}", text)
        return self.output(text)

    def output(self, text: str) -> str:
        """Return a line of output with its ports replaced."""
        return _PORT.sub(lambda match: self._of(match[0]), text)

    def _of(self, port: str) -> str:
        if port not in self._free:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self._free[port] = str(probe.getsockname()[1])
        return self._free[port]


class Terminal:
    """One bash, with streamsim on its path, in a folder of its own. Use it as ``with Terminal(folder) as terminal``."""

    def __init__(self, folder: Path) -> None:
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
        env = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        self._folder = folder
        self._bash = subprocess.Popen(
            ["/usr/bin/env", "bash", "--norc", "--noprofile"],
            cwd=folder,
            env={**env, "PATH": path, "COLUMNS": "100", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._told = b""
        self._news = Condition()
        self._seen = 0
        self._ports = Ports()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the shell and all that it started, politely first."""
        self._write("kill $(jobs -p) 2>/dev/null; wait; exit\n")
        try:
            self._bash.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._bash.pid, signal.SIGKILL)
        self._reader.join(PATIENCE_S)
        for pipe in (self._bash.stdin, self._bash.stdout):
            if pipe is not None:
                pipe.close()

    def run(self, command: Command) -> None:
        """Run one command and wait until it is over and has said what it must; background ones may go on.

        Raises:
            AssertionError: It failed, or did not say it in time; the message shows what it did say.

        """
        mark = f"-- {self._seen} over "
        expected = [self._ports.output(line) for line in command.expected]
        self._write(f"{self._ports.command(command.text)}\ncode=$?; echo; echo {shlex.quote(mark)}$code\n")
        deadline = time.monotonic() + PATIENCE_S
        while True:
            output = self._told[self._seen :].decode("utf-8", "replace")
            over = re.search(rf"^{mark}(\d+)$", output, re.MULTILINE)
            lacks = missing(expected, output)
            if over and lacks is None:
                break
            if time.monotonic() > deadline or (over and int(over[1]) and not _complains(expected)):
                raise AssertionError(f"$ {command.text}\nlacks: {lacks}\nsaid:\n{output}")
            with self._news:
                self._news.wait(0.1)
        assert int(over[1]) == 0 or _complains(expected), f"$ {command.text}\nfailed:\n{output}"
        self._seen = len(self._told)

    def script(self, code: str) -> None:
        """Run Python code, or keep it as the file whose name it begins with."""
        named = _FILE.match(code)
        if named:
            path = self._folder / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(code, encoding="utf-8")
            return
        self.run(Command(f"python - <<'END_OF_SCRIPT'\n{code}END_OF_SCRIPT", []))

    def _write(self, text: str) -> None:
        if self._bash.stdin is not None:
            with suppress(BrokenPipeError):
                self._bash.stdin.write(text.encode())
                self._bash.stdin.flush()

    def _read(self) -> None:
        if self._bash.stdout is not None:
            while data := os.read(self._bash.stdout.fileno(), 1 << 16):
                with self._news:
                    self._told += data
                    self._news.notify()


def _complains(expected: list[str]) -> bool:
    return any(line.startswith("streamsim: ") for line in expected)
