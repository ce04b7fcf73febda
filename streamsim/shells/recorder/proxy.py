"""The recording proxy: clients talk to it as if it were the provider."""

from __future__ import annotations

import asyncio
import errno
import os
from collections import deque
from typing import TYPE_CHECKING

from streamsim.engine.answers import error_answer
from streamsim.engine.connection import CONTINUE
from streamsim.engine.requests import Limits, Refusal, Request, RequestReader
from streamsim.errors import UsageError
from streamsim.shells.delivery import when_delivered

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from streamsim.shells.recorder.relay import Passage, Relay

LINGER_S = 2.0
_NO_TUNNEL = Refusal(
    405, "Method Not Allowed", "this recorder stands in for its upstream: give its address as base URL, not as proxy"
)


class Proxy:
    """Listens, and gives each client connection a relay. Use it as ``async with Proxy(…) as proxy``.

    Attributes:
        clients: Those that are connected, or have left and the end of their answer is waited for.

    """

    def __init__(self, make_relay: Callable[[], Relay], *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.make_relay = make_relay
        self.clients: set[_Client] = set()
        self._news = asyncio.Event()
        self.limits = Limits()
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            UsageError: The address cannot be listened on.

        """
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: _Client(self), self._host, self._port, backlog=1024)
        except OSError as error:
            where = f"{self._host}:{self._port}"
            raise UsageError(
                where,
                f"cannot listen there: {_reason(error)}",
                "choose another --host or --port; --port 0 takes a free one",
            ) from error
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening; exchanges that are still open are recorded as cancelled.

        Of those that had their terminal event the end is waited for, as if their clients had left.
        """
        if self._server is not None:
            self._server.close()
            while self.clients:
                for client in tuple(self.clients):
                    client.hang_up()
                self._news.clear()
                await self._news.wait()
            await self._server.wait_closed()

    def come(self, client: _Client) -> None:
        """Take note of a client."""
        self.clients.add(client)
        self._news.set()

    def gone(self, client: _Client) -> None:
        """Take note that nothing more is to be done for a client."""
        self.clients.discard(client)
        self._news.set()

    @property
    def url(self) -> str:
        """Where clients find it."""
        assert self._server is not None  # noqa: S101 - only asked while listening
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._server.sockets[0].getsockname()[1]}"


def _reason(error: OSError) -> str:
    """Return the system's words; asyncio's own name the address, which the message has already."""
    if error.errno in (None, errno.EADDRNOTAVAIL):
        return "it is no address of this machine"
    return os.strerror(error.errno) if error.errno > 0 else str(error.strerror)


class _Client(asyncio.Protocol):
    """One client's connection: requests in, raw bytes of the upstream out."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._reader = RequestReader(proxy.limits)
        self._queue: deque[Request | Refusal] = deque()
        self._relay: Relay | None = None
        self._passage: Passage | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a TCP server gets
        self._transport = transport
        self._proxy.come(self)

    def data_received(self, data: bytes) -> None:
        self._queue.extend(self._reader.feed(data))
        self._next()

    def eof_received(self) -> None:
        self._leave()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        self._leave()
        self._transport = None
        if self._passage is None:
            self._vanish()

    def hang_up(self) -> None:
        """Close, because the proxy stops."""
        self._leave()
        if self._transport is not None:
            self._transport.abort()

    def _vanish(self) -> None:
        """Be no more: neither the client is there nor anything on its way."""
        if self._relay is not None:
            self._relay.close()
        self._proxy.gone(self)

    def _leave(self) -> None:
        self._queue.clear()
        if self._passage is not None:
            self._passage.client_left()

    def _next(self) -> None:
        """Carry the next request, or invite the rest of one; unless one is on its way."""
        transport = self._transport
        if transport is None or self._passage is not None:
            return
        if not self._queue:
            if self._reader.wants_continue():
                transport.write(CONTINUE)
            return
        request = self._queue.popleft()
        if isinstance(request, Request) and request.method == "CONNECT":
            request = _NO_TUNNEL
        if isinstance(request, Refusal):
            self._refuse(transport, request)
            return
        if self._relay is None:
            self._relay = self._proxy.make_relay()
        self._carry(self._relay, request, transport)

    def _refuse(self, transport: asyncio.Transport, refusal: Refusal) -> None:
        """Say why not, and read on for a moment: a close with unread bytes would reset the answer away."""
        self._queue.clear()
        script = error_answer(refusal.status, refusal.reason, refusal.problem, close=True)
        transport.write(b"".join(script.wires))
        transport.write_eof()
        asyncio.get_running_loop().call_later(LINGER_S, transport.abort)

    def _carry(self, relay: Relay, request: Request, transport: asyncio.Transport) -> None:
        def done(lives: bool) -> None:  # noqa: FBT001 - one fact
            self._passage = None
            self._over(lives=lives and request.keep_alive)

        passage = relay.exchange(request, transport, done)
        if not passage.over:
            self._passage = passage

    def _over(self, *, lives: bool) -> None:
        transport = self._transport
        if transport is None:
            self._vanish()
        elif lives:
            self._next()
        else:
            when_delivered(asyncio.get_running_loop(), transport, transport.close)
