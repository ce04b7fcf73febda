"""What all exchanges of one recording share: its clock, its numbers, its secrets, its file, its counters."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

from streamsim.dialects.reading import clues_of
from streamsim.engine.capture import Capture
from streamsim.errors import RecordingError
from streamsim.recording.model import Request, as_text
from streamsim.recording.redact import Redactor
from streamsim.shells.recorder.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamsim.clock.core import Clock
    from streamsim.engine.capture import Cause
    from streamsim.engine.requests import Request as Asked
    from streamsim.recording.model import Line


READ = 256 << 10


class Sink(Protocol):
    """Where lines go."""

    next_exchange: int
    next_connection: int

    def write(self, lines: Iterable[Line]) -> None:
        """Keep ``lines``."""
        ...


class Session:
    """One recording in progress.

    Attributes:
        redactor: Cleans every line before it is kept.
        open: Exchanges whose end has not been seen.
        exchanges, events, bytes: Counters of what was recorded.
        causes: How exchanges ended, and how many did so.
        ttft_us: Time to the first content of the last exchange that had some.
        on_exchange: Called with the clean lines of every exchange that is over.
        failure: Why nothing is kept any more: the disk is full, say.
        on_failure: Called when that happens.
        buffer: Where all upstream connections read into, as each takes its bytes at once: a new place for every read
            would cost more than all the rest.
        waiting: Reads that are still to be recorded.

    """

    def __init__(self, sink: Sink, clock: Clock, *, redactor: Redactor | None = None) -> None:
        self.redactor = redactor or Redactor()
        self.open = 0
        self.exchanges = 0
        self.events = 0
        self.bytes = 0
        self.causes: Counter[str] = Counter()
        self.ttft_us: int | None = None
        self.on_exchange: Callable[[list[Line]], None] | None = None
        self.failure: RecordingError | None = None
        self.on_failure: Callable[[], object] | None = None
        self.buffer = memoryview(bytearray(READ))
        self.waiting = Waiting(self)
        self._sink = sink
        self._clock = clock
        self._start_ns = clock.now_ns()
        self._kept: dict[int, list[Line]] = {}

    def now_us(self) -> int:
        """Return microseconds since the session began."""
        return (self._clock.now_ns() - self._start_ns) // 1000

    def connection(self) -> int:
        """Return the number of a new client connection."""
        number = self._sink.next_connection
        self._sink.next_connection += 1
        return number

    def begin(self, request: Asked, connection: int, upstream: str = "") -> Capture:
        """Record ``request``, which goes to ``upstream``, and return what takes its response."""
        number = self._sink.next_exchange
        self._sink.next_exchange += 1
        self.exchanges += 1
        self.open += 1
        at_us = self.now_us()
        text = as_text(request.body)
        line = Request(
            exchange=number,
            connection=connection,
            at_us=at_us,
            method=request.method,
            target=request.target,
            headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers),
            text=text or None,
            b64=request.body if text is None else None,
        )
        self._write(self._clean([line]))
        return Capture(number, request.method, at_us, clues_of(line, upstream))

    def feed(self, capture: Capture, data: bytes, at_us: int) -> None:
        """Record what arrived for an exchange."""
        self.feed_all([(capture, data, at_us)])

    def feed_all(self, reads: Iterable[tuple[Capture, bytes, int]]) -> None:
        """Record what arrived, and for which exchange, and when; it is kept in one piece."""
        lines: list[Line] = []
        over: list[Capture] = []
        for capture, data, at_us in reads:
            events, size = capture.events, capture.bytes
            if new := capture.feed(data, at_us):
                lines += new
                self._count(capture, events, size)
                if capture.cause is not None:
                    over.append(capture)
        self._write(self._clean(lines))
        for capture in over:
            self._over(capture)

    def end(self, capture: Capture, cause: Cause) -> None:
        """Record how an exchange ended, unless its capture has seen that already."""
        events, size = capture.events, capture.bytes
        lines = capture.end(cause, self.now_us())
        if lines:
            self._write(self._clean(lines))
            self._count(capture, events, size)
            self._over(capture)

    def _clean(self, lines: list[Line]) -> list[Line]:
        """Return ``lines`` without secrets, for as long as anything can be kept."""
        if self.failure is not None:
            return []
        clean = self.redactor.clean(lines)
        if self.on_exchange is not None:
            for line in clean:
                self._kept.setdefault(line.exchange, []).append(line)
        return clean

    def _count(self, capture: Capture, events: int, size: int) -> None:
        """Count what is new since there were so many events and bytes."""
        self.events += capture.events - events
        self.bytes += capture.bytes - size
        if capture.ttft_us is not None:
            self.ttft_us = capture.ttft_us

    def _over(self, capture: Capture) -> None:
        """Take note that an exchange has ended, which its lines say by now."""
        assert capture.cause is not None  # noqa: S101 - what over means
        self.open -= 1
        self.causes[capture.cause] += 1
        if self.on_exchange is not None:
            self.on_exchange(self._kept.pop(capture.exchange, []))

    def _write(self, lines: list[Line]) -> None:
        if not lines:
            return
        try:
            self._sink.write(lines)
        except RecordingError as error:
            self.failure = error
            if self.on_failure is not None:
                self.on_failure()
