"""Servers on loopback that play a script, each connection in a thread of its own.

A script is a list of parts, played in order:

- ``ASK`` reads one request;
- bytes are sent; a function gets the last request and returns what to send;
- a `threading.Event` is waited for;
- ``FIN`` and ``RST`` close, and so end the script;
- ``GONE`` waits until the other side has closed;
- a `Tunnel` connects both ways to another server, as a proxy does after CONNECT.

A script that just ends waits, like ``GONE``. Nothing here sleeps, and nothing waits for longer than `PATIENCE_S`.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import ssl
    from typing import Self

PATIENCE_S = 20.0

CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"
DONE = b"e\r\ndata: [DONE]\n\n\r\n"


def chunk(data: bytes) -> bytes:
    """Return ``data`` as one HTTP chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def sized(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return a response whose body has a known length."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Word(NamedTuple):
    """A part that is only a name."""

    name: str


class Tunnel(NamedTuple):
    """A way to another server."""

    port: int


ASK, FIN, RST, GONE = map(Word, ("ask", "fin", "rst", "gone"))
Part: TypeAlias = bytes | Callable[[bytes], bytes] | threading.Event | Word | Tunnel
Script: TypeAlias = Sequence[Part]


class Upstream:
    """Listens on a free port; connection n plays script n, and all after the last play the last.

    Attributes:
        requests: What was asked, in order, as raw bytes.
        connections: How many connections were made.

    """

    def __init__(self, *scripts: Script, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._scripts = scripts
        self._context = context
        self._closing = False
        self._errors: list[Exception] = []
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"{'http' if self._context is None else 'https'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._listen)
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
        if self._errors and exc[0] is None:
            raise self._errors[0]

    def played(self) -> None:
        """Wait until the scripts of all connections are over, their other sides gone."""
        for thread in self._threads[1:]:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def close(self) -> None:
        """Listen no more, hang up on all, and wait for the threads."""
        self._closing = True
        with suppress(OSError):  # where it is closed already
            socket.create_connection(("127.0.0.1", self.port), PATIENCE_S).close()  # wakes who waits for one
        self._threads[0].join(PATIENCE_S)
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        with self._listener:
            while True:
                connection, _ = self._listener.accept()
                if self._closing:
                    connection.close()
                    return
                script = self._scripts[min(self.connections, len(self._scripts) - 1)]
                self.connections += 1
                connection.settimeout(PATIENCE_S)
                self._open.append(connection)
                self._start(self._serve, connection, script)

    def _serve(self, connection: socket.socket, script: Script) -> None:
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            with suppress(ConnectionError):
                self._play(connection, script)
        except TimeoutError as error:
            self._errors.append(error)
        except OSError:  # TLS that the other side refused, or our own close
            pass

    def _play(self, connection: socket.socket, script: Script) -> None:
        request = b""
        for part in (*script, GONE):
            if part is ASK:
                request = read_message(connection)
                if not request:
                    return
                self.requests.append(request)
            elif isinstance(part, threading.Event):
                if not part.wait(PATIENCE_S):
                    raise TimeoutError("an event that a script waits for was not set")
            elif isinstance(part, Tunnel):
                self._tunnel(connection, part.port)
            elif isinstance(part, Word):
                self._close(connection, part)
                return
            else:
                connection.sendall(part if isinstance(part, bytes) else part(request))

    def _close(self, connection: socket.socket, how: Word) -> None:
        if how is GONE:
            while connection.recv(65536):
                pass
        elif how is RST:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def _tunnel(self, near: socket.socket, port: int) -> None:
        far = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self._open.append(far)
        self._start(_pump, far, near)
        _pump(near, far)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def read_message(connection: socket.socket) -> bytes:
    """Return one request or response with its body of known length; b"" when the other side closes before it."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(1)
        if not more:
            return b""
        data += more
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", data)
    return data + read_exactly(connection, int(length[1]) if length else 0)


def read_exactly(connection: socket.socket, size: int) -> bytes:
    """Return the next ``size`` bytes."""
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise ConnectionError(f"closed after {len(data)} of {size} bytes")
        data += more
    return data


def read_until(connection: socket.socket, mark: bytes) -> bytes:
    """Return what comes up to and with ``mark``."""
    data = b""
    while not data.endswith(mark):
        data += read_exactly(connection, 1)
    return data


def read_rest(connection: socket.socket) -> tuple[bytes, str]:
    """Return all that still comes, and how it ends: ``fin`` or ``rst``."""
    data = b""
    try:
        while more := connection.recv(65536):
            data += more
    except ConnectionResetError:
        return data, "rst"
    return data, "fin"
