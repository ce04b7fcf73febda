"""Any SSE stream: every event with data is content. ``[DONE]`` is the field's custom for the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsim.sse import Event

DONE = "[DONE]"


class Generic:
    """Takes what no other dialect knows."""

    name = "generic"

    def owns(self, event: Event) -> bool:  # noqa: ARG002 - the protocol's signature
        """Claim nothing."""
        return False

    def content(self, event: Event) -> str:
        """Return the data."""
        return "" if event.data == DONE else event.data

    def is_terminal(self, event: Event) -> bool:
        """Tell whether the data is ``[DONE]``."""
        return event.data == DONE
