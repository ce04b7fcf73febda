"""Clients that want a URL: our server is the stimulus, over a real socket.

Law: each stream is an exchange of its own, cut into HTTP chunks a moment apart; whoever asks again is told 204, which
means "do not reconnect" (section 9.2.3).
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from streamsim.conformance.forms.endless import sending
from streamsim.conformance.forms.pulling import Log, Pulling, events_of
from streamsim.conformance.forms.sources import Source
from streamsim.engine.core import Engine
from streamsim.errors import UsageError
from streamsim.plan.planner import Planner
from streamsim.recording.model import Chunk, Ending, Exchange, Header, Recording, Request, Response, as_text
from streamsim.shells.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamsim.conformance.reading import Held, Reading

GAP_US = 1_000
"""Between two chunks, so that a client is likely to read them one by one."""
_LIMIT_S = 10.0
_AT_ONCE: Final = 200
"""So many chunks and more come without time between them."""
TYPE: Final = "text/event-stream"


class Manner(NamedTuple):
    """How a stream is served.

    Attributes:
        type: Its content type; as it is usual, it says nothing of a charset.
        pause_s: Between two chunks.
        last_s: Between the last chunk and the end.

    """

    type: str = TYPE
    pause_s: float = GAP_US / 1e6
    last_s: float = 0.0


USUAL: Final = Manner()


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
            server.engine = Engine([Planner(_recording((chunks, *then), manner))])

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


def _recording(streams: Sequence[Sequence[bytes]], manner: Manner) -> Recording:
    exchanges = [_exchange(number, chunks, manner) for number, chunks in enumerate(streams, start=1)]
    last = len(exchanges) + 1
    nothing = _exchange(last, (), USUAL)
    nothing.response = Response(exchange=last, dt_us=0, status=204, reason="No Content", framing="none", headers=())
    exchanges.append(nothing)
    return Recording(header=Header(version=1), entries=(), exchanges=tuple(exchanges), source="conformance")


def _exchange(number: int, chunks: Sequence[bytes], manner: Manner) -> Exchange:
    gap_us = int(manner.pause_s * 1e6) if len(chunks) < _AT_ONCE else 0
    headers = (("content-type", manner.type), ("cache-control", "no-store"), ("connection", "close"))
    return Exchange(
        number=number,
        request=Request(exchange=number, connection=1, at_us=0, method="GET", target="/stream", headers=()),
        response=Response(exchange=number, dt_us=0, status=200, reason="OK", framing="chunked", headers=headers),
        chunks=[_chunk(number, chunk, gap_us) for chunk in chunks if chunk],
        end=Ending(exchange=number, dt_us=int(manner.last_s * 1e6), cause="complete"),
    )


def _chunk(number: int, data: bytes, gap_us: int) -> Chunk:
    text = as_text(data)
    return Chunk(exchange=number, dt_us=gap_us, text=text, b64=data if text is None else None)
