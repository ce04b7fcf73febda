"""Clients that want a URL: our server is the stimulus, over a real socket.

Law: what a client is served is a recording, see :mod:`~streamsim.conformance.recorded`, which can be served again.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from typing import TYPE_CHECKING, Any

from streamsim.conformance.forms.endless import sending
from streamsim.conformance.forms.pulling import Log, Pulling, events_of
from streamsim.conformance.forms.sources import Source
from streamsim.conformance.recorded import USUAL, Manner, recording_of
from streamsim.engine.core import Engine
from streamsim.errors import UsageError
from streamsim.plan.planner import Planner
from streamsim.shells.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamsim.conformance.reading import Held, Reading

_LIMIT_S = 10.0


class Stimulus:
    """A server in a thread of its own, that serves one stream at a time.

    Attributes:
        url: Where; the same for all streams.

    """

    def __init__(self) -> None:
        """Start.

        Raises:
            UsageError: It cannot listen.

        """
        self.url = ""
        self._server: Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="streamsim stimulus", daemon=True)
        self._thread.start()
        self._ready.wait(_LIMIT_S)
        if not self.url:
            raise UsageError("127.0.0.1", "the server does not start", "is loopback there?")

    def serve(self, chunks: Sequence[bytes], *then: Sequence[bytes], manner: Manner = USUAL) -> None:
        """Answer the next request with ``chunks``, further ones with ``then``, and all later ones with 204."""
        server = self._server
        if server is not None:
            server.engine = Engine([Planner(recording_of((chunks, *then), manner, over=True))])

    def stop(self) -> None:
        """Stop serving."""
        loop, over = self._loop, self._over
        if loop is not None and over is not None and not loop.is_closed():
            loop.call_soon_threadsafe(over.set)
            self._thread.join(_LIMIT_S)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(self._serve())
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with Server(Engine([])) as server:
            self._server = server
            self.url = f"{server.url}/stream"
            self._ready.set()
            await self._over.wait()


class OfUrl(Pulling):
    """``parse(url)`` returns an iterator of events, or an asynchronous one, and ends when the server tells it to."""

    patience_s = 10.0
    reconnects = True

    def __init__(self, parse: Callable[..., Any], name: str) -> None:
        super().__init__(parse, name)
        self._stimulus: Stimulus | None = None
        self._url = ""
        self._times: list[float] = []

    def close(self) -> None:
        """Stop the server."""
        if self._stimulus is not None:
            self._stimulus.stop()
            self._stimulus = None

    def read(self, chunks: Sequence[bytes]) -> Reading:
        """Serve one stream and let the client read it."""
        return self._served(chunks)

    def read_on(self, first: Sequence[bytes], then: Sequence[bytes]) -> Reading:
        """Serve one stream, and another to a client that comes back."""
        return self._served(first, then)

    def held(self, chunks: Sequence[bytes], times: int) -> Held | None:
        """Read a long stream, from who holds nothing of it: the server is in this process, too."""
        with sending(chunks, times) as self._url:
            return self._traced(Source(()))

    def read_as(self, chunks: Sequence[bytes], content_type: str) -> Reading:
        """Serve one stream, called so."""
        return self._served(chunks, manner=Manner(type=content_type))

    def apart_s(self, chunks: Sequence[bytes], pause_s: float, content_type: str) -> float:
        """Note when events come."""
        self._times.clear()
        self._served(chunks, manner=Manner(content_type, pause_s))
        return self._times[-1] - self._times[0] if self._times else 0.0

    def _served(self, first: Sequence[bytes], *then: Sequence[bytes], manner: Manner = USUAL) -> Reading:
        if self._stimulus is None:
            self._stimulus = Stimulus()
        self._stimulus.serve(first, *then, manner=manner)
        self._url = self._stimulus.url
        return super().read(first)

    def _run(self, source: Source, log: Log) -> None:  # noqa: ARG002 - the server has the chunks
        log.noted = lambda: self._times.append(time.monotonic())
        answer = events_of(self.parse(self._url))
        if hasattr(answer, "__aiter__") or inspect.isawaitable(answer):
            asyncio.run(_pull(answer, log))
            return
        for event in answer:
            log.add(event, 0)


async def _pull(answer: Any, log: Log) -> None:
    if inspect.isawaitable(answer):
        answer = events_of(await answer)
    if hasattr(answer, "__aiter__"):
        async for event in answer:
            log.add(event, 0)
    else:
        for event in answer:
            log.add(event, 0)
