"""How content flows: measured event by event, nothing kept but gaps and what was said.

The laws: content is what the dialect says it is, so role-only, ping, comment and empty events break no silence; events
that came before one that shows the dialect are taken in that dialect too; once the terminal event has come, silence is
no stall.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from streamsim.analysis import histogram
from streamsim.analysis.hearing import Hearing
from streamsim.analysis.report import Content, Stall
from streamsim.analysis.spread import Gaps
from streamsim.analysis.strip import StripCounter
from streamsim.dialects import Landed, StreamReader
from streamsim.dialects.generic import GENERIC
from streamsim.dialects.reading import PATIENCE
from streamsim.units import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.dialects import Clues
    from streamsim.sse import Event
    from streamsim.wire import Headers


class Flow:
    """Measures one event stream as its chunks come; of what is said it keeps ``keep`` characters, or all."""

    def __init__(self, headers: Headers, clues: Clues, keep: int | None = None) -> None:
        self._reader = StreamReader(headers, clues)
        self._hearing = Hearing(keep)
        # What came before the dialect was known: the events of each chunk, when, and which chunk.
        self._early: list[tuple[list[Landed], int, int]] | None = []
        self._ends: list[Event] = []  # the first and the last event
        self._terminal = False
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

    def feed(self, data: bytes, at_ns: int) -> None:
        """Take the next chunk, which was complete ``at_ns`` nanoseconds after the request."""
        landed = self._reader.feed(data)
        nth = self._reader.chunks - 1
        if self._early is None:
            self._take(landed, at_ns, nth)
            return
        if landed:
            self._early.append((landed, at_ns, nth))
        if self._reader.dialect is not GENERIC or self._reader.unclaimed >= PATIENCE:
            self._settle()

    def _settle(self) -> None:
        """Take what came early, now that its dialect is known or never will be."""
        tell = self._reader.dialect.tell
        early, self._early = self._early or [], None
        for landed, at_ns, nth in early:
            self._take([Landed(item.chunk, item.event, tell(item.event)) for item in landed], at_ns, nth)

    def _take(self, landed: Sequence[Landed], at_ns: int, nth: int) -> None:
        over = self._terminal
        if landed:
            self._count(landed, at_ns)
        if any(item.content for item in landed):
            self._content(at_ns, nth)
        if self._terminal and not over:
            self._silent_until(at_ns, "end")

    def close(self, at_ns: int) -> None:
        """Take note that the stream was still open, or ended, at ``at_ns``."""
        self._settle()
        self._strip.add(at_ns, 0)
        if not self._terminal:
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
            terminal=self._terminal,
            told_all=self._told_all(),
            stall=self._stall,
            model=self._hearing.model,
            said=self._hearing.said(),
            tokens=self._hearing.tokens(0 if self._ttft_ns is None else self._silence[0] - self._ttft_ns),
            failure=self._hearing.failure,
            histogram=histogram.buckets(self._gaps.values),
            strip=self._strip.strip(),
        )

    def _count(self, landed: Sequence[Landed], at_ns: int) -> None:
        if not self._events:
            self._first_event_ns = at_ns
        self._events += len(landed)
        self._last_event_ns = at_ns
        self._strip.add(at_ns, len(landed))
        self._ends = [self._ends[0] if self._ends else landed[0].event, landed[-1].event]
        for item in landed:
            self._hearing.hear(item.told)
            self._terminal = self._terminal or item.terminal

    def _told_all(self) -> bool:
        """Tell whether the answer ended; where only the connection's end tells, any events will do."""
        return self._terminal or self._reader.dialect.complete(self._ends[: self._events])

    def _content(self, at_ns: int, nth: int) -> None:
        if self._ttft_ns is None:
            self._ttft_ns = at_ns
        else:
            self._gaps.add(at_ns - self._silence[0])
            self._silent_until(at_ns, "content")
        self._content_chunks += 1
        self._silence = (at_ns, nth, self._events)

    def _silent_until(self, at_ns: int, until: Literal["content", "end"]) -> None:
        from_ns, chunk, events = self._silence
        gap_ns = at_ns - from_ns
        if self._ttft_ns is not None and gap_ns > (self._stall.ns if self._stall else 0):
            self._stall = Stall(gap_ns, from_ns, chunk, events, until)

    def _rate(self) -> float | None:
        span_ns = self._last_event_ns - self._first_event_ns
        # A quotient of two integers, correctly rounded, is the same float everywhere.
        return round((self._events - 1) * SECOND / span_ns, 3) if span_ns else None
