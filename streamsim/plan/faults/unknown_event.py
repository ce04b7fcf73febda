"""An event of a kind that did not exist when the reader was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects import aws_frames
from streamsim.plan.faults.inserting import Inserting
from streamsim.plan.faults.lines import one_line

if TYPE_CHECKING:
    from streamsim.plan.faults.fault import Scene


class UnknownEvent(Inserting, frozen=True, kw_only=True, tag="unknown_event"):
    """Insert an event of an unknown type: its name, and an object with that type.

    Where a stream has no names of events, it is the object alone.

    Attributes:
        type: Its name.

    """

    type: str = "brand_new"

    kinds = ("sse", "lines", "aws")
    sees: ClassVar[str] = "an event more, which it should pass over"
    rows: ClassVar[tuple[str, ...]] = ("H5",)
    incidents: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        """Refuse a name of several lines."""
        super().__post_init__()
        one_line(self, "type", self.type)

    def frames(self, scene: Scene, offset: int) -> bytes:
        """Return the event."""
        del offset
        name = one_line(self, "type", self.type)
        told = b'{"type":' + msgspec.json.encode(name.decode(errors="replace")) + b"}"
        if scene.anatomy.kind == "aws":
            names = {":message-type": "event", ":event-type": name.decode(errors="replace")}
            return aws_frames.frame({**names, ":content-type": "application/json"}.items(), told)
        if scene.anatomy.kind == "lines":
            return told + b"\n"
        named = any(item.event.type != "message" for item in scene.anatomy.landed)
        head = b"event: " + name + b"\n" if named else b""
        return (head + b"data: " + told + b"\n\n").replace(b"\n", scene.anatomy.eol)
