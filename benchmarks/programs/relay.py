"""A byte relay that keeps (time, bytes) of what passes: the least that a recording proxy must do.

python -m benchmarks.programs.relay PORT UPSTREAM_PORT
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque

# What is kept is never read here; without an end it would only grow.
KEPT = 100_000


class Near(asyncio.Protocol):
    """The client's side: waits with what it got until the far side is there."""

    def __init__(self, port: int, kept: deque[tuple[int, bytes]]) -> None:
        self.kept = kept
        self.transport: asyncio.Transport | None = None
        self._port = port
        self._far: asyncio.Transport | None = None
        self._early = b""
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open the far side."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._task = asyncio.get_running_loop().create_task(self._open())

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        self._far, _ = await loop.create_connection(lambda: Far(self), "127.0.0.1", self._port)
        self._far.write(self._early)

    def data_received(self, data: bytes) -> None:
        """Pass a request on."""
        if self._far is None:
            self._early += data
        else:
            self._far.write(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """Close the other side too."""
        if self._far is not None:
            self._far.close()


class Far(asyncio.Protocol):
    """The upstream's side."""

    def __init__(self, near: Near) -> None:
        self._near = near

    def data_received(self, data: bytes) -> None:
        """Pass an answer on."""
        assert self._near.transport is not None
        self._near.transport.write(data)
        self._near.kept.append((time.monotonic_ns(), data))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """Close the other side too."""
        if self._near.transport is not None:
            self._near.transport.close()


async def main(port: int, upstream: int) -> None:
    kept: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Near(upstream, kept), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
