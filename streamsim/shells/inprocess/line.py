"""What is behind a pumped socket: a stream in memory, and what TCP says about it.

Law: the errors are those of a Linux client: what has come can be read before an RST is told, an RST is told once, and
what is sent to who is gone is accepted once.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING

from streamsim.clock.drivers import blocking
from streamsim.errors import UsageError
from streamsim.shells.inprocess.stream import MemoryStream
from streamsim.units import SECOND

if TYPE_CHECKING:
    from streamsim.clock.core import VirtualClock
    from streamsim.engine.core import Engine

    Address = tuple[str, int]

# When Linux gives up connecting (tcp_syn_retries 6, tcp(7)), if nobody does before.
PATIENCE_NS = 127 * SECOND

# How a TLS record begins: a handshake, in version 3.x (RFC 8446, 5.1).
TLS = b"\x16\x03"


class Line:
    """One connection of a pumped socket.

    The socket's descriptor is one end of a pair of real sockets, so that it can be polled: it is readable just while
    there is something to read here.

    Attributes:
        local, remote: What ``getsockname`` and ``getpeername`` tell.
        options: TCP's options as they were set; they change nothing.

    """

    def __init__(self, engine: Engine, clock: VirtualClock, remote: Address, local: Address) -> None:
        self.remote = remote
        self.local = local
        self.options: dict[tuple[int, int], object] = {}
        self._clock = clock
        self._begun_ns = clock.now_ns()
        self._timeout: float | None = None
        self._sent = False
        self._told = self._gone = self._deaf = False
        self._peeked = b""
        self._bell: socket.socket | None = None
        self._rung = False
        self._descriptor = -1
        self._stream = MemoryStream(engine, clock)
        self._stream.on_change = self._show

    def connect(self, descriptor: int, timeout: float | None) -> None:
        """Put one end of a new pair in place of what ``descriptor`` is."""
        self._timeout, self._descriptor = timeout, descriptor
        end, self._bell = socket.socketpair()
        with end:
            os.dup2(end.fileno(), descriptor, inheritable=False)
        self._show()

    @property
    def readable(self) -> bool:
        """Whether :meth:`receive` would return at once."""
        return bool(self._peeked) or self._deaf or self._stream.readable

    def send(self, data: bytes) -> int:
        """Send ``data`` and return how many bytes that was: all.

        Raises:
            ConnectionRefusedError, TimeoutError: There was no connection, which only now turns out.
            ConnectionResetError, BrokenPipeError: There is none any more.
            UsageError: This is TLS.

        """
        if not self._sent and data.startswith(TLS):
            raise no_tls(self.remote)
        if self._stream.ended is not None:
            return self._send_in_vain(len(data))
        self._sent = self._sent or bool(data)
        self._stream.send(data)
        self._check_connected()
        return len(data)

    def receive(self, limit: int, timeout: float | None, *, peek: bool = False) -> bytes:
        """Return up to ``limit`` bytes, moving the clock until there are any; ``b""`` after the last.

        Raises:
            TimeoutError: There was none for ``timeout`` virtual seconds.
            BlockingIOError: There is none and ``timeout`` is 0.
            ConnectionResetError: There was an RST.
            VirtualDeadlock: There will never be any.

        """
        if not self.readable:
            self._wait(timeout)
        self._check_connected()
        data = self._peeked or self._stream.take(limit)
        data, self._peeked = data[:limit], data if peek else data[limit:]
        self._show()
        if not data and limit and self._stream.ended == "reset" and not self._told and not self._deaf:
            self._told = True
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        return data

    def shut(self, how: int) -> None:
        """Close one direction or both; a server takes the end of what a client sends for its leaving."""
        if how in (socket.SHUT_RD, socket.SHUT_RDWR):
            self._deaf = True
            self._show()
        if how in (socket.SHUT_WR, socket.SHUT_RDWR):
            self._gone = True
            self._stream.leave()

    def hang_up(self) -> None:
        """Close the connection as a server that is stopped: what has come can still be read."""
        self._stream.leave()

    def leave(self) -> None:
        """Close the connection and its descriptors of this side."""
        self._stream.on_change = _nothing
        self._stream.leave()
        if self._bell is not None:
            self._bell.close()
            self._bell = None

    def _send_in_vain(self, size: int) -> int:
        ended = self._stream.ended
        if ended == "reset" and not self._told:
            self._told = self._gone = True
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        if ended != "eof" or self._gone:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        self._gone = True  # the answer to this is an RST
        return size

    def _wait(self, timeout: float | None) -> None:
        if timeout == 0:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        until_ns = None if timeout is None else self._clock.now_ns() + blocking.nanoseconds(timeout)
        if not blocking.wait(self._clock, lambda: self.readable, until_ns):
            raise TimeoutError("timed out")

    def _check_connected(self) -> None:
        """Find out whether there ever was a connection."""
        if self._stream.ended == "refuse":
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        if self._stream.ended != "ignore":
            return
        for_ns = PATIENCE_NS if self._timeout is None else blocking.nanoseconds(self._timeout)
        blocking.wait(self._clock, lambda: False, self._begun_ns + for_ns)
        if self._timeout is None:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        raise TimeoutError("timed out")

    def _show(self) -> None:
        """Make the descriptor as readable as this is."""
        if self._bell is None or self._rung == self.readable:
            return
        if self._rung:
            os.read(self._descriptor, 1)
        else:
            self._bell.send(b"!")
        self._rung = not self._rung


def no_tls(remote: Address) -> UsageError:
    """Return the error of who speaks TLS."""
    problem = "a pumped socket speaks no TLS"
    return UsageError(f"{remote[0]}:{remote[1]}", problem, "use http:// in the base URL, or a transport in process")


def _nothing() -> None:
    """Show nobody."""
