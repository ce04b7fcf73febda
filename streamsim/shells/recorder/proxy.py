"""The recording proxy: clients talk to it as if it were the provider."""

from __future__ import annotations

import asyncio
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


class Proxy:
    """Listens, and gives each client connection a relay. Use it as ``async with Proxy(…) as proxy``."""

    def __init__(self, make_relay: Callable[[], Relay], *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.make_relay = make_relay
        self.clients: set[_Client] = set()
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
            problem = f"cannot listen there: {error.strerror or error}"
            raise UsageError(where, problem, "choose another --host or --port; --port 0 takes a free one") from error
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening; exchanges that are still open are recorded as cancelled."""
        if self._server is not None:
            self._server.close()
            for client in tuple(self.clients):
                client.hang_up()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Where clients find it."""
        assert self._server is not None  # noqa: S101 - only asked while listening
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._server.sockets[0].getsockname()[1]}"


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
        self._proxy.clients.add(self)

    def data_received(self, data: bytes) -> None:
        self._queue.extend(self._reader.feed(data))
        if self._reader.wants_continue() and self._passage is None and self._transport is not None:
            self._transport.write(CONTINUE)
        self._next()

    def eof_received(self) -> None:
        self._leave()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        self._leave()
        self._transport = None
        self._proxy.clients.discard(self)
        if self._relay is not None and self._passage is None:
            self._relay.close()

    def hang_up(self) -> None:
        """Close now, because the proxy stops."""
        if self._passage is not None:
            self._passage.cancel()
        if self._relay is not None:
            self._relay.close()
        if self._transport is not None:
            self._transport.abort()

    def _leave(self) -> None:
        self._queue.clear()
        if self._passage is not None:
            self._passage.client_left()

    def _next(self) -> None:
        """Carry the next request, unless one is on its way."""
        transport = self._transport
        if transport is None or self._passage is not None or not self._queue:
            return
        request = self._queue.popleft()
        if isinstance(request, Refusal):
            script = error_answer(request.status, request.reason, request.problem, close=True)
            transport.write(b"".join(script.wires))
            transport.close()
            return
        if self._relay is None:
            self._relay = self._proxy.make_relay()
        asked = request

        def done(lives: bool) -> None:  # noqa: FBT001 - one fact
            self._passage = None
            self._over(lives=lives and asked.keep_alive)

        passage = self._relay.exchange(request, transport, done)
        if not passage.over:
            self._passage = passage

    def _over(self, *, lives: bool) -> None:
        transport = self._transport
        if transport is None:
            if self._relay is not None:
                self._relay.close()
        elif lives:
            self._next()
        else:
            when_delivered(asyncio.get_running_loop(), transport, transport.close)
