"""The server everybody writes first: a task a stream that sleeps for each gap.

Each sleep begins when the last one was over, and ends when the loop gets round to it; so every stream is late by a
little more at every event. Sockets and parsing are as cheap here as asyncio allows: only the sleeping is naive.

    python -m benchmarks.programs.naive PORT GAP_MS FILE
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
TAIL = b"0\r\n\r\n"


def chunks(events: bytes) -> list[bytes]:
    """Return each event as an HTTP chunk."""
    frames = [block + b"\n\n" for block in events.split(b"\n\n") if block]
    return [b"%x\r\n%b\r\n" % (len(frame), frame) for frame in frames]


class Stream(asyncio.Protocol):
    """One connection. A request is whole when the body announced by Content-Length is."""

    def __init__(self, answer: list[bytes], gap_s: float) -> None:
        self._answer = answer
        self._gap_s = gap_s
        self._got = b""
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer, once the request is whole."""
        self._got += data
        head, blank, body = self._got.partition(b"\r\n\r\n")
        _, _, length = head.lower().partition(b"content-length:")
        if blank and len(body) >= int(length.partition(b"\r\n")[0] or 0):
            self._got = b""
            self._task = asyncio.get_running_loop().create_task(self._play())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """Stop playing."""
        if self._task is not None:
            self._task.cancel()

    async def _play(self) -> None:
        assert self._transport is not None
        self._transport.write(HEAD + self._answer[0])
        for chunk in self._answer[1:]:
            await asyncio.sleep(self._gap_s)
            self._transport.write(chunk)
        self._transport.write(TAIL)


async def main(port: int, gap_ms: int, answer: list[bytes]) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Stream(answer, gap_ms / 1000), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), chunks(Path(sys.argv[3]).read_bytes())))
