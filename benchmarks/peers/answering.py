"""What a server is to answer, and what it does answer."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import msgspec

from benchmarks.bench import AbsentError
from benchmarks.inputs import REQUEST, chat_events

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.bench import Bench
    from benchmarks.processes import Server

PATIENCE_S = 120


class Answer(msgspec.Struct, frozen=True):
    """A stream.

    Attributes:
        events: How many it has.
        gap_ms: Time between them; 0 for all at once.

    """

    events: int
    gap_ms: int

    @property
    def frames(self) -> list[bytes]:
        """The events themselves, for servers that are told them whole."""
        return chat_events(self.events)

    def file(self, bench: Bench) -> Path:
        """Return a file that holds the events."""
        path = bench.folder / f"events-{self.events}.txt"
        path.write_bytes(b"".join(self.frames))
        return path

    def words(self, frames: int) -> list[str]:
        """Return a word for each event but ``frames``, those that a server adds by itself."""
        return [f"{nth % 1000:03}" for nth in range(self.events - frames)]


def check(server: Server, answer: Answer) -> None:
    """Ask once, and look whether the answer is what was asked for.

    Raises:
        AbsentError: It has another number of events.

    """
    body = b""
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as sock:
        sock.sendall(REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
        while not body.endswith(b"\r\n0\r\n\r\n") and (data := sock.recv(65536)):
            body += data
    found = body.count(b"\n\n")
    if found != answer.events:
        raise AbsentError(f"answered with {found} events, not with {answer.events}: {body[:300]!r}")
