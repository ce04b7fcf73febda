"""Whom the files that an event loop watches are connected to: itself, or somebody whose time is real.

Law: a TCP connection is the loop's own when the address of its other end belongs to a socket that the loop watches or
has watched, or to this process where no other thread could serve it. A Unix socket is when its peer is this process, a
pipe when both its ends are here. A process waited for is outside. Everything else does not count.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from streamsim.clock.drivers import threads

if TYPE_CHECKING:
    from collections.abc import Iterator

Address: TypeAlias = tuple[str, int]
_ANY = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
_STILL_CONNECTING: Address = ("a connection being made", 0)


class Peers:
    """The other ends of what one selector watches; told of every file that comes and goes."""

    __slots__ = ("_local", "_names", "_new", "_strangers")

    def __init__(self) -> None:
        self._new: set[int] = set()
        self._names: dict[int, Address] = {}
        self._local: Counter[Address] = Counter()
        self._strangers: dict[int, str | Address] = {}

    def watch(self, fd: int) -> None:
        """Note that ``fd`` is watched from now on."""
        self._new.add(fd)

    def forget(self, fd: int) -> None:
        """Note that ``fd`` is not watched any more; its address is remembered."""
        self._new.discard(fd)
        self._strangers.pop(fd, None)

    def outside(self) -> bool:
        """Tell whether anybody watched is outside."""
        return bool(self._new or self._strangers) and bool(self._outsiders())

    def outsiders(self) -> list[str]:
        """Return who is outside, for people."""
        return [who if isinstance(who, str) else f"{who[0]}:{who[1]}" for who in self._outsiders().values()]

    def _outsiders(self) -> dict[int, str | Address]:
        for fd in self._new:
            who = self._ask(fd)
            if who is not None:
                self._strangers[fd] = who
        self._new.clear()
        strangers = self._strangers
        for fd, who in list(strangers.items()):
            if who is _STILL_CONNECTING:
                self._new.add(fd)  # ask again
            elif isinstance(who, tuple) and self._is_ours(who):
                del strangers[fd]
        if strangers:
            self._find_at_home()
        told = dict(strangers)
        for fd in self._new:
            strangers.pop(fd, None)
        return told

    def _is_ours(self, address: Address) -> bool:
        return address in self._local or any((host, address[1]) in self._local for host in _ANY)

    def _find_at_home(self) -> None:
        """Strangers may be sockets that somebody uses without the loop; where no other thread can, it is our own."""
        if not threads.only_idle_workers():
            return
        here = {name for fd in _own_files() if (name := _name(fd)) is not None}
        for fd, who in list(self._strangers.items()):
            if isinstance(who, tuple) and who in here:
                self._local[who] += 1
                del self._strangers[fd]

    def _ask(self, fd: int) -> str | Address | None:
        """Return the peer if it may be outside, and remember the own address."""
        try:
            sock = socket.SocketType(fileno=fd)
        except OSError:
            return _file(fd)
        try:
            if sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type == socket.SOCK_STREAM:
                return self._ask_tcp(fd, sock)
            return _unix(sock) if sock.family == getattr(socket, "AF_UNIX", None) else None
        except OSError:
            return None
        finally:
            sock.detach()

    def _ask_tcp(self, fd: int, sock: socket.SocketType) -> Address | None:
        mine = _address(sock.getsockname())
        self._remember(fd, mine)
        try:
            return _address(sock.getpeername())
        except OSError:
            listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            return None if listens or not mine[1] else _STILL_CONNECTING

    def _remember(self, fd: int, name: Address) -> None:
        old = self._names.get(fd)
        if old == name:
            return
        if old is not None:
            self._local[old] -= 1
            if self._local[old] <= 0:
                del self._local[old]
        self._names[fd] = name
        self._local[name] += 1


def _address(name: tuple[str, int]) -> Address:
    return name[0].removeprefix("::ffff:"), name[1]


def _unix(sock: socket.SocketType) -> str | None:
    if sys.platform != "linux":
        return None
    pid = int(struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])
    return f"process {pid}" if pid and pid != os.getpid() else None


def _file(fd: int) -> str | None:
    """Who is at the other end of a file that is no socket."""
    try:
        status = os.fstat(fd)
        if stat.S_ISFIFO(status.st_mode):
            return None if any(_same(other, status) for other in _own_files() if other != fd) else "a pipe"
        return "a child process" if "pidfd" in str(Path(f"/proc/self/fd/{fd}").readlink()) else None
    except OSError:
        return None


def _same(fd: int, status: os.stat_result) -> bool:
    try:
        other = os.fstat(fd)
    except OSError:
        return False
    return (other.st_dev, other.st_ino) == (status.st_dev, status.st_ino)


def _own_files() -> Iterator[int]:
    """Yield the numbers of all open files, where the system tells: Linux and macOS do."""
    try:
        yield from map(int, os.listdir("/dev/fd"))  # noqa: PTH208 - numbers are wanted, not paths
    except OSError:
        return


def _name(fd: int) -> Address | None:
    """Return the address of a TCP socket; None of anything else."""
    try:
        sock = socket.SocketType(fileno=fd)
    except OSError:
        return None
    try:
        tcp = sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type == socket.SOCK_STREAM
        return _address(sock.getsockname()) if tcp else None
    except OSError:
        return None
    finally:
        sock.detach()
