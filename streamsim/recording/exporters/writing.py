"""Which exchanges are written in which format, and what that loses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamsim.dialects.content_encoding import header
from streamsim.dialects.units import is_event_stream
from streamsim.errors import RecordingError, UsageError
from streamsim.recording.exporters import har, raw, vcrpy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streamsim.recording.model import Exchange, Recording


class Exported(NamedTuple):
    """The bytes of the file, how many exchanges are in it, and what is not, in a few words each."""

    data: bytes
    exchanges: int
    lost: tuple[str, ...]


_FORMATS: Final[dict[str, Callable[[Recording, Sequence[Exchange]], bytes]]] = {
    "har": har.write,
    "vcrpy": vcrpy.write,
    "raw": raw.write,
}
FORMATS: Final = tuple(_FORMATS)


def export_recording(recording: Recording, *, format: str, exchange: int | None = None) -> Exported:  # noqa: A002 - its name
    """Return a file of another tool that tells the same, as far as it can.

    Args:
        recording: What to tell.
        format: One of :data:`FORMATS`.
        exchange: The only one to tell; None: all.

    Raises:
        UsageError: There is no such format, or it holds one exchange and there are several.
        RecordingError: There is no such exchange, or none with an answer.

    """
    if format not in _FORMATS:
        raise UsageError("--format", f"{format!r} is no format", f"known are {', '.join(FORMATS)}")
    chosen = recording.exchanges if exchange is None else (recording.exchange(exchange),)
    answered = [one for one in chosen if one.response is not None]
    if not answered:
        raise RecordingError(recording.source, "there is no answer to export", "choose another recording or --exchange")
    if format == "raw" and len(answered) > 1:
        numbers = ", ".join(str(one.number) for one in answered)
        raise UsageError("--format raw", "it holds one body", f"choose with --exchange: {numbers}")
    data = _FORMATS[format](recording, answered)
    return Exported(data, len(answered), (*_lost(answered, format), *_unanswered(chosen)))


def _lost(exchanges: Sequence[Exchange], format: str) -> Iterator[str]:  # noqa: A002 - its name
    if format == "raw":
        yield "request and head"
    if any(len(one.chunks) > 1 for one in exchanges):
        yield "chunk boundaries"
    if any(_timed(one, format) for one in exchanges):
        yield "times of chunks" if format == "har" else "times"
    if any(one.response and header(one.response.headers, "content-encoding") for one in exchanges):
        yield "compression"
    if any(one.infos for one in exchanges):
        yield "interim answers"
    if any(one.end and one.end.trailers for one in exchanges):
        yield "trailers"
    cut = [f"{one.number} ({one.end.cause if one.end else 'unknown'})" for one in exchanges if not _complete(one)]
    if cut:
        yield f"how exchange {', '.join(cut)} ended"


def _timed(exchange: Exchange, format: str) -> bool:  # noqa: A002 - its name
    """Tell whether times get lost: a HAR has those of events."""
    kept = format == "har" and exchange.response is not None and is_event_stream(exchange.response.headers)
    return not kept and any(chunk.dt_us for chunk in exchange.chunks)


def _complete(exchange: Exchange) -> bool:
    return exchange.end is not None and exchange.end.cause == "complete"


def _unanswered(exchanges: Sequence[Exchange]) -> Iterator[str]:
    numbers = [str(one.number) for one in exchanges if one.response is None]
    if numbers:
        yield f"exchange {', '.join(numbers)}, without an answer"
