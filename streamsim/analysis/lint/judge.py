"""One exchange against all rules, and what became of its stream.

Law: a stream is complete exactly if its dialect says that the answer ended well, and HTTP that nothing was cut off. Of
a dialect that has no last event the connection's end tells it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamsim.analysis.lint import answer
from streamsim.analysis.lint.bodies import look
from streamsim.analysis.lint.report import NOWHERE, ExchangeLint, Hit, findings
from streamsim.analysis.text import ended, failed
from streamsim.dialects.answer import Answer, gather
from streamsim.dialects.content_encoding import decoder
from streamsim.dialects.failing import failure
from streamsim.dialects.generic import GENERIC
from streamsim.dialects.known import BY_NAME
from streamsim.dialects.reading import clues_of, read_chunks
from streamsim.wire.render import clip, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.analysis.lint.bodies import Looked
    from streamsim.analysis.lint.report import Outcome, Place
    from streamsim.dialects import Dialect
    from streamsim.dialects.protocol import Problem
    from streamsim.dialects.reading import Reading
    from streamsim.dialects.units import Kind
    from streamsim.recording.model import Exchange, Response
    from streamsim.sse import Event

_SHOWN: Final = 200
_LOOK: Final = 1 << 16
_SILENT: Final = ("complete", "cancelled", "timeout", None)
"""Causes that do not show a stream cut short once its answer is over."""


class Wanted(NamedTuple):
    """What is asked of every exchange.

    Attributes:
        dialect: The dialect that it has to speak, if any.
        stream: It has to be a stream.
        lacks: What the recording does not tell, as its header says.
        upstream: Whom the recorder asked, as its header says.

    """

    dialect: Dialect | None = None
    stream: bool = False
    lacks: tuple[str, ...] = ()
    upstream: str = ""

    @property
    def graver(self) -> tuple[str, ...]:
        """Rules that are errors here."""
        return ("http_error", "not_a_stream") if self.stream or self.dialect is not None else ()


def judge(exchange: Exchange, wanted: Wanted) -> ExchangeLint:
    """Return the report on one exchange."""
    case = _Case(exchange, wanted)
    case.run()
    request, response, end = exchange.request, exchange.response, exchange.end
    return ExchangeLint(
        exchange=request.exchange,
        method=request.method,
        target=request.target,
        status=response.status if response is not None else None,
        dialect=case.dialect,
        events=case.events,
        cause=end.cause if end is not None else None,
        verdict=case.verdict,
        why=case.why,
        findings=findings(case.hits, wanted.graver),
    )


class _Case:
    """One exchange while it is judged."""

    def __init__(self, exchange: Exchange, wanted: Wanted) -> None:
        self.hits: list[Hit] = []
        self.dialect = ""
        self.events = 0
        self.verdict: Outcome = "no stream"
        self.why = ""
        self._exchange = exchange
        self._wanted = wanted
        self._cause = exchange.end.cause if exchange.end is not None else None
        decode = decoder(exchange.response.headers if exchange.response is not None else ())
        self._body = b"".join(decode(chunk.data) for chunk in exchange.chunks)

    def run(self) -> None:
        """Judge."""
        response = self._exchange.response
        if response is None:
            self._unanswered()
            return
        kind = answer.kind(response.headers, self._body)
        if response.status >= 400:
            self._refused(response)
        elif not answer.readable(response.headers):
            self._is_none("encoding_unread")
        elif kind is None or (kind == "array" and self._read(kind).spoken is GENERIC):
            self._is_none("not_a_stream")
        else:
            self._stream(kind, response)
        self._connection()

    def _unanswered(self) -> None:
        if self._cause == "cancelled":
            self.verdict, self.why = "cancelled", ended(self._cause)
            self.hits.append(Hit("client_left"))
        else:
            self.verdict, self.why = "broken", ended(self._cause)
            self.hits.append(Hit("framing_broken" if self._cause == "protocol_error" else "no_answer", self.why))

    def _refused(self, response: Response) -> None:
        told = failed(failure(self._body[:_LOOK])) if self._body else response.reason
        self._says("failed", f"HTTP {response.status}: {told}")
        self.hits.append(Hit("http_error", f"the answer is {self.why}"))

    def _says(self, verdict: Outcome, why: str) -> None:
        """Conclude; ``why`` may hold anything."""
        self.verdict, self.why = verdict, clip(visible(why), _SHOWN)

    def _is_none(self, rule: str) -> None:
        self.why = "the body is no stream of events" if rule == "not_a_stream" else "the body can't be read"
        self.hits.append(Hit(rule))

    def _stream(self, kind: Kind, response: Response) -> None:
        told = self._wanted.lacks
        chunked = response.framing == "chunked" and "boundaries" not in told and not _encoded(response)
        looked = look(kind, self._body, [chunk.data for chunk in self._exchange.chunks] if chunked else ())
        if "head" not in told:
            self.hits += answer.of_head(response, has_events=kind == "sse")
        if "times" not in told:
            self.hits += answer.of_silence(self._exchange)
        if "framing" not in told:
            self.hits += looked.hits
        reading = self._read(kind)
        if len(reading.landed) < len(looked.events):
            self.hits.append(Hit("event_too_large", "", looked.events[len(reading.landed)]))
        self._spoken(reading, looked)
        if not self.events:
            self.hits.append(Hit("no_events"))
            if self.verdict == "complete":
                self.verdict, self.why = "no stream", "no event came"

    def _read(self, kind: Kind) -> Reading:
        headers = (("content-type", _TYPES[kind]),)
        return read_chunks(headers, [self._body], clues_of(self._exchange.request, self._wanted.upstream))

    def _spoken(self, reading: Reading, looked: Looked) -> None:
        """Judge what the events say, in the dialect that was asked for, or that they show."""
        spoken = reading.spoken
        self.hits += _other(spoken, self._wanted.dialect)
        if self._wanted.dialect is not None and _fits(spoken, self._wanted.dialect):
            spoken = self._wanted.dialect
        events = reading.events
        self.dialect, self.events = spoken.name, len(events)
        same = spoken is reading.spoken
        told = (item.told for item in reading.landed) if same else map(spoken.tell, events)
        said = gather(told, complete=spoken.complete(events))
        said.failure = said.failure or looked.failure
        self._conclude(spoken, events, said, looked)

    def _conclude(self, spoken: Dialect, events: Sequence[Event], said: Answer, looked: Looked) -> None:
        problems = spoken.problems(events)
        over = said.complete or (spoken is GENERIC and looked.whole and self._cause == "complete")
        self.verdict = self._outcome(said, over=over)
        if self.verdict == "cancelled":  # nobody can know what would have come
            problems = [problem for problem in problems if problem.event is not None]
            self.hits = [hit for hit in self.hits if hit.rule != "unfinished_frame"]
        self.hits += _placed(problems, looked.events)
        if said.failure is not None:
            self._says(self.verdict, failed(said.failure))
            self.hits.append(Hit("error_told", f"the provider tells an error: {self.why}"))
        elif self.verdict == "truncated":
            self._says("truncated", "; ".join(self._missing(problems, looked)))
            self.hits += [] if any(problem.event is None for problem in problems) else [Hit("incomplete")]
        elif self.verdict in ("broken", "cancelled"):
            self.why = ended(self._cause)

    def _outcome(self, said: Answer, *, over: bool) -> Outcome:
        if self._cause == "protocol_error":
            return "broken"
        if said.failure is not None:
            return "failed"
        if not over:
            return "cancelled" if self._cause == "cancelled" else "truncated"
        return "complete" if self._cause in _SILENT else "broken"

    def _missing(self, problems: Sequence[Problem], looked: Looked) -> Iterator[str]:
        """Yield what a truncated stream lacks."""
        yield from dict.fromkeys(problem.message for problem in problems if problem.event is None)
        if not looked.whole:
            yield "the body ends within an event"
        if self._cause != "complete":
            yield ended(self._cause)

    def _connection(self) -> None:
        """Take note of how the exchange ended, as far as that falls short."""
        cause = self._cause
        rule = {None: "no_end", "complete": "", "cancelled": "client_left", "protocol_error": "framing_broken"}.get(
            cause, "cut_short"
        )
        if cause == "timeout" and self.verdict in ("complete", "failed"):
            rule = "left_open"
        if cause == "cancelled" and self.verdict == "complete":
            rule = ""
        if rule:
            self.hits.append(Hit(rule, ended(cause) if rule in ("cut_short", "framing_broken") else ""))


_TYPES: dict[Kind, str] = {
    "sse": "text/event-stream",
    "lines": "application/x-ndjson",
    "array": "application/json",
    "aws": "application/vnd.amazon.eventstream",
}


def _encoded(response: Response) -> bool:
    return any(name.lower() == "content-encoding" for name, _ in response.headers)


def _family(dialect: Dialect) -> str:
    return dialect.family or dialect.name


def _fits(spoken: Dialect, wanted: Dialect) -> bool:
    """Tell whether ``wanted`` can be what is spoken: generic takes all, and what shows nothing can be anything."""
    return GENERIC in (spoken, wanted) or _family(spoken) == _family(wanted)


def _other(spoken: Dialect, wanted: Dialect | None) -> Iterator[Hit]:
    if wanted is None or wanted is GENERIC or _family(spoken) == _family(wanted):
        return
    if spoken is GENERIC:
        yield Hit("other_dialect", f"no event is one that only {wanted.name} has")
    else:
        yield Hit("other_dialect", f"the events are those of {spoken.name}, not of {wanted.name}")


def _placed(problems: Sequence[Problem], events: Sequence[Place]) -> Iterator[Hit]:
    for problem in problems:
        nth = problem.event
        place = NOWHERE if nth is None else events[nth]
        yield Hit(problem.rule, clip(visible(problem.message), _SHOWN), place)


def dialect_named(name: str) -> Dialect | None:
    """Return the dialect of that name, if there is one."""
    return GENERIC if name == GENERIC.name else BY_NAME.get(name)
