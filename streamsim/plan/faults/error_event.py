"""The provider fails after it answered 200, and says so inside the stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from streamsim.plan.draft import Cell, Piece
from streamsim.plan.faults.closing import Closing, finite
from streamsim.plan.faults.fault import Phase, streaming
from streamsim.plan.faults.framing import endless
from streamsim.plan.faults.inserting import takes_body
from streamsim.plan.faults.lines import one_line
from streamsim.plan.faults.provider_errors import StreamForm, stream_error
from streamsim.wire import End, Fin, Hang

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.plan.faults.fault import Scene
    from streamsim.wire import Action, Head


class ErrorEvent(Closing, frozen=True, kw_only=True, tag="error_event"):
    """Send an error event in a chunk of its own at the place, instead of all that follows, and end the answer.

    By default halfway through the events, at once (``after=0``); with ``at_event=0`` the error is the first event. A
    place inside a frame is the end of that frame. A body without frames is left alone, unless a place is given.

    Attributes:
        form: How it is written; ``auto``: as the providers of the stream's dialect do. ``openai``: ``{"error": …}``;
            ``anthropic``: ``event: error``; ``responses``: ``event: error``, then ``response.failed``; ``incomplete``:
            ``response.incomplete``; ``flat``: ``event: error`` and a bare message in JSON; ``text``: the same without
            JSON; ``generic``: ``event: error`` and ``{"error": …}``.
        type: The error's type or code; by default one that the form knows.
        message: The error's message, one line.
        done: ``true``: ``data: [DONE]`` follows.
        then: ``end``: complete; ``fin``: close without the final chunk; ``hang``: hold the connection open.
        for_: ``for=ever``: how long to hold it.

    """

    form: StreamForm = "auto"
    type: str = ""
    message: str = ""
    done: bool = False
    then: Literal["end", "fin", "hang"] = "end"
    for_: str = msgspec.field(default="ever", name="for")

    phase: ClassVar[Phase] = Phase.FRAMES  # it adds a frame, which whatever encodes the body encodes too
    sees: ClassVar[str] = "status 200, some events, then an error that nobody retries"
    rows: ClassVar[tuple[str, ...]] = ("E1", "E2", "E3", "E4", "E5", "E8")
    incidents: ClassVar[tuple[str, ...]] = (
        "anthropics/anthropic-sdk-python#688",
        "vercel/ai#2453",
        "block/goose#8021",
        "openai/openai-python#2487",
        "vercel/ai#6534",
        "openclaude#1174",
    )

    def __post_init__(self) -> None:
        """Refuse what is no duration, and what is not one line."""
        super().__post_init__()
        finite(self.for_, where=f"{self.name()}: for")
        one_line(self, "type", self.type)
        one_line(self, "message", self.message)

    def offset(self, scene: Scene) -> int:
        """Return the first place between two frames from the one that was asked for."""
        streaming(self, scene.anatomy)
        return scene.anatomy.between(super().offset(scene))

    def framed(self, head: Head) -> Head:
        """Return ``head`` with framing in which the end that was asked for can be told."""
        return head if self.then == "end" else endless(head)

    def actions(self) -> tuple[Action, ...]:
        """Return the end that was asked for."""
        if self.then == "hang":
            return (Hang(finite(self.for_, where=f"{self.name()}: for")),)
        return (Fin(),) if self.then == "fin" else (End(),)

    def apply(self, draft: Draft, scene: Scene) -> Draft:
        """Return ``draft`` up to the place, with the error and the end."""
        if not takes_body(draft):
            return draft
        offset = self.offset(scene)
        frames = stream_error(self.form, scene, offset, kind=self.type, message=self.message)
        if self.done:
            frames += b"data: [DONE]\n\n"
        closed = self.closed(draft, offset)
        data = frames.replace(b"\n", scene.anatomy.eol)
        return closed.with_cells((*closed.cells, Cell(closed.end[0].at_ns, (Piece(data, offset, offset),))))
