"""What of the bytes handed to the kernel has reached the other side.

An RST overtakes what is still queued and throws it away, so a reset at an exact place has to wait until the queue is
empty. Linux tells with SIOCOUTQ (tcp(7)), macOS with SO_NWRITE (getsockopt(2)); elsewhere nothing tells.
"""

from __future__ import annotations

import socket
import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

if sys.platform == "linux":
    import fcntl
    import termios

    def unacknowledged(sock: socket.socket) -> int | None:
        """Return how many bytes the peer has not acknowledged, or None when the system does not tell."""
        try:
            return int(struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0])
        except (OSError, ValueError):
            return None

else:
    _SO_NWRITE = 0x1024

    def unacknowledged(sock: socket.socket) -> int | None:
        """Return how many bytes the peer has not acknowledged, or None when the system does not tell."""
        if sys.platform != "darwin":
            return None
        try:
            return sock.getsockopt(socket.SOL_SOCKET, _SO_NWRITE)
        except OSError:
            return None


POLL_S = 0.001
PATIENCE_S = 10.0


def when_delivered(loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, then: Callable[[], None]) -> None:
    """Call ``then`` once all that was written is acknowledged, or after ten seconds of a peer that does not read."""
    sock: socket.socket = transport.get_extra_info("socket")
    give_up = loop.time() + PATIENCE_S

    def look() -> None:
        if transport.is_closing():
            return
        delivered = not transport.get_write_buffer_size() and not unacknowledged(sock)
        if delivered or loop.time() > give_up:
            then()
        else:
            loop.call_later(POLL_S, look)

    look()


def reset(transport: asyncio.Transport) -> None:
    """Close with an RST: SO_LINGER with no time to linger (socket(7))."""
    sock: socket.socket = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
