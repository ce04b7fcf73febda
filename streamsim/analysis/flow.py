"""How content flows: measured event by event, nothing kept but gaps.

The laws: content is what the dialect says it is, so role-only, ping, comment and empty events break no silence; once
the terminal event has come, silence is no stall.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from streamsim.analysis import histogram
from streamsim.analysis.report import Content, Stall
from streamsim.analysis.spread import Gaps
from streamsim.analysis.strip import StripCounter
from streamsim.dialects import StreamReader
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects import Landed
    from streamsim.wire import Headers


class Flow:
    """Measures one event stream as its chunks come."""

    def __init__(self, headers: Headers) -> None:
        self._reader = StreamReader(headers)
        self._strip = StripCounter()
        self._gaps = Gaps()
        self._events = 0
        self._first_event_ns = 0
        self._last_event_ns = 0
        self._content_chunks = 0
        self._ttft_ns: int | None = None
        self._silence = (0, 0, 0)  # since when, after which chunk, after how many events
        self._stall: Stall | None = None

    @property
    def dialect(self) -> str:
        """Whose protocol it is, as far as can be told by now."""
        return self._reader.dialect.name

    @property
    def terminal(self) -> bool:
        """Whether the terminal event has come."""
        return self._reader.terminal

    def feed(self, data: bytes, at_ns: int) -> None:
        """Take the next chunk, which was complete ``at_ns`` nanoseconds after the request."""
        over = self.terminal
        landed = self._reader.feed(data)
        if landed:
            self._count(landed, at_ns)
        if any(item.content for item in landed):
            self._content(at_ns)
        if self.terminal and not over:
            self._silent_until(at_ns, "end")

    def close(self, at_ns: int) -> None:
        """Take note that the stream was still open, or ended, at ``at_ns``."""
        self._strip.add(at_ns, 0)
        if not self.terminal:
            self._silent_until(at_ns, "end")

    def measured(self) -> Content:
        """Return what was measured."""
        return Content(
            dialect=self.dialect,
            events=self._events,
            chunks=self._content_chunks,
            ttft_ns=self._ttft_ns,
            itl=self._gaps.spread(),
            events_per_s=self._rate(),
            terminal=self.terminal,
            stall=self._stall,
            histogram=histogram.buckets(self._gaps.values),
            strip=self._strip.strip(),
        )

    def _count(self, landed: Sequence[Landed], at_ns: int) -> None:
        if not self._events:
            self._first_event_ns = at_ns
        self._events += len(landed)
        self._last_event_ns = at_ns
        self._strip.add(at_ns, len(landed))

    def _content(self, at_ns: int) -> None:
        if self._ttft_ns is None:
            self._ttft_ns = at_ns
        else:
            self._gaps.add(at_ns - self._silence[0])
            self._silent_until(at_ns, "content")
        self._content_chunks += 1
        self._silence = (at_ns, self._reader.chunks - 1, self._events)

    def _silent_until(self, at_ns: int, until: Literal["content", "end"]) -> None:
        from_ns, chunk, events = self._silence
        gap_ns = at_ns - from_ns
        if self._ttft_ns is not None and gap_ns > (self._stall.ns if self._stall else 0):
            self._stall = Stall(gap_ns, from_ns, chunk, events, until)

    def _rate(self) -> float | None:
        span_ns = self._last_event_ns - self._first_event_ns
        # A quotient of two integers, correctly rounded, is the same float everywhere.
        return round((self._events - 1) * SECOND / span_ns, 3) if span_ns else None
