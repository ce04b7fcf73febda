"""Replicate's prediction streams: ``output`` events of plain text with ids, then ``done``.

Ids are a second and a number. ``done`` has an empty object, or the reason for another end. Only read.

Source: replicate.com/docs/topics/predictions/streaming, and one recorded stream.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.failing import failure
from streamsim.dialects.loosely import decoded
from streamsim.dialects.protocol import Dialect
from streamsim.dialects.told import NOTHING, Piece, Told

if TYPE_CHECKING:
    from streamsim.dialects.protocol import Writer
    from streamsim.sse import Event

_ID = re.compile(r"\d+:\d+")


class _Done(msgspec.Struct):
    reason: str = ""


_decoder = msgspec.json.Decoder(_Done)


class Replicate(Dialect):
    """``GET`` of a prediction's ``stream`` URL."""

    name: ClassVar[str] = "replicate"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = None

    def owns(self, event: Event) -> bool:
        """Tell by the name and the id's form."""
        return event.type == "output" and _ID.fullmatch(event.id) is not None

    def tell(self, event: Event) -> Told:
        """Return the data as text; the end, an error."""
        if event.type == "output":
            return Told((Piece("text", event.data),)) if event.data else NOTHING
        if event.type == "error":
            return Told(failure=failure(event.data), terminal=False)
        if event.type != "done":
            return NOTHING
        done = decoded(_decoder, event.data) or _Done()
        return Told(stops=((0, done.reason or "done"),), terminal=True)

    def with_text(self, event: Event, text: str) -> str | None:
        """Return ``text``: there is nothing else."""
        return text if event.type == "output" and event.data else None


DIALECTS = (Replicate(),)
