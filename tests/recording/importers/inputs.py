"""Files of other tools, made by hand, and what comes of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from streamsim.recording.importers import import_recording
from streamsim.recording.model import Header

if TYPE_CHECKING:
    from streamsim.recording.importers import Imported
    from streamsim.recording.model import Exchange

BODY = b'data: {"n":1}\n\ndata: {"n":2}\n\n'
FRAMES = [b'data: {"n":1}\n\n', b'data: {"n":2}\n\n']
EVENTS = {"content-type": ["text/event-stream"]}


def imported(file: bytes | str | object, format: str | None = None) -> Imported:  # noqa: A002 - its name
    """Return what a file becomes; what is neither bytes nor text is written as JSON."""
    if not isinstance(file, bytes | str):
        file = json.dumps(file)
    return import_recording(file.encode() if isinstance(file, str) else file, source="file", format=format)


def only(told: Imported) -> Exchange:
    """Return the exchange of a recording that has one."""
    (exchange,) = told.recording.exchanges
    return exchange


def header(told: Imported) -> Header:
    """Return the first line of a recording."""
    assert isinstance(told.recording.header, Header)
    return told.recording.header


def chunks(exchange: Exchange) -> list[bytes]:
    """Return the bytes of each chunk."""
    return [chunk.data for chunk in exchange.chunks]


def gaps(exchange: Exchange) -> list[int]:
    """Return the microseconds before each chunk."""
    return [chunk.dt_us for chunk in exchange.chunks]


def cassette(*interactions: object) -> dict[str, object]:
    """Return a cassette of vcrpy."""
    return {"interactions": list(interactions), "version": 1}


def interaction(
    *,
    uri: str = "https://api.test/v1/x",
    string: object = BODY.decode(),
    asked: object = None,
    headers: object = None,
    **request: object,
) -> dict[str, object]:
    """Return an interaction of vcrpy."""
    return {
        "request": {"method": "POST", "uri": uri, "body": "{}", "headers": asked or {}, **request},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": EVENTS if headers is None else headers,
            "body": {"string": string},
        },
    }
