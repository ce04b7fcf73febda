"""A gate between a proxy and its upstream: what follows the first event waits until the test lets it pass.

So it is an order that is proved, and no speed: whoever sees the first event before the gate opens sees it before the
upstream has finished, and a proxy that collected the answer would never show it.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tests.clients.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator


class Gate:
    """Carries one connection.

    Attributes:
        url: Where the proxy finds it.

    """

    def __init__(self, listener: socket.socket, port: int) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._listener = listener
        self._port = port
        self._open = threading.Event()

    def open(self) -> None:
        """Let the rest pass."""
        self._open.set()

    def carry(self) -> None:
        """Carry a connection until both sides have closed it."""
        with suppress(OSError):
            near, _ = self._listener.accept()
            with near, socket.create_connection(("127.0.0.1", self._port), PATIENCE_S) as far:
                near.settimeout(PATIENCE_S)
                asking = threading.Thread(target=_copy, args=(near, far), daemon=True)
                asking.start()
                self._answer(far, near)
                asking.join(PATIENCE_S)

    def _answer(self, far: socket.socket, near: socket.socket) -> None:
        seen = b""
        while not (first := _first_event(seen)):
            data = far.recv(1 << 16)
            if not data:
                return
            seen += data
        near.sendall(seen[:first])
        if self._open.wait(PATIENCE_S):
            near.sendall(seen[first:])
            _copy(far, near)


def _first_event(seen: bytes) -> int:
    """Return where the first event of the body ends, or 0 while it does not."""
    head = seen.find(b"\r\n\r\n") + 4
    return seen.find(b"\n\n", head) + 2 if head >= 4 and b"\n\n" in seen[head:] else 0


def _copy(source: socket.socket, goal: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            goal.sendall(data)
        goal.shutdown(socket.SHUT_WR)


@contextmanager
def gate(upstream: str) -> Iterator[Gate]:
    """Put a gate before ``upstream``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE_S)
        made = Gate(listener, int(upstream.rpartition(":")[2]))
        carrier = threading.Thread(target=made.carry, daemon=True)
        carrier.start()
        try:
            yield made
        finally:
            made.open()
            carrier.join(PATIENCE_S)
