"""Measuring one exchange as its lines come.

The law: what was measured is forgotten, so memory does not grow with the stream but for eight bytes a gap, and for the
texts where all of them are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from streamsim.analysis import verdict
from streamsim.analysis.flow import Flow
from streamsim.analysis.report import Answer, ExchangeReport
from streamsim.analysis.verdict import Verdict
from streamsim.dialects import streams
from streamsim.dialects.content_encoding import decoder, header
from streamsim.dialects.generic import GENERIC
from streamsim.dialects.reading import clues_of
from streamsim.dialects.units import kind_of
from streamsim.wire.render import preview

if TYPE_CHECKING:
    from streamsim.analysis.report import Content
    from streamsim.recording.model import Chunk, Exchange, Response

# How much of a body that is no event stream is looked at, in bytes, and shown, in columns.
_LOOK = 400
_SHOW = 100


class Meter:
    """Measures ``exchange``, which grows between two calls of :meth:`take`; of a text ``keep`` characters are kept."""

    def __init__(self, exchange: Exchange, keep: int | None = None, upstream: str = "") -> None:
        self._exchange = exchange
        self._keep = keep
        self._clues = clues_of(exchange.request, upstream)
        # The request's body is not needed, and may be large.
        exchange.request = replace(exchange.request, headers=(), text=None, b64=None)
        self._at_ns = 0
        self._ttfb_ns: int | None = None
        self._answer: Answer | None = None
        self._flow: Flow | None = None
        self._decode = decoder(())
        self._shown = False
        self._chunks = 0
        self._bytes = 0
        self._body_start = b""

    @property
    def ended(self) -> bool:
        """Whether the end line has come."""
        return self._exchange.end is not None

    def take(self) -> None:
        """Measure the lines that have come, and take them out of the exchange."""
        exchange = self._exchange
        for info in exchange.infos:
            self._head(info.dt_us)
        exchange.infos.clear()
        if exchange.response is not None and self._answer is None:
            self._head(exchange.response.dt_us)
            self._begin(exchange.response)
        for chunk in exchange.chunks:
            self._chunk(chunk)
        exchange.chunks.clear()

    def report(self) -> ExchangeReport:
        """Return what was measured, once the end line has come or never will."""
        request, end = self._exchange.request, self._exchange.end
        self._at_ns += end.dt_us * 1000 if end is not None else 0
        content = self._content()
        cause = end.cause if end is not None else None
        return ExchangeReport(
            exchange=request.exchange,
            connection=request.connection,
            method=request.method,
            target=request.target,
            at_us=request.at_us,
            answer=self._answer,
            chunks=self._chunks,
            bytes=self._bytes,
            ttfb_ns=self._ttfb_ns,
            total_ns=self._at_ns,
            content=content,
            body_start=preview(self._body_start, _SHOW) if content is None else "",
            cause=cause,
            offending=preview(end.data, _SHOW) if end is not None else "",
            verdict=_verdict(content, cause),
        )

    def _content(self) -> Content | None:
        """Return what the events say; JSON of which no dialect owns a part is no stream."""
        if self._flow is None:
            return None
        self._flow.close(self._at_ns)
        return None if self._shown and self._flow.dialect == GENERIC.name else self._flow.measured()

    def _head(self, dt_us: int) -> None:
        self._at_ns += dt_us * 1000
        if self._ttfb_ns is None:
            self._ttfb_ns = self._at_ns

    def _begin(self, response: Response) -> None:
        headers = response.headers
        content_type = header(headers, "content-type")
        encoding = header(headers, "content-encoding")
        self._answer = Answer(response.status, response.reason, response.http, response.framing, content_type, encoding)
        if kind_of(headers) is not None:
            self._flow = Flow(headers, self._clues, self._keep)
        self._decode = decoder(headers)
        self._shown = not streams(headers)  # JSON may turn out to be a stream or not: it is looked at both ways

    def _chunk(self, chunk: Chunk) -> None:
        data = chunk.data
        self._at_ns += chunk.dt_us * 1000
        self._chunks += 1
        self._bytes += len(data)
        if self._flow is not None:
            self._flow.feed(data, self._at_ns)
        if self._shown and len(self._body_start) < _LOOK:
            self._body_start += self._decode(data)[:_LOOK]


def _verdict(content: Content | None, cause: str | None) -> Verdict:
    """Judge; known dialects say themselves when they are done, other answers are done when their body is complete."""
    if content is None:
        return Verdict(None, None, cause == "complete")
    completed = content.terminal or (cause == "complete" and (content.told_all or content.dialect == GENERIC.name))
    median_ns = content.itl.p50_ns if content.itl is not None else None
    return Verdict(verdict.start(content.ttft_ns), verdict.pace(median_ns), completed)
