"""A body of which nothing else is known, as a recording."""

from __future__ import annotations

from streamsim.recording.model import VERSION, Chunk, Ending, Exchange, Header, Recording, Request, Response


def recording_of(body: bytes, source: str) -> Recording:
    """Return a recording of an event stream, whose header says what is not known of it."""
    exchange = Exchange(
        number=1,
        request=Request(exchange=1, connection=1, at_us=0, method="GET", target="/", headers=()),
        response=Response(
            exchange=1, dt_us=0, status=200, framing="close", headers=(("content-type", "text/event-stream"),)
        ),
        chunks=[Chunk(exchange=1, dt_us=0, b64=body)],
        end=Ending(exchange=1, dt_us=0, cause="complete"),
    )
    header = Header(version=VERSION, imported="raw", lacks=("boundaries", "times", "request", "head"))
    return Recording(header=header, entries=(), exchanges=(exchange,), source=source)
