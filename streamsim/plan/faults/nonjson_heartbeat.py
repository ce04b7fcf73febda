"""A heartbeat that is an event, with data that is not what the events of the stream are."""

from __future__ import annotations

from typing import ClassVar, Literal

from streamsim.plan.faults.inserting import Inserting

_FORMS = {"event": b"event: ping\ndata: ping\n\n", "data": b"data: ping\n\n", "json": b'data:{"type":"heartbeat"}\n\n'}


class NonjsonHeartbeat(Inserting, frozen=True, kw_only=True, tag="nonjson_heartbeat"):
    """Insert an event that is no part of the answer.

    Attributes:
        form: ``event`` is ``event: ping`` with ``data: ping``, ``data`` is that data line alone, ``json`` is
            ``data:{"type":"heartbeat"}``.

    """

    form: Literal["event", "data", "json"] = "event"

    kinds = ("sse",)
    sees: ClassVar[str] = "an event more, of a kind it does not expect"
    rows: ClassVar[tuple[str, ...]] = ("D8",)
    incidents: ClassVar[tuple[str, ...]] = ("modelcontextprotocol/go-sdk#636", "block/goose#11816", "dav-mcp#31")

    def inserted(self) -> bytes:
        """Return the frame."""
        return _FORMS[self.form]
