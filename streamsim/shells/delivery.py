"""What of the bytes handed to the kernel has reached the other side.

An RST overtakes what is still queued and throws it away, so a reset at an exact place has to wait until the queue is
empty. Linux tells with SIOCOUTQ (tcp(7)), macOS with SO_NWRITE (getsockopt(2)); elsewhere nothing tells.
"""

from __future__ import annotations

import socket
import struct
import sys
from typing import TYPE_CHECKING

from streamsim.clock.drivers.attaching import virtual_time

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


if sys.platform == "linux":
    import fcntl
    import termios

    _SIOCOUTQNSD = 0x894B

    def unsent(sock: socket.socket) -> int:
        """Return how many bytes wait for the peer to have room for them (linux/sockios.h)."""
        try:
            return int(struct.unpack("i", fcntl.ioctl(sock.fileno(), _SIOCOUTQNSD, b"\0\0\0\0"))[0])
        except (OSError, ValueError):
            return 0

    def unacknowledged(sock: socket.socket) -> int | None:
        """Return how many bytes the peer has not acknowledged, or None when the system does not tell."""
        try:
            return int(struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0])
        except (OSError, ValueError):
            return None

else:
    _SO_NWRITE = 0x1024

    def unsent(sock: socket.socket) -> int:
        """Return how many bytes wait for the peer to have room for them, or have not been acknowledged yet."""
        return unacknowledged(sock) or 0

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


class _Watch:
    """Looks after one transport until all that was written has arrived, or never will."""

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, then: Callable[[], None]) -> None:
        self._loop = loop
        self._transport = transport
        self._then = then
        self._sock: socket.socket = transport.get_extra_info("socket")
        self._virtual = virtual_time(loop)
        self._least = self._outstanding()
        self._since = loop.time()
        self._poll_s = POLL_S
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    def start(self) -> None:
        """Look now, and then again and again."""
        if self._virtual is None:
            self._poll()
        elif not self.look():
            self._virtual.on_idle(self.look)
            self._timer = self._loop.call_later(PATIENCE_S, self._lose_patience)

    def look(self) -> bool:
        """Tell whether it is over, after doing what is to be done then."""
        self._over = self._over or self._look()
        if self._over and self._timer is not None:
            self._timer.cancel()
        return self._over

    def _look(self) -> bool:
        if self._transport.is_closing():
            return True
        left = self._outstanding()
        if not left:
            self._then()
            return True
        if left < self._least:
            self._least, self._since = left, self._loop.time()
        # Once the peer has sent FIN nobody reads from the socket, and only its error tells of an RST.
        silent = self._loop.time() - self._since >= PATIENCE_S
        if silent or self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._transport.abort()
            return True
        return False

    def _poll(self) -> None:
        if not self.look():
            self._loop.call_later(self._poll_s, self._poll)
            self._poll_s = min(2 * self._poll_s, SLOW_POLL_S)

    def _lose_patience(self) -> None:
        """In virtual time nothing happens by itself: see to it that there is a moment at which to give up."""
        if not self.look():
            self._timer = self._loop.call_at(self._since + PATIENCE_S, self._lose_patience)

    def _outstanding(self) -> int:
        """Return how many bytes have not arrived.

        The peer in virtual time is on the same machine, where what is sent has arrived: it may be acknowledged later,
        in real time.
        """
        queued = unsent(self._sock) if self._virtual is not None else unacknowledged(self._sock) or 0
        return self._transport.get_write_buffer_size() + queued


def when_delivered(loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, then: Callable[[], None]) -> None:
    """Call ``then`` once all that was written is acknowledged; drop a peer that has read nothing for a minute.

    In virtual time that is at the very instant, for nothing is polled: whenever the loop is idle there is a look.
    """
    _Watch(loop, transport, then).start()


def reset(transport: asyncio.Transport) -> None:
    """Close with an RST: SO_LINGER with no time to linger (socket(7))."""
    sock: socket.socket = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
