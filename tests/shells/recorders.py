"""A recording proxy in a thread of its own, and its recording in memory."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

from streamsim.clock.drivers.realtime import RealClock
from streamsim.recording.assemble import Assembler
from streamsim.recording.model import Ending, Header, Recording
from streamsim.shells.recorder import Proxy, Relay, Session, Upstream
from tests.shells.upstreams import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

    from streamsim.recording.model import Exchange, Line


class Memory:
    """Keeps lines; whoever waits for a number of ended exchanges is told."""

    def __init__(self) -> None:
        self.next_exchange = 1
        self.next_connection = 1
        self.lines: list[Line] = []
        self._news = threading.Condition()

    def write(self, lines: Iterable[Line]) -> None:
        with self._news:
            self.lines.extend(lines)
            self._news.notify_all()

    def recording(self) -> Recording:
        """Return what was kept so far."""
        assembler = Assembler("<memory>")
        with self._news:
            assembler.add(list(self.lines), 1)
        exchanges = tuple(assembler.exchanges.values())
        return Recording(header=Header(version=1), entries=tuple(assembler.entries), exchanges=exchanges)

    def ended(self, count: int = 1) -> list[Exchange]:
        """Wait until so many exchanges are over, and return all exchanges."""

        def over() -> bool:
            return sum(isinstance(line, Ending) for line in self.lines) >= count

        with self._news:
            assert self._news.wait_for(over, PATIENCE_S), self.lines
        return list(self.recording().exchanges)


class Recorder:
    """Records what passes. The keyword arguments are those of `Relay`."""

    def __init__(
        self, url: str, *, silence_s: float = PATIENCE_S, keep_encoding: bool = False, terminal_s: float = PATIENCE_S
    ) -> None:
        self.memory = Memory()
        self.session = Session(self.memory, RealClock())
        upstream = Upstream(url)
        self.proxy = Proxy(
            lambda: Relay(
                self.session, upstream, silence_s=silence_s, keep_encoding=keep_encoding, terminal_s=terminal_s
            )
        )
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._sockets: list[socket.socket] = []

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with self.proxy:
            self._ready.set()
            await self._stop.wait()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for one in self._sockets:
            one.close()

    def stop(self) -> None:
        """Stop the proxy, and wait until it has."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()

    def client(self) -> socket.socket:
        """Return a new connection to the proxy."""
        port = int(self.proxy.url.rpartition(":")[2])
        made = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self._sockets.append(made)
        return made

    def ask(self, request: bytes = b"GET / HTTP/1.1\r\nHost: us\r\n\r\n") -> socket.socket:
        """Return a new connection on which ``request`` was sent."""
        made = self.client()
        made.sendall(request)
        return made

    def until(self, true: Callable[[], bool]) -> None:
        """Wait until ``true`` is, as seen from the proxy's own loop."""

        async def look() -> None:
            async with asyncio.timeout(PATIENCE_S):
                while not true():  # noqa: ASYNC110 - whatever it is, it sets no event
                    await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(look(), self._loop).result(PATIENCE_S)
