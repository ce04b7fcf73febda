"""Streams as a recording that a server replays: to a client that is tested, or to whoever plays a finding again.

Law: each stream is an exchange of its own, answered in turn, a moment between its chunks, which are those that were
given without the empty ones, for HTTP has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamsim.recording.assemble import Assembler
from streamsim.recording.model import VERSION, Chunk, Ending, Header, Recording, Request, Response, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamsim.recording.model import Line

TYPE: Final = "text/event-stream"
_AT_ONCE: Final = 200
"""So many chunks and more come without time between them."""


class Manner(NamedTuple):
    """How a stream is served.

    Attributes:
        type: Its content type; as it is usual, it says nothing of a charset.
        pause_s: Between two chunks; by default so that a client is likely to read them one by one.
        last_s: Between the last chunk and the end.

    """

    type: str = TYPE
    pause_s: float = 0.001
    last_s: float = 0.0


USUAL: Final = Manner()


def recording_of(streams: Sequence[Sequence[bytes]], manner: Manner = USUAL, *, over: bool = False) -> Recording:
    """Return a recording of ``streams``; ``over``: whoever asks once more is told 204, "do not reconnect" (9.2.3)."""
    lines = [line for number, chunks in enumerate(streams, start=1) for line in _lines(number, chunks, manner)]
    if over:
        lines += _no_more(len(streams) + 1)
    assembler = Assembler("conformance")
    assembler.add([*lines], 2)
    exchanges = tuple(assembler.exchanges.values())
    return Recording(
        header=Header(version=VERSION), entries=tuple(assembler.entries), exchanges=exchanges, source="conformance"
    )


def _lines(number: int, chunks: Sequence[bytes], manner: Manner) -> Iterator[Line]:
    gap_us = int(manner.pause_s * 1e6) if len(chunks) < _AT_ONCE else 0
    headers = (("content-type", manner.type), ("cache-control", "no-store"), ("connection", "close"))
    yield _request(number)
    yield Response(exchange=number, dt_us=0, status=200, reason="OK", framing="chunked", headers=headers)
    for data in filter(None, chunks):
        text = as_text(data)
        yield Chunk(exchange=number, dt_us=gap_us, text=text, b64=data if text is None else None)
    yield Ending(exchange=number, dt_us=int(manner.last_s * 1e6), cause="complete")


def _no_more(number: int) -> list[Line]:
    answer = Response(exchange=number, dt_us=0, status=204, reason="No Content", framing="none", headers=())
    return [_request(number), answer, Ending(exchange=number, dt_us=0, cause="complete")]


def _request(number: int) -> Request:
    return Request(exchange=number, connection=number, at_us=0, method="GET", target="/stream", headers=())
