"""What a client says it received, held against what was delivered to it.

The laws: only what the client tells of an event is compared; a client that left early may have read less, but nothing
else. Text is compared as a whole and shown delta by delta, bytes as a whole and shown frame by frame.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol, TypeAlias

from streamsim.dialects.content_encoding import decoder, header
from streamsim.dialects.reading import is_event_stream
from streamsim.engine.side_by_side import Row
from streamsim.sse import FrameSplitter

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from streamsim.dialects import Landed
    from streamsim.engine.contents import Contents


class HasData(Protocol):
    """An event of any client: its data; its ``type`` (or ``event``) and ``id`` where it has them."""

    @property
    def data(self) -> str:
        """The data lines, joined by LF."""
        ...


Received: TypeAlias = "bytes | bytearray | str | Iterable[str | HasData]"


class Compared:
    """Both sides as rows.

    Attributes:
        noun: What a row is.
        delivered, received: The rows.

    """

    def __init__(self, noun: str, delivered: Sequence[Row], received: Sequence[Row]) -> None:
        self.noun = noun
        self.delivered = delivered
        self.received = received


def compared(contents: Contents, steps: int, at_ns: Callable[[int], int], received: Received) -> Compared | None:
    """Return both sides, or None where they are equal without looking closer.

    Args:
        contents: What was planned.
        steps: How many of its steps were delivered.
        at_ns: Tells when a step was.
        received: What the client says.

    """
    if isinstance(received, bytes | bytearray):
        return _bytes(contents, steps, at_ns, bytes(received))
    if isinstance(received, str):
        return _text(contents.events(steps), at_ns, received)
    return _events(contents.events(steps), at_ns, list(received))


def _bytes(contents: Contents, steps: int, at_ns: Callable[[int], int], received: bytes) -> Compared | None:
    bodies = contents.bodies[:steps]
    if b"".join(bodies) == received:
        return None
    if header(contents.headers, "content-encoding") not in ("", "identity"):
        decode = decoder(contents.headers)
        bodies = [decode(body) for body in bodies]  # what most clients hand on
    body = b"".join(bodies)
    if body == received:
        return None
    ends = list(accumulate(map(len, bodies)))
    frames = is_event_stream(contents.headers)
    rows: list[Row] = []
    offset = 0
    for piece in _pieces(body, frames=frames):
        offset += len(piece)
        rows.append(Row(piece, at_ns(bisect_left(ends, offset)), _shown(piece)))
    seen = [Row(piece, None, _shown(piece)) for piece in _pieces(received, frames=frames)]
    return Compared("frame" if frames else "line", rows, seen)


def _pieces(body: bytes, *, frames: bool) -> list[bytes]:
    if not frames:
        return body.splitlines(keepends=True)
    splitter = FrameSplitter(len(body) or 1)
    found = splitter.feed(body)
    rest = splitter.close()
    return [*found, rest] if rest else found


def _shown(piece: bytes) -> str:
    return piece.decode("utf-8", "backslashreplace")


def _text(landed: Sequence[Landed], at_ns: Callable[[int], int], received: str) -> Compared | None:
    said = [item for item in landed if item.content]
    if "".join(item.content for item in said) == received:
        return None
    rows = [Row(item.content, at_ns(item.chunk), item.content) for item in said]
    return Compared("delta", rows, [Row(piece, None, piece) for piece in _cut(received, said)])


def _cut(received: str, said: Sequence[Landed]) -> list[str]:
    """Return the text in pieces as long as the deltas that it repeats; from the first that it does not, in one."""
    pieces: list[str] = []
    place = 0
    for item in said:
        if not received.startswith(item.content, place):
            break
        pieces.append(item.content)
        place += len(item.content)
    return [*pieces, received[place:]] if place < len(received) else pieces


def _events(landed: Sequence[Landed], at_ns: Callable[[int], int], received: list[str | HasData]) -> Compared:
    fields = [_fields(event) for event in received]
    names = set(fields[0] if fields else ("data",)).intersection(*fields)
    rows = [
        _row({"data": item.event.data, "type": item.event.type, "id": item.event.id}, names, at_ns(item.chunk))
        for item in landed
    ]
    return Compared("event", rows, [_row(told, names, None) for told in fields])


def _fields(event: str | HasData) -> dict[str, str]:
    """Return what the client tells of ``event``. The type of one without a name is ``message``."""
    if isinstance(event, str):
        return {"data": event}
    told = {"data": event.data}
    kind = getattr(event, "type", getattr(event, "event", None))
    if isinstance(kind, str):
        told["type"] = kind or "message"
    number = getattr(event, "id", None)
    return {**told, "id": number} if isinstance(number, str) else told


def _row(told: dict[str, str], names: set[str], at_ns: int | None) -> Row:
    key: Hashable = tuple(told[name] for name in ("data", "type", "id") if name in names)
    kind = told["type"] if "type" in names and told["type"] != "message" else ""
    number = f"#{told['id']}" if "id" in names and told["id"] else ""
    label = " ".join(filter(None, (kind, number)))
    return Row(key, at_ns, f"[{label}] {told['data']}" if label else told["data"])
