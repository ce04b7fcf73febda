"""A client that speaks HTTP/1.1 with its bare hands: it sends recorded requests and takes answers apart byte by byte.

It shares no code with what it judges: no llhttp, no h11, nothing of streamsim but the recorded model it asks from.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsim.recording.model import Exchange, Request

PATIENCE_S = 20.0


@dataclass
class Answer:
    """What came over the wire, taken apart.

    ``chunks`` are HTTP chunks under chunked framing, else one piece: the body. ``complete`` says that the framing
    itself told the end. ``cut`` is the declared size of a last chunk that came only in part, ``loose`` what came after
    the last whole piece of framing.
    """

    raw: bytes
    status: int = 0
    reason: str = ""
    http: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    infos: list[int] = field(default_factory=list)
    chunked: bool = False
    chunks: list[bytes] = field(default_factory=list)
    trailers: tuple[tuple[str, str], ...] = ()
    cut: int | None = None
    loose: bytes = b""
    complete: bool = False
    reset: bool = False

    @property
    def body(self) -> bytes:
        """The body's bytes, however they were framed."""
        return b"".join(self.chunks)


def parse(raw: bytes) -> Answer:
    """Take apart what has come so far."""
    answer = Answer(raw)
    rest = raw
    while answer.status < 200:
        head, end, after = rest.partition(b"\r\n\r\n")
        if not end:
            answer.loose = rest
            return answer
        rest = after
        line, *fields = head.decode("latin-1").split("\r\n")
        version, status, answer.reason = line.split(" ", 2)
        answer.http = version.removeprefix("HTTP/")
        answer.status = int(status)
        answer.headers = _headers(fields)
        if answer.status < 200:
            answer.infos.append(answer.status)
    _body(answer, rest)
    return answer


def _headers(fields: list[str]) -> tuple[tuple[str, str], ...]:
    pairs = (text.partition(":") for text in fields)
    return tuple((name, value.strip(" \t")) for name, _, value in pairs)


def _body(answer: Answer, rest: bytes) -> None:
    named = {name.lower(): value for name, value in answer.headers}
    answer.chunked = named.get("transfer-encoding", "").lower() == "chunked"
    if answer.chunked:
        _chunks(answer, rest)
    elif "content-length" in named:
        length = int(named["content-length"])
        answer.chunks = [rest[:length]] if length else []
        answer.complete = len(rest) >= length
        answer.loose = rest[length:]
    else:
        answer.chunks = [rest]


def _chunks(answer: Answer, rest: bytes) -> None:
    while True:
        line, end, after = rest.partition(b"\r\n")
        if not end:
            answer.loose = rest
            return
        size = int(line, 16)
        if size == 0:
            _final_chunk(answer, after)
            return
        if len(after) < size + 2:
            answer.cut = size
            answer.chunks.append(after[:size])
            return
        assert after[size : size + 2] == b"\r\n", f"{after[size : size + 2]!r} after a chunk"
        answer.chunks.append(after[:size])
        rest = after[size + 2 :]


def _final_chunk(answer: Answer, after: bytes) -> None:
    fields, end, answer.loose = (b"\r\n" + after).partition(b"\r\n\r\n")
    answer.complete = bool(end)
    answer.trailers = _headers(fields.decode("latin-1").split("\r\n")[1:])


def request_bytes(request: Request) -> bytes:
    """Return a recorded request as its client sent it."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in request.headers)
    head = f"{request.method} {request.target} HTTP/1.1\r\n{fields}\r\n".encode("latin-1")
    named = {name.lower(): value for name, value in request.headers}
    assert int(named.get("content-length", "0")) == len(request.data), "the recorded length is not that of the body"
    return head + request.data


def all_of(exchange: Exchange, answer: Answer) -> bool:
    """Tell whether ``answer`` holds every recorded body byte."""
    return bool(answer.status) and answer.cut is None and len(answer.body) >= len(exchange.body)


async def ask(port: int, exchange: Exchange) -> Answer:
    """Send the request of ``exchange`` and read its answer to the end that was recorded.

    A client that left, leaves again as soon as it has all it once got.
    """
    loop = asyncio.get_running_loop()
    leaves = exchange.end is not None and exchange.end.cause == "cancelled"
    raw = b""
    with socket.socket() as sock:
        sock.setblocking(False)  # noqa: FBT003 - the standard library's signature
        async with asyncio.timeout(PATIENCE_S):
            await loop.sock_connect(sock, ("127.0.0.1", port))
            await loop.sock_sendall(sock, request_bytes(exchange.request))
            while True:
                try:
                    data = await loop.sock_recv(sock, 1 << 16)
                except ConnectionResetError:
                    answer = parse(raw)
                    answer.reset = True
                    return answer
                raw += data
                answer = parse(raw)
                if not data or answer.complete or (leaves and all_of(exchange, answer)):
                    return answer
