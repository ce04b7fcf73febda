"""What is reported of a recording and of each exchange: plain data, which is also the JSON.

The law: times are nanoseconds, since the request's last byte or between two moments after it;
what was not seen is None.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from streamsim.analysis.hearing import Said, Tokens
from streamsim.analysis.histogram import Bucket
from streamsim.analysis.spread import Spread
from streamsim.analysis.strip import Strip
from streamsim.analysis.verdict import Verdict
from streamsim.dialects.told import Failure
from streamsim.errors import RecordingError
from streamsim.wire import Framing


class Stall(msgspec.Struct, frozen=True):
    """The longest time without content, once content had begun.

    Attributes:
        ns: How long.
        from_ns: When the silence began.
        after_chunk: The chunk after which it began, counted from 0.
        after_events: How many events had come by then.
        until: What ended it.

    """

    ns: int
    from_ns: int
    after_chunk: int
    after_events: int
    until: Literal["content", "end"]


class Answer(msgspec.Struct, frozen=True):
    """The head of a response; ``content_type`` and ``content_encoding`` are in lower case."""

    status: int
    reason: str
    http: str
    framing: Framing
    content_type: str
    content_encoding: str


class Content(msgspec.Struct, frozen=True):
    """What an event stream carried.

    Attributes:
        dialect: Whose protocol.
        events: How many events.
        chunks: How many chunks complete an event with content.
        ttft_ns: The first of them.
        itl: Gaps between successive ones.
        events_per_s: From the first event to the last; None when they came at once.
        terminal: Whether the dialect's terminal event was seen.
        told_all: Whether the answer ended, as far as events tell; the same, but where only the connection's end tells.
        stall: The longest silence.
        histogram: The same gaps, in buckets.
        strip: Events over time.
        model: Its name, where told.
        said: What each choice said; the beginnings of texts, or all of them.
        tokens: What was counted.
        failure: The error that was told.

    """

    dialect: str
    events: int
    chunks: int
    ttft_ns: int | None
    itl: Spread | None
    events_per_s: float | None
    terminal: bool
    told_all: bool
    stall: Stall | None
    histogram: tuple[Bucket, ...]
    strip: Strip
    model: str
    said: tuple[Said, ...]
    tokens: Tokens
    failure: Failure | None


class ExchangeReport(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange.

    Attributes:
        exchange, connection: Their numbers.
        method, target: Of the request.
        at_us: When the request was complete, since the session began.
        answer: The response's head, or None when none came.
        chunks, bytes: Of the response's body, as on the wire inside its framing.
        ttfb_ns: The first byte of any response.
        total_ns: The end, or the last that was seen.
        content: What the events say; None where the body is no event stream.
        body_start: The beginning of such a body, on one line; "" for an event stream.
        cause: How it ended, as recorded; None when the recorder saw no end.
        offending: The bytes that broke the protocol, on one line.
        verdict: How it would feel.

    """

    exchange: int
    connection: int
    method: str
    target: str
    at_us: int
    answer: Answer | None
    chunks: int
    bytes: int
    ttfb_ns: int | None
    total_ns: int
    content: Content | None
    body_start: str
    cause: str | None
    offending: str
    verdict: Verdict


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """One recording.

    Attributes:
        source: The file.
        created, recorder, upstream, imported, lacks, redacted: What its first line says.
        torn: The last line was cut in the middle, as a killed recorder leaves it.
        salvaged: The error up to which the file was read; None when all of it was.
        comments: How many lines are comments.
        unknown: How many lines are of which unknown kind.
        exchanges_in_file: How many there are, reported or not.
        whole: Texts are there to their end, and not only their beginnings.
        exchanges: In the order of their requests.

    """

    source: str
    created: str
    recorder: str
    upstream: str
    imported: str
    lacks: tuple[str, ...]
    redacted: tuple[str, ...]
    torn: bool
    salvaged: str | None
    comments: int
    unknown: dict[str, int]
    exchanges_in_file: int
    whole: bool
    exchanges: tuple[ExchangeReport, ...]

    def only(self, number: int) -> Inspection:
        """Return the same with no exchange but ``number``.

        Raises:
            RecordingError: There is none.

        """
        found = tuple(report for report in self.exchanges if report.exchange == number)
        if not found:
            known = ", ".join(str(report.exchange) for report in self.exchanges) or "none"
            raise RecordingError(self.source, f"there is no exchange {number}", f"it has {known}")
        return msgspec.structs.replace(self, exchanges=found)
