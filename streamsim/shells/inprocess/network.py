"""The network of httpcore and httpcore2 without a network: what their pools connect to is an engine in memory.

Law: to the client it is a server on the wire, only that time is virtual: its own parser reads the bytes, its own limits
fire at their exact nanosecond, and data that comes at that nanosecond wins. Any host is this server, TLS or not.

Whether an attempt to connect is refused or ignored depends on the request, which comes after it: so it fails where the
answer is read, with the errors and after the time of the attempt. (Not where the request is written: the library would
leave the body's generator behind, which trio warns of.)
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Literal, Protocol

from streamsim.clock.drivers import blocking
from streamsim.clock.drivers.bell import Bell, checkpoint, in_trio
from streamsim.shells.inprocess.stream import PATIENCE_NS, MemoryStream
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from streamsim.clock.core import VirtualClock
    from streamsim.engine.core import Engine


class Errors(Protocol):
    """The exceptions of httpcore or httpcore2 that a network raises: the module itself."""

    @property
    def ConnectError(self) -> type[Exception]: ...  # noqa: N802, D102 - their names
    @property
    def ConnectTimeout(self) -> type[Exception]: ...  # noqa: N802, D102
    @property
    def ReadError(self) -> type[Exception]: ...  # noqa: N802, D102
    @property
    def ReadTimeout(self) -> type[Exception]: ...  # noqa: N802, D102


class _Wire:
    """What sync and async connections share: one stream, and how its ends are told to httpcore."""

    def __init__(self, network: _Network, connect_s: float | None) -> None:
        self._clock = network.clock
        self._errors = network.errors
        self._connect_s = connect_s
        self._stream = stream = MemoryStream(network.engine, network.clock)
        self._readable: Callable[[], bool] = lambda: stream.readable

    def get_extra_info(self, info: str) -> bool | None:
        """Tell whether there is something to read, which on an idle connection means that it has ended."""
        return self._stream.readable if info == "is_readable" else None

    def _until_ns(self, seconds: float | None) -> int | None:
        return None if seconds is None else self._clock.now_ns() + round(seconds * SECOND)

    def _taken(self, limit: int) -> bytes:
        """Return what has come; nothing at the end of the connection.

        Raises:
            ReadError: All was taken, and it was reset.
            ConnectError: There never was one, it was refused.
            ConnectTimeout: Or nobody answered.

        """
        stream = self._stream
        if stream.unread or stream.ended in (None, "eof", "left"):
            return stream.take(limit)
        if stream.ended == "ignore":
            raise self._errors.ConnectTimeout("timed out")
        kind, number = (
            (self._errors.ReadError, errno.ECONNRESET)
            if stream.ended == "reset"
            else (self._errors.ConnectError, errno.ECONNREFUSED)
        )
        cause = OSError(number, os.strerror(number))
        raise kind(cause) from cause

    def _given_up_ns(self) -> int:
        """Return until when an attempt to connect that nobody answers is waited for, by the client or the system."""
        given_up_ns = self._clock.now_ns() + PATIENCE_NS
        until_ns = self._until_ns(self._connect_s)
        return given_up_ns if until_ns is None else min(until_ns, given_up_ns)


class Wire(_Wire):
    """A ``NetworkStream``."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what comes next, moving the clock that far.

        Raises:
            ReadTimeout: Nothing came for ``timeout`` virtual seconds.
            ReadError: The connection was reset.

            ConnectError, ConnectTimeout: There was no connection, which only now turns out.

        """
        if not self._stream.readable and not blocking.wait(self._clock, self._readable, self._until_ns(timeout)):
            raise self._errors.ReadTimeout("timed out")
        if self._stream.ended == "ignore":
            blocking.wait(self._clock, _never, self._given_up_ns())
        return self._taken(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - a write takes no time
        """Send ``buffer``."""
        self._stream.send(buffer)

    def close(self) -> None:
        """Leave."""
        self._stream.leave()

    def start_tls(self, ssl_context: object, server_hostname: object = None, timeout: object = None) -> Self:  # noqa: ARG002
        """Do nothing: in memory nobody listens."""
        return self


class AsyncWire(_Wire):
    """An ``AsyncNetworkStream``, for asyncio and trio."""

    def __init__(self, network: _Network, connect_s: float | None) -> None:
        super().__init__(network, connect_s)
        self._bell = Bell()
        self._stream.on_change = self._bell.ring

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's name
        """Return what comes next; see :meth:`Wire.read`."""
        if not await self._bell.until(self._clock, self._readable, self._until_ns(timeout)):
            raise self._errors.ReadTimeout("timed out")
        if self._stream.ended == "ignore":
            await Bell().until(self._clock, _never, self._given_up_ns())
        return self._taken(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109
        """Send ``buffer``."""
        await checkpoint()
        self._stream.send(buffer)

    async def aclose(self) -> None:
        """Leave."""
        self._stream.leave()

    async def start_tls(self, ssl_context: object, server_hostname: object = None, timeout: object = None) -> Self:  # noqa: ARG002, ASYNC109
        """Do nothing: in memory nobody listens."""
        return self


class _Network:
    """Where connections lead.

    Attributes:
        engine: Who answers.
        clock: In whose time.
        errors: ``httpcore`` or ``httpcore2``, whichever it is for.

    """

    def __init__(self, engine: Engine, clock: VirtualClock, errors: Errors) -> None:
        self.engine = engine
        self.clock = clock
        self.errors = errors


class Network(_Network):
    """A ``NetworkBackend``: what blocks moves the clock."""

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **_: object) -> Wire:  # noqa: ARG002
        """Connect, whatever the host."""
        return Wire(self, timeout)

    def connect_unix_socket(self, path: str, timeout: float | None = None, **_: object) -> Wire:  # noqa: ARG002
        """Connect, whatever the path."""
        return Wire(self, timeout)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        blocking.sleep(self.clock, seconds)


class AsyncNetwork(_Network):
    """An ``AsyncNetworkBackend`` for asyncio and trio: who waits lets the event loop move the clock.

    The loop or run that first connects is put on the clock, if it is not already.
    """

    async def connect_tcp(self, host: str, port: int, timeout: float | None = None, **_: object) -> AsyncWire:  # noqa: ARG002, ASYNC109
        """Connect, whatever the host.

        Raises:
            UsageError: This event loop cannot be put on a virtual clock.

        """
        put_running_on(self.clock)
        await checkpoint()
        return AsyncWire(self, timeout)

    async def connect_unix_socket(self, path: str, timeout: float | None = None, **_: object) -> AsyncWire:  # noqa: ASYNC109
        """Connect, whatever the path."""
        return await self.connect_tcp(path, 0, timeout)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        put_running_on(self.clock)
        await Bell().until(self.clock, _never, self.clock.now_ns() + round(seconds * SECOND))


def put_running_on(clock: VirtualClock) -> None:
    """Put the running asyncio loop, or trio run, on ``clock`` if it is not there yet.

    Raises:
        UsageError: That is impossible; the message says why.

    """
    if in_trio():
        from streamsim.clock.drivers import trio_run  # noqa: PLC0415 - loads trio

        trio_run.adopt(clock)
    else:
        from streamsim.clock.drivers import asyncio_loop  # noqa: PLC0415 - not for sync clients

        asyncio_loop.attach(clock)


def _never() -> Literal[False]:
    return False
