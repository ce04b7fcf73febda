"""A recorded stream as the whole answer that a client gets who asks for no stream.

Laws: it says what the stream says, in the provider's own form; it comes when the stream would have been over. An error
that the stream tells is an HTTP error. What was cut short is answered with what was said until then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamsim.dialects import Landed, Reading
from streamsim.recording.model import Chunk, Ending, Exchange, Response, as_text
from streamsim.wire import Step
from streamsim.wire.statuses import REASONS

if TYPE_CHECKING:
    from streamsim.dialects.outline import Outline
    from streamsim.dialects.protocol import Dialect, Writer
    from streamsim.dialects.told import Failure
    from streamsim.rng import Rng
    from streamsim.wire import Headers, Timeline

# What providers call what has a status of its own; by a part of the name, in lower case without marks.
_STATUSES: Final = {
    "overloaded": 529,
    "ratelimit": 429,
    "toomanyrequests": 429,
    "throttling": 429,
    "resourceexhausted": 429,
    "quota": 429,
    "unauthenticated": 401,
    "authentication": 401,
    "apikey": 401,
    "permission": 403,
    "notfound": 404,
    "toolarge": 413,
    "invalid": 400,
    "validation": 400,
    "contentfilter": 400,
    "unavailable": 503,
    "timeout": 504,
    "deadline": 504,
}
_BODILESS: Final = frozenset(("content-length", "transfer-encoding", "connection"))


def writer_of(source: Exchange, known: Outline) -> Writer | None:
    """Return who writes the whole answer; None where there is no stream, or nobody knows its form."""
    response = source.response
    streamed = response is not None and 200 <= response.status < 300 and known.landed > 0
    return known.spoken.writer if streamed else None


def wants_whole(source: Exchange, known: Outline, target: str, body: bytes) -> bool:
    """Tell whether a request wants the whole answer, and the recorded one, which got the stream, did not."""
    if not known.spoken.asks_whole(target, body) or writer_of(source, known) is None:
        return False
    return not known.spoken.asks_whole(source.request.target, source.request.data)


def retold(reading: Reading, dialect: Dialect) -> Reading:
    """Return the events as ``dialect`` tells them, which wrote them: of a variation little may be seen in them."""
    if reading.dialect == dialect.name or not reading.landed:
        return reading
    told = (Landed(item.chunk, item.event, dialect.tell(item.event)) for item in reading.landed)
    return Reading(dialect.name, tuple(told))


def whole(source: Exchange, reading: Reading, writer: Writer, dice: Rng) -> Exchange:
    """Return the exchange with the whole answer in place of the stream; its times are all 0."""
    status, headers, body = _answer(reading, writer, dice)
    number, text = source.number, as_text(body)
    kept = tuple((name, value) for name, value in headers if name.lower() not in _BODILESS)
    response = Response(
        exchange=number,
        dt_us=0,
        status=status,
        reason="OK" if status == 200 else REASONS.get(status, ""),
        framing="content-length",
        headers=(*kept, ("content-length", str(len(body)))),
    )
    chunk = Chunk(exchange=number, dt_us=0, text=text, b64=body if text is None else None)
    end = Ending(exchange=number, dt_us=0, cause="complete")
    return Exchange(number=number, request=source.request, response=response, chunks=[chunk], end=end)


def at_the_end(answer: Exchange, stream: Timeline) -> Timeline:
    """Return the timeline of ``answer``, all of it when ``stream`` is over."""
    at_ns = stream[-1].at_ns
    return tuple(Step(at_ns, step.action, step.origin) for step in answer.timeline())


def _answer(reading: Reading, writer: Writer, dice: Rng) -> tuple[int, Headers, bytes]:
    answer = reading.answer()
    if answer.failure is not None:
        status = status_of(answer.failure)
        return status, *writer.error(answer.failure, status)
    return 200, writer.headers(dice, stream=False), writer.whole(answer, dice)


def status_of(failure: Failure) -> int:
    """Return the HTTP status that a failure would have had, told instead of a stream."""
    for told in (failure.code, failure.type):
        if told.isdecimal() and len(told) == 3 and 400 <= int(told) <= 599:
            return int(told)
    named = "".join(letter for letter in f"{failure.type} {failure.code}".lower() if letter.isalnum())
    return next((status for name, status in _STATUSES.items() if name in named), 500)
