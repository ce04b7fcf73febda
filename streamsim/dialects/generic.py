"""Any stream: every event with data is content. ``[DONE]`` is the field's custom for the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamsim.dialects.protocol import Dialect
from streamsim.dialects.told import NOTHING, Piece, Told

if TYPE_CHECKING:
    from streamsim.sse import Event

DONE = "[DONE]"
_END = Told(terminal=True)


class Generic(Dialect):
    """Takes what no other dialect knows."""

    name: ClassVar[str] = "generic"

    def owns(self, event: Event) -> bool:  # noqa: ARG002 - the protocol's signature
        """Claim nothing."""
        return False

    def tell(self, event: Event) -> Told:
        """Take the data for text."""
        if event.data == DONE:
            return _END
        return Told((Piece("text", event.data),)) if event.data else NOTHING

    def with_text(self, event: Event, text: str) -> str | None:
        """Return ``text``: there is nothing else."""
        return text if event.data and event.data != DONE else None


GENERIC = Generic()
