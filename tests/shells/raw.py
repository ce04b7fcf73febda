"""A client that sees the wire as it is: heads, chunk boundaries, and how the connection ended.

Every wait is bounded: a server that is silent for ``patience_s`` ends a reading with ``timeout``.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from typing import Self

Ended: TypeAlias = Literal["open", "eof", "reset", "timeout"]

BLOCK = 256 << 10


class Answer(NamedTuple):
    """One answer as it came.

    Attributes:
        status, fields: Of the final head; field names in lower case, the last of equal names.
        head: The final head, with its empty line.
        infos: Interim heads before it.
        chunks: The whole HTTP chunks; without chunked framing the body, in one.
        cut: What came of a body or chunk that was not completed, with the chunk's size line.
        ended: How the connection ended while this was read; ``open`` when it was complete.

    """

    status: int
    fields: dict[str, str]
    head: bytes
    infos: list[bytes]
    chunks: list[bytes]
    cut: bytes
    ended: Ended

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)


class Client:
    """A connection to ``port`` on loopback; use it in a ``with``."""

    def __init__(self, port: int, *, patience_s: float = 60.0, receive_buffer: int = 0) -> None:
        self.ended: Ended = "open"
        self.buffer = bytearray()
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(patience_s)
        self.sock.connect(("127.0.0.1", port))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, data: bytes) -> None:
        """Send all of ``data``."""
        self.sock.sendall(data)

    def more(self) -> bool:
        """Read once; tell whether anything came."""
        try:
            data = self.sock.recv(BLOCK)
        except TimeoutError:
            self.ended = "timeout"
        except ConnectionResetError:
            self.ended = "reset"
        else:
            self.buffer += data
            if data:
                return True
            self.ended = "eof"
        return False

    def until(self, mark: bytes) -> bytes | None:
        """Take what comes up to and with ``mark``; None when the connection ends before."""
        while (at := self.buffer.find(mark)) < 0:
            if not self.more():
                return None
        return self.take(at + len(mark))

    def take(self, size: int) -> bytes:
        """Take ``size`` bytes, or what there is when the connection ends before."""
        while len(self.buffer) < size and self.more():
            pass
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def rest(self) -> bytes:
        """Take everything until the connection ends; ``ended`` tells how."""
        while self.more():
            pass
        return self.take(len(self.buffer))

    def answer(self, method: str = "GET") -> Answer:
        """Read the next answer, to a request of ``method``."""
        infos: list[bytes] = []
        while True:
            head = self.until(b"\r\n\r\n")
            if head is None:
                return Answer(0, {}, b"", infos, [], self.take(len(self.buffer)), self.ended)
            status = int(head.split(b" ", 2)[1])
            if status >= 200:
                break
            infos.append(head)
        pairs = [line.decode("latin-1").partition(": ") for line in head.split(b"\r\n")[1:-2]]
        fields = {name.lower(): value for name, _, value in pairs}
        bodiless = method == "HEAD" or status in (204, 304)
        chunks, cut = ([], b"") if bodiless else self._body(fields)
        return Answer(status, fields, head, infos, chunks, cut, self.ended)

    def ask(self, data: bytes) -> Answer:
        """Send the request ``data`` and read its answer."""
        self.send(data)
        return self.answer(data.split(b" ", 1)[0].decode("latin-1"))

    def _body(self, fields: dict[str, str]) -> tuple[list[bytes], bytes]:
        if fields.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks()
        if "content-length" not in fields:
            return [self.rest()], b""
        size = int(fields["content-length"])
        body = self.take(size)
        return ([body], b"") if len(body) == size else ([], body)

    def _chunks(self) -> tuple[list[bytes], bytes]:
        chunks: list[bytes] = []
        while True:
            line = self.until(b"\r\n")
            if line is None:
                return chunks, self.take(len(self.buffer))
            size = int(line, 16)
            data = self.take(size + 2)
            if size == 0:
                return chunks, b""  # without trailers; with them the caller reads on
            if len(data) < size + 2:
                return chunks, line + data
            chunks.append(data[:-2])


def request(
    target: str = "/v1/chat/completions",
    *headers: str,
    method: str = "POST",
    body: bytes = b'{"stream":true}',
    http: str = "1.1",
) -> bytes:
    """Return the bytes of a request; one with a body says its length."""
    lines = [f"{method} {target} HTTP/{http}", "Host: example.test", *headers]
    if body and method not in ("GET", "HEAD"):
        lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join((*lines, "", "")).encode("latin-1") + body
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def ask(port: int, data: bytes) -> Answer:
    """Send one request on a connection of its own and read its answer."""
    with Client(port) as client:
        return client.ask(data)
