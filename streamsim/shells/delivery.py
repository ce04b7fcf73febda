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


# How often to look, at first and at last; and how long a peer may read nothing before it is given up.
POLL_S = 0.001
SLOW_POLL_S = 0.064
PATIENCE_S = 60.0


def when_delivered(loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, then: Callable[[], None]) -> None:
    """Call ``then`` once all that was written is acknowledged; drop a peer that has read nothing for a minute."""
    sock: socket.socket = transport.get_extra_info("socket")
    poll_s = POLL_S
    least, since = _outstanding(transport, sock), loop.time()

    def look() -> None:
        nonlocal poll_s, least, since
        if transport.is_closing():
            return
        left = _outstanding(transport, sock)
        if not left:
            then()
            return
        if left < least:
            least, since = left, loop.time()
        # Once the peer has sent FIN nobody reads from the socket, and only its error tells of an RST.
        if loop.time() - since > PATIENCE_S or sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            transport.abort()
            return
        loop.call_later(poll_s, look)
        poll_s = min(2 * poll_s, SLOW_POLL_S)

    look()


def _outstanding(transport: asyncio.Transport, sock: socket.socket) -> int:
    return transport.get_write_buffer_size() + (unacknowledged(sock) or 0)


def reset(transport: asyncio.Transport) -> None:
    """Close with an RST: SO_LINGER with no time to linger (socket(7))."""
    sock: socket.socket = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
