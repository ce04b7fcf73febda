"""A stream as a recording, which `serve` and `play` replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.recording.model import VERSION, Chunk, Ending, Exchange, Header, Recording, Request, Response, as_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamsim.recording.model import Entry


def recording_of(chunks: Iterable[bytes], *, gap_us: int, once: bool = False) -> Recording:
    """Return a recording of one answer: ``chunks``, ``gap_us`` apart; empty ones, which HTTP has not, left out.

    Given ``once``, there is a second answer, for who asks again: 204, no more of it.
    """
    exchanges = [_stream(chunks, gap_us)]
    if once:
        exchanges.append(_no_more())
    return Recording(
        header=Header(version=VERSION), entries=tuple(_entries(exchanges)), exchanges=tuple(exchanges), source="fuzz"
    )


def _entries(exchanges: Iterable[Exchange]) -> Iterable[Entry]:
    for exchange in exchanges:
        yield exchange.request
        if exchange.response is not None:
            yield exchange.response
        yield from exchange.chunks
        if exchange.end is not None:
            yield exchange.end


def _stream(chunks: Iterable[bytes], gap_us: int) -> Exchange:
    return Exchange(
        number=1,
        request=_request(1, 0),
        response=Response(
            exchange=1,
            dt_us=gap_us,
            status=200,
            reason="OK",
            framing="chunked",
            headers=(("content-type", "text/event-stream"), ("transfer-encoding", "chunked")),
        ),
        chunks=[_chunk(chunk, gap_us) for chunk in chunks if chunk],
        end=Ending(exchange=1, dt_us=gap_us, cause="complete"),
    )


def _chunk(data: bytes, gap_us: int) -> Chunk:
    text = as_text(data)
    return Chunk(exchange=1, dt_us=gap_us, text=text, b64=data if text is None else None)


def _no_more() -> Exchange:
    response = Response(exchange=2, dt_us=0, status=204, reason="No Content", framing="none", headers=())
    return Exchange(
        number=2,
        request=_request(2, 1_000_000),
        response=response,
        chunks=[],
        end=Ending(exchange=2, dt_us=0, cause="complete"),
    )


def _request(number: int, at_us: int) -> Request:
    return Request(exchange=number, connection=number, at_us=at_us, method="GET", target="/", headers=())
