"""Sockets of the module ``socket`` whose other end is in memory: for clients that block and know nothing but sockets.

Law: only connections to the addresses of active pumps are concerned; every other is what it was. Who waits for an
answer moves the clock himself, in ``recv``, so that no thread is needed and every read comes at its exact virtual
nanosecond.

A connection is established before anything is known of it; whether it would have been refused or never answered turns
out when the request has been sent. The error is then raised there, by ``send``, and not by ``connect``.
"""

from __future__ import annotations

import errno
import inspect
import os
import socket
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary, finalize

from streamsim.errors import UsageError
from streamsim.shells.inprocess.line import Line, no_tls

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from _typeshed import ReadableBuffer, WriteableBuffer

    from streamsim.clock.core import VirtualClock
    from streamsim.engine.core import Engine

    Address = tuple[str, int]

# Where clients seem to come from: documentation's addresses too (RFC 5737), where nobody is.
HOME = "198.51.100.1"
FIRST_PORT = 40_000

# Where names lead to (RFC 5737, too).
NAMED = "203.0.113."

# By identity; a socket has no room for more attributes.
LINES: WeakKeyDictionary[socket.socket, Line] = WeakKeyDictionary()
PUMPS: dict[Address, Pump] = {}


class Pump:
    """A server at ``address`` that exists for this process's blocking sockets alone, in the time of ``clock``.

    Use it in a ``with``, or call :meth:`start` and :meth:`stop`. Its connections end with it. TLS is not spoken, and
    sockets that do not block (of event loops) are refused.

    Args:
        engine: Answers.
        clock: Is moved by whoever waits for an answer.
        address: Host and port. An IPv4 address that nobody has, like those of 192.0.2.0/24; or a name, which then
            resolves to such a one while the pump is active.

    """

    def __init__(self, engine: Engine, clock: VirtualClock, address: Address) -> None:
        self.address = address[0].lower(), address[1]
        self.endpoint = self.address
        self._engine = engine
        self._clock = clock
        self._lines: list[Line] = []

    def start(self) -> None:
        """Begin to answer.

        Raises:
            UsageError: There is another pump at this address.

        """
        if self.address in PUMPS:
            host, port = self.address
            raise UsageError(f"{host}:{port}", "there is a pump at this address already", "take another address")
        if not PUMPS:
            PATCH.put()
        PUMPS[self.address] = self
        if not _is_ipv4(self.address[0]):
            taken = {pump.endpoint for pump in PUMPS.values()}
            ends = ((f"{NAMED}{number}", self.address[1]) for number in range(1, 255))
            self.endpoint = next(end for end in ends if end not in taken)

    def stop(self) -> None:
        """Answer no more, and close what is open; nothing happens when it is not active."""
        if PUMPS.get(self.address) is not self:
            return
        del PUMPS[self.address]
        if not PUMPS:
            PATCH.remove()
        for line in self._lines:
            line.hang_up()
        self._lines.clear()

    def connect(self, sock: socket.socket) -> None:
        """Make ``sock`` a connection to this server.

        Raises:
            UsageError: It is no plain blocking socket.

        """
        host, port = self.address
        where, timeout = f"{host}:{port}", sock.gettimeout()
        if hasattr(sock, "do_handshake"):
            raise no_tls(self.address)
        if type(sock) is not socket.socket or sock.type != socket.SOCK_STREAM:
            problem = f"{type(sock).__name__} is no plain stream socket"
            raise UsageError(where, problem, "connect with socket.socket()")
        if timeout == 0:
            problem = "sockets that do not block cannot move the virtual clock"
            raise UsageError(where, problem, "use a server on the attached event loop, or a blocking client")
        line = Line(self._engine, self._clock, self.address, (HOME, FIRST_PORT + len(self._lines)))
        line.connect(sock.fileno(), timeout)
        self._lines.append(line)
        LINES[sock] = line
        finalize(sock, line.leave)
        sock.__class__ = PumpedSocket

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class PumpedSocket(socket.socket):
    """What a plain socket becomes when it connects to a pump: the same object, with the same descriptor."""

    __slots__ = ()

    def connect(self, _address: object, /) -> None:
        """Fail: it is connected."""
        raise OSError(errno.EISCONN, os.strerror(errno.EISCONN))

    def connect_ex(self, _address: object, /) -> int:
        """Tell that it is connected."""
        return errno.EISCONN

    def send(self, data: ReadableBuffer, _flags: int = 0, /) -> int:
        """Send all of ``data``; see :meth:`Line.send`."""
        return _line(self).send(memoryview(data).tobytes())

    def sendall(self, data: ReadableBuffer, _flags: int = 0, /) -> None:
        """Send all of ``data``; see :meth:`Line.send`."""
        _line(self).send(memoryview(data).tobytes())

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive, moving the clock; see :meth:`Line.receive`. Knows ``MSG_PEEK`` and ``MSG_DONTWAIT``."""
        timeout = 0 if flags & socket.MSG_DONTWAIT else self.gettimeout()
        return _line(self).receive(bufsize, timeout, peek=bool(flags & socket.MSG_PEEK))

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        """Receive into ``buffer``."""
        view = memoryview(buffer).cast("B")
        data = self.recv(nbytes or len(view), flags)
        view[: len(data)] = data
        return len(data)

    def recvfrom(self, bufsize: int, flags: int = 0, /) -> tuple[bytes, None]:
        """Receive; where from is not told on a connection."""
        return self.recv(bufsize, flags), None

    def shutdown(self, how: int, /) -> None:
        """Close one direction or both; see :meth:`Line.shut`."""
        _line(self).shut(how)

    def getpeername(self) -> Address:
        """Return the pump's address."""
        return _line(self).remote

    def getsockname(self) -> Address:
        """Return an address that only documentation has."""
        return _line(self).local

    def setsockopt(self, level: int, option: int, *value: Any) -> None:
        """Set an option; those of TCP and IP are only kept, for what is behind the descriptor does not know them."""
        if level == socket.SOL_SOCKET:
            super().setsockopt(level, option, *value)
        else:
            _line(self).options[level, option] = value[0]

    def getsockopt(self, level: int, option: int, *size: int) -> Any:
        """Return an option."""
        if level != socket.SOL_SOCKET:
            return _line(self).options.get((level, option), bytes(*size) if size else 0)
        asking = inspect.currentframe() if option == socket.SO_TYPE else None
        if asking and asking.f_back and asking.f_back.f_globals.get("__name__") == "ssl":
            raise no_tls(_line(self).remote)  # the first thing that a TLS socket asks of what it is to wrap
        return super().getsockopt(level, option, size[0]) if size else super().getsockopt(level, option)

    def _real_close(self, *given: Any) -> None:
        line = LINES.pop(self, None)
        if line is not None:
            line.leave()
        super()._real_close(*given)  # type: ignore[misc]  # what close() and the last file made of a socket call

    def _unsupported(self, *_: object, **__: object) -> Any:
        problem = "this cannot be done with a pumped socket"
        raise UsageError("socket", problem, "use send, sendall, recv, recv_into or makefile")

    detach = dup = recvmsg = recvmsg_into = recvfrom_into = sendmsg = sendto = sendfile = _unsupported


def _is_ipv4(host: str) -> bool:
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


def _line(sock: socket.socket) -> Line:
    try:
        return LINES[sock]
    except KeyError:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF)) from None


class Patch:
    """What of ``socket`` is replaced while there is a pump, for all sockets, whenever they were made."""

    def __init__(self) -> None:
        self._class: dict[str, Any] = {}
        self._module: dict[str, Any] = {}

    def put(self) -> None:
        """Look at every address first."""
        self._class = {name: vars(socket.socket).get(name) for name in ("connect", "connect_ex")}
        self._module = {"getaddrinfo": socket.getaddrinfo}
        for name in self._class:
            setattr(socket.socket, name, self._connecting(name))
        socket.getaddrinfo = self._resolving(socket.getaddrinfo)

    def remove(self) -> None:
        """Put everything back."""
        for name, function in self._class.items():
            if function is None:
                delattr(socket.socket, name)
            else:
                setattr(socket.socket, name, function)
        socket.getaddrinfo = self._module["getaddrinfo"]

    def _connecting(self, name: str) -> Callable[[socket.socket, Any], Any]:
        before = self._class[name] or getattr(socket.socket, name)

        def connect(sock: socket.socket, address: Any, /) -> Any:
            pump = _at(address)
            if pump is None:
                return before(sock, address)
            pump.connect(sock)
            return 0 if name == "connect_ex" else None

        return connect

    def _resolving(self, before: Callable[..., Any]) -> Callable[..., Any]:
        def getaddrinfo(host: Any, port: Any, *given: Any, **named: Any) -> Any:
            name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
            pump = _named(name, port)
            if pump is None:
                return before(host, port, *given, **named)
            return before(*pump.endpoint, *given, **named)

        return getaddrinfo


def _at(address: object) -> Pump | None:
    """Return the pump at an address that somebody connects to."""
    if not isinstance(address, tuple):
        return None
    end = cast("tuple[object, ...]", address)[:2]
    return next((pump for pump in PUMPS.values() if end in (pump.endpoint, pump.address)), None)


def _named(host: object, port: object) -> Pump | None:
    """Return the pump whose name somebody looks up."""
    if not isinstance(host, str) or not str(port).isdecimal():
        return None
    return PUMPS.get((host.lower(), int(str(port))))


PATCH = Patch()
