"""What a dialect must be able to tell of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from streamsim.sse import Event


class Dialect(Protocol):
    """A provider's protocol on top of SSE. All answers are about one event at a time."""

    @property
    def name(self) -> str:
        """What people call it, in lower case with hyphens."""
        ...

    def owns(self, event: Event) -> bool:
        """Tell whether ``event`` can only be of this dialect."""
        ...

    def content(self, event: Event) -> str:
        """Return what a reader would see grow: text, reasoning or tool arguments; "" for anything else."""
        ...

    def is_terminal(self, event: Event) -> bool:
        """Tell whether ``event`` ends the answer, well or badly."""
        ...
